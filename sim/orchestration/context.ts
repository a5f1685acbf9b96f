/** Numbers of events and kinds of the orchestration layer, and the records of its objects. */
import { LayerContext } from '../container/layer-context.ts';
import type { SimWorld } from '../world.ts';
import type { ApplicationRecord, ModelRecord, RelationRecord, UnitRecord } from './records.ts';

/** Workload statuses from worst to best, as `DeriveStatus` orders them. */
export const STATUSES = [
  'error',
  'blocked',
  'maintenance',
  'waiting',
  'active',
  'terminated',
  'unknown',
] as const;

const EVENTS = [
  ...['done', 'fault', 'remove', 'force_remove', 'scale_up', 'allocated', 'agent_lost'],
  ...['relation_changed', 'upgrade_charm', 'joined', 'begin', 'completed', 'failed'],
  ...['agent_error', 'unit_failed', 'unit_resolved'],
  ...['status_active', 'status_waiting'],
] as const;
type EventName = (typeof EVENTS)[number];

const KINDS = [
  ...['model', 'application', 'unit', 'relation', 'juju-machine', 'action', 'upgrade'],
] as const;
type KindName = (typeof KINDS)[number];

export class JujuContext extends LayerContext<KindName, EventName> {
  /** Events that set the status of an application or unit, by place in STATUSES. */
  readonly statusEvents: readonly number[];
  readonly models: (ModelRecord | undefined)[] = [];
  readonly applications: (ApplicationRecord | undefined)[] = [];
  readonly units: (UnitRecord | undefined)[] = [];
  readonly relations: (RelationRecord | undefined)[] = [];

  constructor(world: SimWorld) {
    super(world, KINDS, EVENTS);
    this.statusEvents = STATUSES.map((status) => world.engine.model.eventId(`status_${status}`));
  }
}
