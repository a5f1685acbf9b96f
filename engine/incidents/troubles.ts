/**
 * Troubles: every time an entity was out of service (it had served and stopped serving) or impaired
 * (it served, but failed or still recovering), each put down to the origin of the row that began
 * it. One pass over the columns; what it keeps is one number for each row, some for each entity and
 * some for each trouble.
 */
import type { RecordingBatch } from '../recording/batches.ts';
import { ROLE } from '../recording/format.ts';
import type { Recording } from '../recording/recording.ts';
import { FaultTest, NO_ORIGIN, ORIGIN, OriginTable } from './origins.ts';
import { SPELL, SpellTable } from './spells.ts';

const NONE = -1;

/** States in which an entity stands by for another of its kind: as well as it can be. */
const STANDBY: ReadonlySet<string> = new Set(['mds/standby', 'mgr/standby']);

/** In place of a state: the entity was removed, or never was. */
export const GONE = -1;

const CLASS_STABLE = 0;
const CLASS_TRANSIENT = 1;
const CLASS_FAILED = 2;

export class Troubles {
  readonly recording: Recording;
  readonly origins = new OriginTable();
  /** By row: number of its origin, or NO_ORIGIN. */
  readonly originOf: Int32Array;
  /** Out of service, from the first moment to the return to a serving state or to standby. */
  readonly outages = new SpellTable();
  /** Serving in a failed state, or still recovering after an outage, until serving and stable. */
  readonly impaired = new SpellTable();
  /** By entity: state at the end, or GONE, and the origin of the row that entered it. */
  readonly state: Int32Array;
  readonly stateOrigin: Int32Array;
  /** By entity: whether it ever served. */
  readonly served: Uint8Array;

  private readonly faults: FaultTest;
  private readonly serving: Uint8Array;
  private readonly classOf: Uint8Array;
  private readonly lostEvent: number;
  private readonly openOutage: Int32Array;
  private readonly openImpaired: Int32Array;

  constructor(recording: Recording) {
    const { states, events, rows, entityCount } = recording;
    this.recording = recording;
    this.faults = new FaultTest(recording);
    this.serving = Uint8Array.from(states, (state) =>
      state.serving || STANDBY.has(state.name) ? 1 : 0,
    );
    this.classOf = Uint8Array.from(states, (state) =>
      state.class === 'stable'
        ? CLASS_STABLE
        : state.class === 'transient'
          ? CLASS_TRANSIENT
          : CLASS_FAILED,
    );
    this.lostEvent = events.indexOf('lost');
    this.originOf = new Int32Array(rows);
    this.state = new Int32Array(entityCount).fill(GONE);
    this.stateOrigin = new Int32Array(entityCount).fill(NO_ORIGIN);
    this.served = new Uint8Array(entityCount);
    this.openOutage = new Int32Array(entityCount).fill(NONE);
    this.openImpaired = new Int32Array(entityCount).fill(NONE);
    for (const batch of recording.batches) this.take(batch);
  }

