/** What the simulated Juju controller knows of its objects beside their states. */
import type { JujuApplication, JujuModel } from '../../model/scenario.ts';

export interface ModelRecord {
  readonly spec: JujuModel;
  readonly entity: number;
  readonly applications: ApplicationRecord[];
  machines: number;
}

export interface ApplicationRecord {
  readonly spec: JujuApplication;
  readonly model: ModelRecord;
  readonly entity: number;
  readonly units: Set<UnitRecord>;
  readonly relations: RelationRecord[];
  /** Units in each workload status, by its place in STATUSES. */
  readonly statusCounts: number[];
  /** Number of the next unit; numbers are never used again. */
  nextUnit: number;
  /** Charm revision that its units are to have. */
  revision: number;
  /** The request its entity waits for, or -1. */
  token: number;
  /** The upgrade under way or the last one, or -1. */
  upgrade: number;
}

export interface UnitRecord {
  readonly entity: number;
  readonly uid: number;
  readonly application: ApplicationRecord;
  readonly name: string;
  /** Its Juju machine, or -1 in a Kubernetes model. */
  machine: number;
  /** Its pod, or -1 in a model on machines. */
  pod: number;
  revision: number;
  /** Whether it has run the hooks of its relations. */
  isRelated: boolean;
  isRemoving: boolean;
  /** Failed hooks in a row. */
  failures: number;
  /** The action it runs, or -1. */
  action: number;
}

export interface RelationRecord {
  readonly entity: number;
  readonly sides: readonly [ApplicationRecord, ApplicationRecord];
}
