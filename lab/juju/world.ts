/** The models of one controller, and what may be done to them. */
import { Agenda } from './agenda.ts';
import { Agents, type AgentTimes } from './agents.ts';
import type { Charm } from './charm.ts';
import {
  type ApplicationRecord,
  type MachineRecord,
  ModelRecord,
  statusNow,
  type UnitRecord,
} from './records.ts';
import { Refusal } from './refusal.ts';

/** Quick, for tests without servers. */
export const QUICK: AgentTimes = {
  provision_s: 0.02,
  install_s: 0.02,
  hook_s: 0.01,
  action_s: 0.05,
  retry_s: 5,
  release_s: 0.02,
};

/** A revision that the charm store of this world has. */
export interface StoredCharm {
  readonly charm: Charm;
  readonly revision: number;
  readonly channel: string;
}

export class World {
  readonly agenda = new Agenda();
  readonly models = new Map<string, ModelRecord>();
  /** What stands for Charmhub. */
  readonly store: StoredCharm[] = [];
  readonly #agents = new Map<ModelRecord, Agents>();
  readonly #listeners = new Set<() => void>();
  times: AgentTimes;

  constructor(times: AgentTimes = QUICK) {
    this.times = times;
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  addModel(name: string, owner: string, cloud = 'lab'): ModelRecord {
    const all = [...this.models.values()];
    if (all.some((each) => each.name === name && each.owner === owner)) {
      throw new Refusal('already exists', `model "${name}" for ${owner} already exists`);
    }
    const model = new ModelRecord(name, owner, cloud);
    this.models.set(model.uuid, model);
    this.#agents.set(model, new Agents(model, this));
    this.changed();
    return model;
  }

  model(uuid: string): ModelRecord {
    const found = this.models.get(uuid);
    if (!found) throw new Refusal('model not found', `model not found: ${uuid}`);
    return found;
  }

  agents(model: ModelRecord): Agents {
    return this.#agents.get(model) as Agents;
  }

  /** Everything in it goes first. */
  destroyModel(model: ModelRecord, force: boolean): void {
    model.life = 'dying';
    model.status = statusNow('destroying');
    for (const application of model.applications.values()) this.destroy(model, application, force);
    for (const machine of model.machines.values()) this.agents(model).release(machine);
    const unlisten = this.onChange(() => {
      if (model.applications.size > 0 || model.machines.size > 0) return;
      unlisten();
      this.models.delete(model.uuid);
      this.changed();
    });
    this.changed();
  }

  destroy(model: ModelRecord, application: ApplicationRecord, force: boolean): void {
    application.life = 'dying';
    for (const unit of [...application.units.values()]) this.agents(model).stop(unit, force);
    this.agents(model).removeIfEmpty(application.name);
    this.changed();
  }

  addMachine(model: ModelRecord, wanted: Partial<MachineRecord>): MachineRecord {
    const machine: MachineRecord = {
      id: String(model.nextMachine++),
      life: 'alive',
      agent: statusNow('pending'),
      instance: statusNow('allocating', 'starting'),
      base: { name: 'ubuntu', channel: '22.04/stable' },
      constraints: {},
      isForUnit: false,
      isPresent: false,
      ...wanted,
    };
    model.machines.set(machine.id, machine);
    this.agents(model).provision(machine);
    this.changed();
    return machine;
  }

  addUnit(model: ModelRecord, application: ApplicationRecord, on?: MachineRecord): UnitRecord {
    const { base } = application.origin as { base?: MachineRecord['base'] };
    const { constraints } = application;
    const unit: UnitRecord = {
      name: `${application.name}/${application.nextUnit++}`,
      application,
      machine: undefined,
      life: 'alive',
      agent: statusNow('allocating'),
      workload: statusNow('waiting', 'waiting for machine'),
      charm: application.charm,
      isStarted: false,
      isLeader: application.units.size === 0,
      isPresent: false,
      queue: [],
      current: undefined,
    };
    application.units.set(unit.name, unit);
    unit.machine =
      on ?? this.addMachine(model, { constraints, isForUnit: true, ...(base && { base }) });
    if (on) this.agents(model).begin(unit);
    this.changed();
    return unit;
  }

  close(): void {
    this.agenda.close();
    this.#listeners.clear();
  }
}
