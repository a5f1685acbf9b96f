/**
 * The bring-up: from the start to the first quiet moment at which every layer is there. Quiet means
 * that nothing which the start led to is still on its first way up: an entity is, from its creation
 * until it serves, while its state is transient. Entities at rest (a standby, a spare machine) and
 * those that failed hold nothing up; the latter are told as never having come up.
 */
import type { RecordingBatch } from '../../engine/recording/batches.ts';
import { ROLE } from '../../engine/recording/format.ts';
import { ORIGIN } from './origins.ts';
import { GONE, type Troubles } from './troubles.ts';
import { layerRank } from './words.ts';

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
}

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
  private readonly isInitial: Uint8Array;
  private readonly isPending: Uint8Array;
  private readonly served: Uint8Array;
  private readonly whole_s: Float64Array;
  private pending = 0;
  private now_s = 0;
  /** By layer: whether any of it is there yet. */
  private readonly hasBegun: Uint8Array;
  /** Copy of `whole_s` at the first quiet moment since the latest layer began. */
  private quiet: Float64Array | undefined;

  constructor(troubles: Troubles) {
    const { states, entityCount } = troubles.recording;
    this.troubles = troubles;
    this.layers = [...new Set(states.map(({ layer }) => layer))].sort(
      (a, b) => layerRank(a) - layerRank(b),
    );
    this.layerOf = Uint8Array.from(states, ({ layer }) => this.layers.indexOf(layer));
    const servable = new Set(states.filter((s) => s.serving).map(({ kind }) => kind));
    this.serving = Uint8Array.from(states, (s) => (s.serving ? 1 : 0));
    this.rising = Uint8Array.from(states, (s) =>
      s.class === 'transient' && !s.serving && servable.has(s.kind) ? 1 : 0,
    );
    this.isInitial = new Uint8Array(entityCount);
    this.isPending = new Uint8Array(entityCount);
    this.served = new Uint8Array(entityCount);
    this.whole_s = new Float64Array(this.layers.length).fill(Number.NaN);
    this.hasBegun = new Uint8Array(this.layers.length);
  }

  take({ length, firstRow, time_s, entity, event, to }: RecordingBatch): void {
    const { roles } = this.troubles.recording;
    const { originOf, origins } = this.troubles;
    for (let i = 0; i < length; i++) {
      const role = roles[event[i]];
      if (role > ROLE.removed) continue;
      if (time_s[i] > this.now_s) this.advance(time_s[i]);
      const e = entity[i];
      const origin = originOf[firstRow + i];
      if (role === ROLE.created && origins.type[origin] === ORIGIN.start) this.isInitial[e] = 1;
      if (this.isInitial[e] === 0 || this.served[e] === 1) continue;
      if (role === ROLE.removed) this.setPending(e, 0);
      else this.enter(e, to[i], time_s[i]);
    }
  }

  private enter(e: number, to: number, time_s: number): void {
    const layer = this.layerOf[to];
    if (this.hasBegun[layer] === 0) {
      this.hasBegun[layer] = 1;
      this.quiet = undefined;
    }
    if (this.serving[to] === 0) {
      this.setPending(e, this.rising[to]);
      return;
    }
    this.setPending(e, 0);
    this.served[e] = 1;
    this.whole_s[layer] = time_s;
  }

  private setPending(e: number, pending: number): void {
    this.pending += pending - this.isPending[e];
    this.isPending[e] = pending;
  }

  private advance(time_s: number): void {
    this.now_s = time_s;
    if (this.pending === 0 && this.quiet === undefined) this.quiet = this.whole_s.slice();
  }

  finish(): BringUp {
    this.advance(Number.POSITIVE_INFINITY);
    const whole_s = this.quiet ?? this.whole_s;
    const layers = this.layers
      .map((layer, i) => ({ layer, whole_s: whole_s[i] }))
      .filter((entry) => !Number.isNaN(entry.whole_s));
    const last_s = layers.reduce((latest, entry) => Math.max(latest, entry.whole_s), 0);
    const end_s = this.quiet === undefined ? undefined : last_s;
    return { end_s, layers, missing: this.missing() };
  }

  private missing(): BringUp['missing'] {
    const { state, recording } = this.troubles;
    const servable = new Set(recording.states.filter((s) => s.serving).map(({ kind }) => kind));
    const counts = new Map<number, number>();
    for (let e = 0; e < state.length; e++) {
      if (this.isInitial[e] === 0 || this.served[e] === 1 || state[e] === GONE) continue;
      const info = recording.states[state[e]];
      if (info.class === 'stable' || !servable.has(info.kind)) continue;
      counts.set(state[e], (counts.get(state[e]) ?? 0) + 1);
    }
    return [...counts].map(([id, n]) => {
      const { kind, state: name } = recording.states[id];
      return { kind, state: name, n };
    });
  }
}
