/**
 * The bring-up: from the start until it is quiet for long. Quiet means that nothing which the start
 * led to is on its first way up: an entity is, from its creation until it serves, while its state
 * is transient. Entities at rest (a standby, a spare machine) and those that failed hold nothing
 * up; the latter are told as never having come up. A short rest is not the end, since a layer may
 * wait for something that leaves no rows. What comes and goes by itself, such as the pods of a job,
 * is no part of it.
 */
import { layerRank } from '../../model/layers.ts';
import type { RecordingBatch } from '../recording/batches.ts';
import { ROLE } from '../recording/format.ts';
import { ORIGIN } from './origins.ts';
import { endedWell, GONE, type Troubles } from './troubles.ts';

export interface BringUp {
  /** When the last entity on its way up served for the first time; undefined: never all of them. */
  readonly end_s: number | undefined;
  /** By layer from the ground up: when all of it served, as far as the recording goes. */
  readonly layers: readonly { readonly layer: string; readonly whole_s: number }[];
  /** Entities that the start led to and that are there at the end without ever having served. */
  readonly missing: readonly {
    readonly kind: string;
    readonly state: string;
    readonly n: number;
  }[];
  readonly stumbles: readonly Stumble[];
}

/** Entities whose first way up was interrupted by a fault, by the state that they failed in. */
export interface Stumble {
  readonly kind: string;
  readonly state: string;
  readonly n: number;
  /** How many of them served all the same. */
  readonly recovered: number;
}

/** A rest ends the bring-up when it is at least this long, and this share of the time so far. */
const REST_s_min = 600;
const REST_SHARE = 0.5;

export function findBringUp(troubles: Troubles): BringUp {
  const tracker = new Tracker(troubles);
  for (const batch of troubles.recording.batches) tracker.take(batch);
  return tracker.finish();
}

class Tracker {
  private readonly troubles: Troubles;
  private readonly layers: readonly string[];
  private readonly layerOf: Uint8Array;
  private readonly serving: Uint8Array;
  private readonly rising: Uint8Array;
  private readonly isServable: Uint8Array;
  private readonly isInitial: Uint8Array;
  private readonly isPassing: Uint8Array;
  private readonly isPending: Uint8Array;
  private readonly served: Uint8Array;
  private readonly isFailed: Uint8Array;
  private readonly fault: number;
  /** By kind and failed part of a state: the entities that a fault led there. */
  private readonly stumbled = new Map<string, Set<number>>();
  private readonly whole_s: Float64Array;
  private pending = 0;
  private now_s = 0;
  /** Since when nothing has been on its way up, and `whole_s` as it was then. */
  private quiet: { readonly since_s: number; readonly whole_s: Float64Array } | undefined;
  /** The first rest was long enough: nothing after it counts. */
  private isOver = false;

  constructor(troubles: Troubles) {
    const { states, entityCount } = troubles.recording;
    this.troubles = troubles;
    this.layers = [...new Set(states.map(({ layer }) => layer))].sort(
      (a, b) => layerRank(a) - layerRank(b),
    );
    this.layerOf = Uint8Array.from(states, ({ layer }) => this.layers.indexOf(layer));
    const servable = new Set(states.filter((s) => s.serving).map(({ kind }) => kind));
    this.serving = Uint8Array.from(states, (s) => (s.serving ? 1 : 0));
    this.isServable = Uint8Array.from(states, (s) => (servable.has(s.kind) ? 1 : 0));
    this.rising = Uint8Array.from(states, (s) => (s.class === 'transient' && !s.serving ? 1 : 0));
    this.isPassing = passing(troubles);
    this.fault = troubles.recording.events.indexOf('fault');
    this.isFailed = Uint8Array.from(states, (s) => (s.class === 'failed' && !s.serving ? 1 : 0));
    this.isInitial = new Uint8Array(entityCount);
    this.isPending = new Uint8Array(entityCount);
    this.served = new Uint8Array(entityCount);
    this.whole_s = new Float64Array(this.layers.length).fill(Number.NaN);
  }

