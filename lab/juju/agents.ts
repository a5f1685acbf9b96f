/** The agents of machines and units: they are simulated, and run no hook for real. */
import type { Agenda } from './agenda.ts';
import {
  type ActionRecord,
  type Hook,
  type MachineRecord,
  type ModelRecord,
  type RelationRecord,
  statusNow,
  type UnitRecord,
} from './records.ts';

export interface AgentTimes {
  /** Until the cloud gives an instance. */
  readonly provision_s: number;
  /** Until the agent is installed on it. */
  readonly install_s: number;
  /** A hook. */
  readonly hook_s: number;
  readonly action_s: number;
  /** Until a failed hook is run again. */
  readonly retry_s: number;
  /** Until an instance is released. */
  readonly release_s: number;
}

/** Settings of a charm that tell its agent how to behave; a charm without them always succeeds. */
const FAIL_HOOK = 'fail-hook';
const WORKLOAD = 'workload-status';

/** What agents know of the world that they are in. */
export interface AgentWorld {
  readonly agenda: Agenda;
  readonly times: AgentTimes;
  changed(): void;
}

export class Agents {
  readonly #model: ModelRecord;
  readonly #world: AgentWorld;

  constructor(model: ModelRecord, world: AgentWorld) {
    this.#model = model;
    this.#world = world;
  }

  // ---------------------------------------------------------------- machines

