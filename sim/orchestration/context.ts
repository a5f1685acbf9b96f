/** Numbers of events and states of the orchestration layer, looked up once. */
import type { Engine } from '../../engine/engine.ts';
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

export class JujuContext {
  readonly world: SimWorld;
  readonly engine: Engine;
  readonly event: Readonly<Record<EventName, number>>;
  readonly kind: Readonly<Record<KindName, number>>;
  /** Events that set the status of an application or unit, by place in STATUSES. */
  readonly statusEvents: readonly number[];
  readonly models: (ModelRecord | undefined)[] = [];
  readonly applications: (ApplicationRecord | undefined)[] = [];
  readonly units: (UnitRecord | undefined)[] = [];
  readonly relations: (RelationRecord | undefined)[] = [];
  readonly #forget: number;

  constructor(world: SimWorld) {
    this.world = world;
    this.engine = world.engine;
    const { model } = world.engine;
    this.event = Object.fromEntries(EVENTS.map((e) => [e, model.eventId(e)])) as never;
    this.kind = Object.fromEntries(KINDS.map((k) => [k, model.kindId(k)])) as never;
    this.statusEvents = STATUSES.map((status) => model.eventId(`status_${status}`));
    this.#forget = world.scheduler.handler((entity, uid, cause) => {
      if (this.engine.isAlive(entity, uid)) this.engine.remove(entity, cause);
    });
  }

  /** A mask over state numbers: the states of a kind that any of the patterns means. */
  mask(kind: KindName, ...patterns: readonly string[]): Uint8Array {
    const masks = patterns.map((pattern) => this.engine.statesMatching(kind, pattern));
    return masks[0].map((_, s) => (masks.some((m) => m[s] === 1) ? 1 : 0));
  }

  /** Removes an entity once everything that goes on at this instant about it is over. */
  forget(entity: number, cause: number): void {
    this.world.scheduler.soon(this.#forget, entity, this.engine.uid[entity], cause);
  }
}
