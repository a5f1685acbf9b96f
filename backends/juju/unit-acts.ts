/** What is done to units, and what is waited for while their agents do it. */
import { type Act, type ActContext, acting, unknown, until } from './act.ts';
import { runAction } from './action-acts.ts';
import { agentOf, destroyUnits, type Removal } from './application-acts.ts';
import { unitTag } from './inventory.ts';
import type { Params } from './params.ts';
import { check } from './results.ts';

/** juju remove-unit; waits until its last hooks have run and it is gone. */
async function removeUnit(context: ActContext, removal: Removal): Promise<void> {
  const { entity, view } = context;
  if (!(await view.read()).unit(entity)) return;
  await destroyUnits(context, [entity], removal);
  await until(context, (snapshot) => {
    const unit = snapshot.unit(entity);
    if (!unit) return 'done';
    const isStuck = agentOf(unit) === 'error' && !removal.force;
    return isStuck
      ? { failed: `${unit['workload-status'].info}; it stays until resolved` }
      : 'wait';
  });
}

const remove: Act<Params<'unit', 'remove'>> = (context) => removeUnit(context, context.params);

const forceRemove: Act<Params<'unit', 'force_remove'>> = (context) =>
  removeUnit(context, { ...context.params, force: true });

/** juju resolve: the failed hook is run again. */
const resolve: Act = async (context) => {
  const { entity, view } = context;
  const before = (await view.read()).unit(entity);
  if (!before) throw unknown(`unit ${entity}`);
  const facade = await acting(context, 'Application');
  const tags = { entities: [{ tag: unitTag(entity) }] };
  check((await facade.resolveUnitErrors({ tags, retry: true, all: false })).results, entity);
  const failedAt = before['agent-status'].since;
  await until(context, (snapshot) => {
    const unit = snapshot.unit(entity);
    if (!unit) return { overtaken: 'it is gone' };
    const agent = agentOf(unit);
    if (agent === 'idle') return 'done';
    // Until the agent hears of it the status is that of the failure before.
    const isAgain = agent === 'error' && unit['agent-status'].since !== failedAt;
    return isAgain ? { failed: unit['workload-status'].info } : 'wait';
  });
};

const runUnitAction: Act<Params<'unit', 'run_action'>> = async (context) => {
  await runAction(context, { unit: context.entity, ...context.params });
};

/** Waits while the agent is in one of these states. */
function while_(...states: readonly string[]): Act {
  return async (context) => {
    const { entity } = context;
    await until(context, (snapshot) => {
      const unit = snapshot.unit(entity);
      if (!unit) return { overtaken: 'it is gone' };
      const [agent] = snapshot.find('unit', entity).state.split('+');
      if (states.includes(agent)) return 'wait';
      return agent === 'error' ? { failed: unit['workload-status'].info } : 'done';
    });
  };
}

const monitor: Act = async (context) => {
  const { entity } = context;
  await until(context, (snapshot) => {
    const unit = snapshot.unit(entity);
    if (!unit) return { overtaken: 'it is gone' };
    return agentOf(unit) === 'lost' ? 'done' : 'wait';
  });
};

const INSTALLING = ['allocating', 'executing.install'];
const CONFIGURING = [...INSTALLING, 'executing.config_changed'];

/** The agent does these by itself. */
const WAITS = {
  install: while_(...INSTALLING),
  config_changed: while_(...CONFIGURING),
  start: while_(...CONFIGURING, 'executing.start'),
  relation_changed: while_('executing.relation_changed'),
  update_config: while_('executing.update_config'),
  upgrade_charm: while_('executing.upgrade_charm'),
  await_retry: while_('error'),
  reboot: while_('rebooting'),
  monitor,
};
export const UNIT_WAITS = Object.keys(WAITS);

export const UNIT_ACTS = {
  stop: remove,
  remove,
  force_remove: forceRemove,
  resolve,
  run_action: runUnitAction,
  ...WAITS,
};
