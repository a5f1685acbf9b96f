/** What is done to units, and what is waited for while their agents do it. */
import { type Act, acting, unknown, until } from './act.ts';
import { runAction } from './action-acts.ts';
import { agentOf, destroyUnits } from './application-acts.ts';
import { unitTag } from './inventory.ts';
import { parse } from './params.ts';
import { check } from './results.ts';

/** juju remove-unit; waits until its last hooks have run and it is gone. */
function removeUnit(always: Readonly<Record<string, unknown>> = {}): Act {
  return async (context) => {
    const { entity, view } = context;
    const params = parse('remove', { ...context.params, ...always }, entity);
    if (!(await view.read()).unit(entity)) return;
    await destroyUnits(context, [entity], params);
    await until(context, (snapshot) => {
      const unit = snapshot.unit(entity);
      if (!unit) return 'done';
      const isStuck = agentOf(unit) === 'error' && !params.force;
      return isStuck
        ? { failed: `${unit['workload-status'].info}; it stays until resolved` }
        : 'wait';
    });
  };
}

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

const runUnitAction: Act = async (context) => {
  const { entity } = context;
  const { action, params } = parse('unitAction', context.params, entity);
  await runAction(context, { unit: entity, action, params });
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
const WAITS: Readonly<Record<string, Act>> = {
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

export const UNIT_ACTS: Readonly<Record<string, Act>> = {
  stop: removeUnit(),
  remove: removeUnit(),
  force_remove: removeUnit({ force: true }),
  resolve,
  run_action: runUnitAction,
  ...WAITS,
};