  private take(batch: RecordingBatch): void {
    const { length, firstRow, event, cause, entity } = batch;
    const { roles } = this.recording;
    const { originOf } = this;
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      const inherited = cause[i] < 0 ? NO_ORIGIN : originOf[cause[i]];
      if (role > ROLE.removed) {
        originOf[firstRow + i] = role >= ROLE.keyframe ? NO_ORIGIN : inherited;
        continue;
      }
      const origin = inherited === NO_ORIGIN ? this.originOfRow(batch, i, role) : inherited;
      originOf[firstRow + i] = origin;
      if (role === ROLE.removed) this.remove(entity[i], batch.time_s[i]);
      else this.enter(batch, i, role, origin);
    }
  }

  /** The origin of a row without a cause: itself, or the trouble that it does something about. */
  private originOfRow(batch: RecordingBatch, i: number, role: number): number {
    const { entity, from, event, to, time_s } = batch;
    const isFault = role === ROLE.transition && this.faults.isFault(from[i], event[i], to[i]);
    if (!isFault && role === ROLE.transition) {
      const outage = this.openOutage[entity[i]];
      const mends = this.serving[to[i]] === 1 || this.faults.isRepair(event[i], to[i]);
      if (outage !== NONE && mends) return this.outages.origin[outage];
      const impaired = this.openImpaired[entity[i]];
      if (impaired !== NONE && this.isWhole(to[i])) return this.impaired.origin[impaired];
    }
    const atStart = time_s[i] === this.recording.start_s;
    const type = isFault ? ORIGIN.fault : atStart ? ORIGIN.start : ORIGIN.work;
    return this.origins.add(batch.firstRow + i, type, event[i], to[i]);
  }

  private isWhole(state: number): boolean {
    return this.serving[state] === 1 && this.classOf[state] === CLASS_STABLE;
  }

  private enter(batch: RecordingBatch, i: number, role: number, origin: number): void {
    const e = batch.entity[i];
    const to = batch.to[i];
    const time_s = batch.time_s[i];
    this.state[e] = to;
    this.stateOrigin[e] = origin;
    if (this.serving[to] === 0) {
      if (this.served[e] === 1) this.fall(batch, i, origin);
      return;
    }
    this.served[e] = 1;
    let trouble = origin;
    const outage = this.openOutage[e];
    if (outage !== NONE) {
      trouble = this.outages.origin[outage];
      this.outages.end_s[outage] = time_s;
      this.openOutage[e] = NONE;
    }
    const isFailed = this.classOf[to] === CLASS_FAILED;
    const open = this.openImpaired[e];
    if (this.isWhole(to)) {
      if (open !== NONE) this.endImpaired(e, time_s);
    } else if (open === NONE && role !== ROLE.created && (isFailed || outage !== NONE)) {
      const flags = isFailed ? SPELL.failed : 0;
      this.openImpaired[e] = this.impaired.open(e, time_s, trouble, flags);
    } else if (open !== NONE && isFailed) {
      this.impaired.flags[open] |= SPELL.failed;
    }
  }

  /** The entity, which has served, is in a state in which it does not. */
  private fall(batch: RecordingBatch, i: number, origin: number): void {
    const e = batch.entity[i];
    if (this.openOutage[e] === NONE) {
      const flags = this.reasonsOf(batch, i, origin);
      this.openOutage[e] = this.outages.open(e, batch.time_s[i], origin, flags);
    }
    if (this.classOf[batch.to[i]] === CLASS_FAILED) {
      this.outages.flags[this.openOutage[e]] |= SPELL.failed;
    }
  }

  /** Flags of an outage that begins with this row. */
  private reasonsOf({ event, to, firstRow }: RecordingBatch, i: number, origin: number): number {
    const isLost = event[i] === this.lostEvent || this.classOf[to[i]] === CLASS_FAILED;
    const lost = isLost ? SPELL.lost : 0;
    if (this.origins.row[origin] !== firstRow + i) return lost;
    return lost | (this.origins.type[origin] === ORIGIN.fault ? SPELL.own : SPELL.asked);
  }

  private remove(e: number, time_s: number): void {
    this.state[e] = GONE;
    const outage = this.openOutage[e];
    if (outage !== NONE) {
      this.outages.end_s[outage] = time_s;
      this.outages.flags[outage] |= SPELL.removed;
      this.openOutage[e] = NONE;
    }
    if (this.openImpaired[e] !== NONE) {
      this.impaired.flags[this.openImpaired[e]] |= SPELL.removed;
      this.endImpaired(e, time_s);
    }
  }

  private endImpaired(e: number, time_s: number): void {
    this.impaired.end_s[this.openImpaired[e]] = time_s;
    this.openImpaired[e] = NONE;
  }
}

/**
 * An entity that ended as it was meant to (a finished pod, a server that was deleted) also stops
 * serving. It was not to come back, and either that was asked of it, or nothing failed and nothing
 * that it needs was lost; what goes away part by part on request may lose parts before it is gone.
 */
export function endedWell({ outages, origins }: Troubles, spell: number): boolean {
  const isOpen = outages.end_s[spell] === Number.POSITIVE_INFINITY;
  if (!isOpen && !outages.has(spell, SPELL.removed)) return false;
  if (outages.has(spell, SPELL.asked)) return true;
  const isFault = origins.type[outages.origin[spell]] === ORIGIN.fault;
  return !outages.has(spell, SPELL.lost | (isFault ? SPELL.failed | SPELL.own : 0));
}
