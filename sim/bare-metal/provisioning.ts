/**
 * What the operators of the site do about its machines, as rules: a machine in this status is asked
 * for that. Together they bring every machine the stack needs to `deployed`, and keep at it.
 */
import type { StatusName } from '../../model/bare-metal/maas.ts';
import type { Stack } from '../../model/scenario.ts';
import { EntityMap } from '../entity-map.ts';
import type { DrawKey, SimWorld } from '../world.ts';
import type { MachineStates } from './machine-states.ts';
import type { Site } from './site.ts';

/** Automation goes on at once; about a failure a person has to think first. */
type When = 'at once' | 'after a look';

interface Rule {
  readonly status: StatusName;
  readonly ask: string;
  readonly when: When;
  /** After this many tries in vain the machine is marked broken. */
  readonly tries?: number;
}

const RULES: readonly Rule[] = [
  { status: 'allocated', ask: 'deploy', when: 'at once' },
  { status: 'failed_commissioning', ask: 'commission', when: 'after a look', tries: 3 },
  // Released it becomes ready, and is allocated and deployed again.
  { status: 'failed_deployment', ask: 'release', when: 'after a look', tries: 3 },
  { status: 'failed_releasing', ask: 'release', when: 'after a look', tries: 3 },
  { status: 'failed_disk_erasing', ask: 'erase', when: 'after a look', tries: 3 },
  { status: 'failed_testing', ask: 'mark_broken', when: 'after a look' },
];

/** Whether a machine flavor is put to use by anything in the stack. */
export function isWanted(stack: Stack, flavor: string): boolean {
  if (stack.operating_system) return true;
  const users: readonly (readonly string[] | undefined)[] = [
    stack.hypervisor?.on,
    stack.ovn?.chassis,
    stack.ovn?.gateways,
    stack.ceph?.mons.on,
    stack.ceph?.mgrs.on,
    stack.ceph?.osds.on,
    stack.ceph?.mds.on,
    stack.ceph?.rgw.on,
    stack.openstack?.control,
    stack.openstack?.compute,
    stack.containers?.on,
    ...stack.kubernetes.map((cluster) =>
      cluster.nodes.type === 'machines' ? cluster.nodes.on : undefined,
    ),
  ];
  return users.some((flavors) => flavors?.includes(flavor));
}

export function installProvisioning(world: SimWorld, site: Site, states: MachineStates): void {
  const { engine, scheduler } = world;
  const reaction = world.timing('machine.operator_reaction');
  const repair = world.timing('machine.hardware_repair');
  const ask = scheduler.handler((machine, event, cause) => engine.send(machine, event, cause));
  const later = (machine: number, timing: DrawKey, event: number, row: number): void => {
    scheduler.after(world.draw(machine, timing), ask, machine, event, row);
  };
  const tried = new EntityMap(engine);

  commissionWithNetwork(world, site, states);
  allocateWanted(world, site);
  for (const rule of RULES) {
    follow(world, rule, tried, (machine, event, row) => later(machine, reaction, event, row));
  }

  const markFixed = engine.model.eventId('mark_fixed');
  engine.onEnter('machine', 'deployed', (machine) => tried.set(machine, 0));
  engine.onEnter('machine', 'broken', (machine, row) => {
    tried.set(machine, 0);
    later(machine, repair, markFixed, row);
  });

  // MAAS waits for ever for a machine that lost its power in the middle of a wipe.
  const abort = engine.model.eventId('abort');
  for (const power of ['unpowered', 'dead']) {
    engine.onEnter('machine', power, (machine, row) => {
      if (states.isIn(engine.state[machine], 'disk_erasing')) later(machine, reaction, abort, row);
    });
  }
}

/** A machine is commissioned when its rack has a network to boot it from. */
function commissionWithNetwork(world: SimWorld, site: Site, states: MachineStates): void {
  const { engine } = world;
  const commission = engine.model.eventId('commission');
  engine.onEnter('switch', 'up', (entity, row) => {
    for (const machine of site.machinesAt(entity)) {
      if (states.isIn(engine.state[machine], 'new')) engine.send(machine, commission, row);
    }
  });
}

/** A machine that the stack needs is allocated as soon as it is ready; others stay in the pool. */
function allocateWanted(world: SimWorld, site: Site): void {
  const { engine, scenario } = world;
  const allocate = engine.model.eventId('allocate');
  const flavors = Object.keys(scenario.site.flavors);
  const wanted = new Set(flavors.filter((flavor) => isWanted(scenario.stack, flavor)));
  engine.onEnter('machine', 'ready', (machine, row) => {
    if (wanted.has(site.flavorOf(machine))) engine.send(machine, allocate, row);
  });
}

function follow(
  world: SimWorld,
  { status, ask, when, tries }: Rule,
  tried: EntityMap,
  later: (machine: number, event: number, row: number) => void,
): void {
  const { engine } = world;
  const event = engine.model.eventId(ask);
  const markBroken = engine.model.eventId('mark_broken');
  engine.onEnter('machine', status, (machine, row) => {
    if (when === 'at once') {
      engine.send(machine, event, row);
      return;
    }
    const count = Math.max(0, tried.get(machine)) + 1;
    tried.set(machine, count);
    const hopeless = tries !== undefined && count > tries;
    later(machine, hopeless ? markBroken : event, row);
  });
}
