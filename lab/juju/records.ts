/** What a controller keeps, as this one does. */
import { randomUUID } from 'node:crypto';
import type { Charm, CharmEndpoint } from './charm.ts';
import { notFound } from './refusal.ts';

export type Life = 'alive' | 'dying';

export interface Status {
  status: string;
  info: string;
  since: string;
}

export interface UnitRecord {
  readonly name: string;
  readonly application: ApplicationRecord;
  machine: MachineRecord | undefined;
  life: Life;
  agent: Status;
  workload: Status;
  /** The charm that it runs. */
  charm: string;
  /** Whether its start hook has run. */
  isStarted: boolean;
  isLeader: boolean;
  /** Whether its agent is heard of. */
  isPresent: boolean;
  /** What its agent does next, in this order. */
  readonly queue: Hook[];
  /** What its agent does now, or failed to do. */
  current: Hook | undefined;
}

export interface Hook {
  readonly name: string;
  /** Shown while it runs. */
  readonly info: string;
  begin?(): void;
  done?(): void;
  /** Replaces the outcome of a hook: actions do not fail as hooks do. */
  readonly isAction?: boolean;
}

export interface ApplicationRecord {
  readonly name: string;
  charm: string;
  origin: Readonly<Record<string, unknown>>;
  channel: string;
  config: Record<string, string>;
  constraints: Readonly<Record<string, unknown>>;
  /** Spaces by endpoint. */
  readonly bindings: Readonly<Record<string, string>>;
  /** Revisions of resources of Charmhub that were asked for, by name. */
  readonly resources: Readonly<Record<string, string>>;
  isExposed: boolean;
  life: Life;
  readonly units: Map<string, UnitRecord>;
  nextUnit: number;
}

export interface MachineRecord {
  readonly id: string;
  life: Life;
  agent: Status;
  instance: Status;
  readonly base: { readonly name: string; readonly channel: string };
  constraints: Readonly<Record<string, unknown>>;
  /** Made for a unit, and gone with it. */
  readonly isForUnit: boolean;
  isPresent: boolean;
}

export interface RelationEndpoint extends CharmEndpoint {
  readonly application: ApplicationRecord;
}

export interface RelationRecord {
  readonly id: number;
  readonly key: string;
  readonly endpoints: readonly RelationEndpoint[];
  life: Life;
  status: Status;
}

export interface ActionRecord {
  readonly id: string;
  readonly unit: UnitRecord;
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  status: string;
  message: string;
}

export function statusNow(status: string, info = ''): Status {
  return { status, info, since: new Date().toISOString() };
}

export class ModelRecord {
  readonly uuid = randomUUID();
  readonly name: string;
  readonly owner: string;
  readonly cloud: string;
  life: Life = 'alive';
  status: Status = statusNow('available');
  readonly config: Record<string, unknown> = {};
  constraints: Readonly<Record<string, unknown>> = {};
  readonly charms = new Map<string, Charm>();
  readonly applications = new Map<string, ApplicationRecord>();
  readonly machines = new Map<string, MachineRecord>();
  readonly relations = new Map<number, RelationRecord>();
  readonly actions = new Map<string, ActionRecord>();
  readonly annotations = new Map<string, Readonly<Record<string, string>>>();
  /** Kinds of commands that an operator has disabled. */
  readonly blocks = new Set<'all-changes' | 'remove-objects'>();
  nextMachine = 0;
  nextRelation = 0;
  nextAction = 1;

  constructor(name: string, owner: string, cloud: string) {
    this.name = name;
    this.owner = owner;
    this.cloud = cloud;
  }

  application(name: string): ApplicationRecord {
    const found = this.applications.get(name);
    if (!found) throw notFound(`application "${name}"`);
    return found;
  }

  unit(name: string): UnitRecord {
    const found = this.applications.get(name.split('/')[0])?.units.get(name);
    if (!found) throw notFound(`unit "${name}"`);
    return found;
  }

  machine(id: string): MachineRecord {
    const found = this.machines.get(id);
    if (!found) throw notFound(`machine ${id}`);
    return found;
  }

  relation(id: number): RelationRecord {
    const found = this.relations.get(id);
    if (!found) throw notFound(`relation ${id}`);
    return found;
  }

  action(id: string): ActionRecord {
    const found = this.actions.get(id);
    if (!found) throw notFound(`action "${id}"`);
    return found;
  }

  unitsOn(machine: MachineRecord): readonly UnitRecord[] {
    return [...this.applications.values()].flatMap(({ units }) =>
      [...units.values()].filter((unit) => unit.machine === machine),
    );
  }

  relationsOf(application: ApplicationRecord): readonly RelationRecord[] {
    return [...this.relations.values()].filter(({ endpoints }) =>
      endpoints.some((each) => each.application === application),
    );
  }
}
