/** Machines of the model. */
import { type Act, type ActContext, acting, callOf, unknown, until } from './act.ts';
import { baseOf } from './charms.ts';
import { MACHINE_ID, parseConstraints, parsePlacement } from './constraints.ts';
import { jujuFault } from './faults.ts';
import { machineTag } from './inventory.ts';
import type { Params } from './params.ts';
import { check } from './results.ts';
import type { Snapshot } from './view.ts';

type Provision = Params<'juju-machine', 'provision'>;

/**
 * juju add-machine; waits until the cloud has given an instance. Juju numbers machines by itself, so
 * that a number is no name for a new one.
 */
const provision: Act<Provision> = async (context) => {
  const { entity, view } = context;
  if (!(await view.read()).machine(entity)) {
    if (MACHINE_ID.test(entity))
      throw jujuFault('JUJU_BAD_PARAMS', `${entity}: no name but a number`);
    await addMachine(context);
  }
  await reached(context, ['pending.allocating']);
};

/** Adds a machine and gives it its name. */
export async function addMachine(context: ActContext<Provision>): Promise<string> {
  const { controller, entity, names } = context;
  const { base, constraints, to } = context.params;
  const placement = to === undefined ? undefined : parsePlacement(to, controller.modelUuid ?? '');
  const isContainer = placement?.scope === 'lxd';
  const wanted = {
    constraints: parseConstraints(constraints),
    jobs: ['host-units'],
    'container-type': isContainer ? placement.scope : '',
    'parent-id': isContainer ? placement.directive : '',
    ...{ 'instance-id': '', nonce: '', addresses: [], 'hardware-characteristics': {} },
    ...(base !== undefined && { base: baseOf(base) }),
    ...(placement && !isContainer && { placement }),
  };
  const facade = await acting(context, 'MachineManager');
  const { machines } = await facade.addMachines({ params: [wanted] });
  check(machines, entity);
  const id = machines?.[0]?.machine ?? '';
  if (id === '') throw jujuFault('JUJU_MALFORMED', `${entity}: the machine has no number`);
  await names.set(id, entity, callOf(context));
  return id;
}

/** Waits while the machine is in one of these states; `error` and `down` end it badly. */
function reached(context: ActContext, states: readonly string[]): Promise<void> {
  const { entity } = context;
  return until(context, (snapshot) => {
    if (!snapshot.machine(entity)) return { overtaken: 'it is gone' };
    const { reason = '', state } = snapshot.find('juju-machine', entity);
    if (states.includes(state)) return 'wait';
    return ['error', 'down'].includes(state) ? { failed: reason } : 'done';
  });
}

const installAgent: Act = (context) =>
  reached(context, ['pending.allocating', 'pending.installing']);

/** juju remove-machine; waits until its instance is released. */
const release: Act<Params<'juju-machine', 'release'>> = async (context) => {
  const { entity, view } = context;
  const { force, keep } = context.params;
  const id = idOf(context, await view.read());
  if (id === undefined) return;
  const facade = await acting(context, 'MachineManager');
  const wanted = { 'machine-tags': [machineTag(id)], force, keep };
  check((await facade.destroyMachineWithParams(wanted)).results, entity);
  await until(context, (snapshot) => (snapshot.machine(entity) ? 'wait' : 'done'));
};

/** juju retry-provisioning; waits until the cloud has given an instance, or refused it again. */
const retry: Act = async (context) => {
  const { entity, view } = context;
  const before = await view.read();
  const id = idOf(context, before);
  if (id === undefined) throw unknown(`machine ${entity}`);
  const refusedAt = before.machine(entity)?.['instance-status'].since;
  const facade = await acting(context, 'MachineManager');
  const wanted = { machines: [machineTag(id)], all: false };
  check((await facade.retryProvisioning(wanted)).results, entity);
  await until(context, (snapshot) => {
    const machine = snapshot.machine(entity);
    if (!machine) return { overtaken: 'it is gone' };
    const { reason = '', state } = snapshot.find('juju-machine', entity);
    const isAgain = state === 'error' && machine['instance-status'].since !== refusedAt;
    if (isAgain) return { failed: reason };
    return ['error', 'pending.allocating'].includes(state) ? 'wait' : 'done';
  });
};

function idOf({ entity, names }: ActContext, snapshot: Snapshot): string | undefined {
  return snapshot.machine(entity) && names.idOf(entity);
}

export const MACHINE_ACTS = {
  provision,
  install_agent: installAgent,
  release,
  remove: release,
  retry,
};