  /** The provisioner asks the cloud; a machine whose constraints cannot be met stays in error. */
  provision(machine: MachineRecord): void {
    this.#world.agenda.after(this.#world.times.provision_s, () => {
      if (!this.#model.machines.has(machine.id) || machine.life === 'dying') return;
      const { cores = 1 } = machine.constraints as { cores?: number };
      if (cores > CORES_MAX) {
        machine.instance = statusNow('provisioning error', 'no matching instance types');
      } else {
        machine.instance = statusNow('running', 'Running');
        this.#world.agenda.after(this.#world.times.install_s, () => this.#started(machine));
      }
      this.#world.changed();
    });
  }

  #started(machine: MachineRecord): void {
    if (!this.#model.machines.has(machine.id) || machine.life === 'dying') return;
    machine.agent = statusNow('started');
    machine.isPresent = true;
    for (const unit of this.#model.unitsOn(machine)) this.begin(unit);
    this.#world.changed();
  }

  /** The instance is released, when no unit is on the machine any more. */
  release(machine: MachineRecord): void {
    machine.life = 'dying';
    if (this.#model.unitsOn(machine).length > 0) return;
    this.#world.agenda.after(this.#world.times.release_s, () => {
      this.#model.machines.delete(machine.id);
      this.#model.annotations.delete(`machine-${machine.id}`);
      this.#world.changed();
    });
  }

  // ---------------------------------------------------------------- units

  /** The agent of a unit comes up on a started machine. */
  begin(unit: UnitRecord): void {
    if (unit.machine?.agent.status !== 'started' || unit.agent.status !== 'allocating') return;
    unit.isPresent = true;
    unit.workload = statusNow('maintenance', 'installing charm software');
    const start = hook('start', () => this.#hasStarted(unit));
    const first = unit.isLeader ? [hook('install'), hook('leader-elected')] : [hook('install')];
    unit.queue.push(...first, hook('config-changed'), start);
    this.next(unit);
  }

  #hasStarted(unit: UnitRecord): void {
    unit.isStarted = true;
    this.#report(unit);
    for (const relation of this.#model.relationsOf(unit.application)) this.join(relation);
  }

  /** What the charm says of its workload. */
  #report(unit: UnitRecord): void {
    const status = unit.application.config[WORKLOAD] || 'active';
    const info = status === 'active' ? 'ready' : `${status} by configuration`;
    if (unit.workload.status !== status) unit.workload = statusNow(status, info);
  }

  /** Has an agent do something, after what it does already. */
  give(unit: UnitRecord, ...hooks: readonly Hook[]): void {
    unit.queue.push(...hooks);
    if (unit.isStarted || unit.life === 'dying') this.next(unit);
  }

  next(unit: UnitRecord): void {
    if (unit.current) return;
    const current = unit.queue.shift();
    unit.current = current;
    if (current) this.#run(unit, current);
    else if (unit.agent.status !== 'allocating') unit.agent = statusNow('idle');
    this.#world.changed();
  }

  #run(unit: UnitRecord, current: Hook): void {
    current.begin?.();
    unit.agent = statusNow('executing', current.info);
    if (unit.workload.status === 'error') unit.workload = statusNow('maintenance', 'retrying');
    const run_s = current.isAction ? this.#world.times.action_s : this.#world.times.hook_s;
    this.#world.agenda.after(run_s, () => this.#ended(unit, current));
  }

  #ended(unit: UnitRecord, current: Hook): void {
    if (unit.current !== current || !this.#isThere(unit)) return;
    if (!current.isAction && unit.application.config[FAIL_HOOK] === current.name) {
      this.#failed(unit, current);
      return;
    }
    unit.current = undefined;
    current.done?.();
    const isDue = current.name === 'config-changed' || unit.workload.status === 'maintenance';
    if (unit.isStarted && isDue) this.#report(unit);
    this.next(unit);
  }

  /** As the API shows it: the agent idle, the workload in error. */
  #failed(unit: UnitRecord, current: Hook): void {
    unit.agent = statusNow('idle');
    unit.workload = statusNow('error', `hook failed: "${current.name}"`);
    const { since } = unit.workload;
    this.#world.agenda.after(this.#world.times.retry_s, () => {
      if (unit.workload.since === since) this.retry(unit);
    });
    this.#world.changed();
  }

  /** Runs the hook again that failed. */
  retry(unit: UnitRecord): void {
    if (!this.#isThere(unit) || unit.workload.status !== 'error' || !unit.current) return;
    this.#run(unit, unit.current);
    this.#world.changed();
  }

  /** Its last hooks, then it is gone; one that never began is gone at once. */
  stop(unit: UnitRecord, force: boolean): void {
    if (unit.life === 'dying' && !force) return;
    unit.life = 'dying';
    if (force || unit.agent.status === 'allocating') {
      this.#gone(unit);
      return;
    }
    unit.queue.splice(
      0,
      unit.queue.length,
      hook('stop'),
      hook('remove', () => this.#gone(unit)),
    );
    this.next(unit);
  }

  #gone(unit: UnitRecord): void {
    const { application, machine } = unit;
    application.units.delete(unit.name);
    for (const action of this.#model.actions.values()) {
      const isOpen = ['pending', 'running'].includes(action.status);
      if (action.unit === unit && isOpen) action.status = 'cancelled';
    }
    const [next] = application.units.values();
    if (unit.isLeader && next) next.isLeader = true;
    const isUnused = machine && this.#model.unitsOn(machine).length === 0;
    if (isUnused && (machine.isForUnit || machine.life === 'dying')) this.release(machine);
    this.removeIfEmpty(unit.application.name);
    this.#world.changed();
  }

  /** A dying application goes with its last unit, and takes its relations with it. */
  removeIfEmpty(name: string): void {
    const application = this.#model.applications.get(name);
    if (application?.life !== 'dying' || application.units.size > 0) return;
    for (const relation of this.#model.relationsOf(application)) {
      this.#model.relations.delete(relation.id);
    }
    this.#model.applications.delete(name);
    this.#world.changed();
  }

  #isThere(unit: UnitRecord): boolean {
    return unit.application.units.get(unit.name) === unit;
  }

  // ---------------------------------------------------------------- relations

  /** Runs the hooks of a relation that both sides have units for, and joins it. */
  join(relation: RelationRecord): void {
    if (relation.status.status !== 'joining' || relation.life === 'dying') return;
    const sides = relation.endpoints.map(({ application }) =>
      [...application.units.values()].filter(({ isStarted }) => isStarted),
    );
    if (sides.some((units) => units.length === 0)) return;
    relation.status = statusNow('joined');
    relation.endpoints.forEach(({ name }, side) => {
      const hooks = ['created', 'joined', 'changed'].map((what) =>
        hook(`${name}-relation-${what}`),
      );
      for (const unit of sides[side]) this.give(unit, ...hooks);
    });
    this.#world.changed();
  }

  /** Every unit leaves; then it is gone. */
  leave(relation: RelationRecord): void {
    relation.life = 'dying';
    let left = 1;
    const oneLess = () => {
      left--;
      if (left === 0) this.#model.relations.delete(relation.id);
    };
    for (const { application, name } of relation.endpoints) {
      for (const unit of application.units.values()) {
        if (relation.status.status !== 'joined' || unit.life === 'dying') continue;
        left++;
        this.give(unit, hook(`${name}-relation-broken`, oneLess));
      }
    }
    oneLess();
    this.#world.changed();
  }

  // ---------------------------------------------------------------- upgrades, actions

  upgrade(unit: UnitRecord): void {
    const { application } = unit;
    const begin = () => {
      unit.charm = application.charm;
    };
    const change = { ...hook('upgrade-charm'), begin };
    if (unit.isStarted) this.give(unit, change, hook('config-changed'));
    else unit.charm = application.charm;
    this.#world.changed();
  }

  configure(unit: UnitRecord): void {
    if (unit.isStarted && unit.life === 'alive') this.give(unit, hook('config-changed'));
  }

  act(action: ActionRecord): void {
    this.give(action.unit, {
      name: action.name,
      info: `running action ${action.name}`,
      isAction: true,
      begin: () => {
        if (action.status === 'pending') action.status = 'running';
      },
      done: () => {
        if (action.status === 'aborting') action.status = 'aborted';
        if (action.status !== 'running') return;
        const isBad = action.parameters['fail'] === true;
        action.status = isBad ? 'failed' : 'completed';
        action.message = isBad ? 'it was asked to fail' : '';
      },
    });
  }
}

/** More than any instance of this cloud has. */
const CORES_MAX = 64;

function hook(name: string, done?: () => void): Hook {
  return { name, info: `running ${name} hook`, ...(done && { done }) };
}