  take({ length, firstRow, time_s, entity, event, from, to }: RecordingBatch): void {
    const { roles } = this.troubles.recording;
    const { originOf, origins } = this.troubles;
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      if (role > ROLE.removed) continue;
      if (time_s[i] > this.now_s) this.advance(time_s[i]);
      const e = entity[i];
      if (role === ROLE.created && origins.type[originOf[firstRow + i]] === ORIGIN.start) {
        this.create(e, to[i]);
      }
      if (this.isInitial[e] === 0 || this.served[e] === 1) continue;
      if (event[i] === this.fault && this.isFailed[to[i]] === 1) this.stumble(e, from[i], to[i]);
      if (role === ROLE.removed) this.setPending(e, 0);
      else this.enter(e, to[i], time_s[i]);
    }
  }

  private create(e: number, state: number): void {
    if (this.isServable[state] === 0 || this.isPassing[e] === 1) return;
    this.isInitial[e] = 1;
    this.quiet = this.isOver ? this.quiet : undefined;
  }

  private enter(e: number, to: number, time_s: number): void {
    if (this.serving[to] === 0) {
      this.setPending(e, this.rising[to]);
      return;
    }
    this.setPending(e, 0);
    this.served[e] = 1;
    this.quiet = this.isOver ? this.quiet : undefined;
    this.whole_s[this.layerOf[to]] = time_s;
  }

  private stumble(e: number, from: number, to: number): void {
    const { states } = this.troubles.recording;
    const before = states[from].state.split('+');
    const changed = states[to].state.split('+').filter((part) => !before.includes(part));
    const key = `${states[to].kind} ${changed.join('+')}`;
    const entities = this.stumbled.get(key);
    if (entities === undefined) this.stumbled.set(key, new Set([e]));
    else entities.add(e);
  }

  private setPending(e: number, pending: number): void {
    this.pending += pending - this.isPending[e];
    this.isPending[e] = pending;
  }

  /** Called between instants, when everything that happens at one has happened. */
  private advance(time_s: number): void {
    if (this.isOver) return;
    if (this.pending > 0) this.quiet = undefined;
    else this.quiet ??= { since_s: this.now_s, whole_s: this.whole_s.slice() };
    this.now_s = time_s;
    if (this.quiet === undefined) return;
    const { since_s } = this.quiet;
    this.isOver = time_s - since_s >= Math.max(REST_s_min, REST_SHARE * since_s);
  }

  finish(): BringUp {
    this.advance(Number.POSITIVE_INFINITY);
    const whole_s = this.quiet?.whole_s ?? this.whole_s;
    const layers = this.layers
      .map((layer, i) => ({ layer, whole_s: whole_s[i] }))
      .filter((entry) => !Number.isNaN(entry.whole_s));
    const last_s = layers.reduce((latest, entry) => Math.max(latest, entry.whole_s), 0);
    const end_s = this.quiet === undefined ? undefined : last_s;
    return { end_s, layers, missing: this.missing(), stumbles: this.stumbles() };
  }

  private stumbles(): Stumble[] {
    return [...this.stumbled].map(([key, entities]) => {
      const [kind, state] = key.split(' ');
      const recovered = [...entities].filter((e) => this.served[e] === 1).length;
      return { kind, state, n: entities.size, recovered };
    });
  }

  private missing(): BringUp['missing'] {
    const { state, recording } = this.troubles;
    const counts = new Map<number, number>();
    for (let e = 0; e < state.length; e++) {
      if (this.isInitial[e] === 0 || this.served[e] === 1 || state[e] === GONE) continue;
      const info = recording.states[state[e]];
      if (info.class === 'stable') continue;
      counts.set(state[e], (counts.get(state[e]) ?? 0) + 1);
    }
    return [...counts].map(([id, n]) => {
      const { kind, state: name } = recording.states[id];
      return { kind, state: name, n };
    });
  }
}

/** By entity: whether it served and ended as it was meant to. */
function passing(troubles: Troubles): Uint8Array {
  const { outages, recording } = troubles;
  const isPassing = new Uint8Array(recording.entityCount);
  for (let spell = 0; spell < outages.count; spell++) {
    if (endedWell(troubles, spell)) isPassing[outages.entity[spell]] = 1;
  }
  return isPassing;
}
