/**
 * Incidents: all that goes back to one origin along the causes, and what was done about it; see
 * origins.ts. Those of faults are what the report tells and the replay page lists; those of work
 * are what was asked for, or decided by a control plane.
 */
import { layerRank } from '../../model/layers.ts';
import type { Recording } from '../recording/recording.ts';
import { ORIGIN } from './origins.ts';
import { endedWell, type Troubles } from './troubles.ts';
import { isWork } from './work.ts';

export interface Incident {
  /** Number of its origin. */
  readonly origin: number;
  /** The origin's row, and what it says. */
  readonly row: number;
  readonly time_s: number;
  readonly entity: number;
  readonly kind: string;
  readonly name: string;
  readonly event: string;
  readonly reason: string;
  /** What it took out of service or impaired, from the ground up. */
  readonly layers: readonly LayerImpact[];
  /** Entities that it took out of service or impaired and that still were so at the end. */
  readonly open: readonly OpenState[];
  /** Distinct entities taken out of service. */
  readonly out: number;
  /** Time out of service, summed over entities, up to the end of the recording. */
  readonly outage_s: number;
  /** When the failed entity itself was well again; Infinity: never. */
  readonly repaired_s: number;
  /** When the last entity it took out of service served again or was gone; Infinity: never. */
  readonly back_s: number;
  /** When nothing was out of service or impaired any more; Infinity: never. */
  readonly whole_s: number;
}

export interface Impact {
  /** Distinct entities taken out of service. */
  readonly out: number;
  /** Distinct entities that served on, but failed or still recovering, and were never out. */
  readonly impaired: number;
  /** Time out of service, summed over entities, up to the end of the recording. */
  readonly outage_s: number;
  /** When the first of them was out of service or impaired. */
  readonly first_s: number;
  /** The longest single outage of an entity; Infinity when it did not end. */
  readonly longest_s: number;
  readonly back_s: number;
  readonly whole_s: number;
}

export interface LayerImpact extends Impact {
  readonly layer: string;
  /** By the time they were reached. */
  readonly kinds: readonly KindImpact[];
}

export interface KindImpact extends Impact {
  readonly kind: string;
  /** The first few entities taken out, or impaired if none was taken out. */
  readonly names: readonly string[];
}

export interface OpenState {
  readonly kind: string;
  readonly state: string;
  readonly isOut: boolean;
  readonly n: number;
  readonly names: readonly string[];
}

/** Names kept of each kind. */
const NAMES = 3;

/** All faults of a recording with what they did, in order of time. */
export function findIncidents(troubles: Troubles): Incident[] {
  const { origins } = troubles;
  const ids = numbers(origins.count).filter((origin) => origins.type[origin] === ORIGIN.fault);
  return incidentsOf(troubles, ids);
}

/** What took something out of service without a fault, in order of time; see work.ts. */
export function findPlanned(troubles: Troubles, bringUpEnd_s: number): Incident[] {
  const { origins, outages } = troubles;
  const isCounted = new Uint8Array(origins.count);
  for (let spell = 0; spell < outages.count; spell++) {
    if (isWork(troubles, spell, bringUpEnd_s)) isCounted[outages.origin[spell]] = 1;
  }
  return incidentsOf(
    troubles,
    numbers(origins.count).filter((origin) => isCounted[origin] === 1),
  );
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function incidentsOf(troubles: Troubles, ids: readonly number[]): Incident[] {
  const { origins, outages, impaired } = troubles;
  const indexOf = new Int32Array(origins.count).fill(-1);
  for (const [i, origin] of ids.entries()) indexOf[origin] = i;
  const drafts = ids.map((origin) => new Draft(troubles, origin));
  for (let spell = 0; spell < outages.count; spell++) {
    const index = indexOf[outages.origin[spell]];
    if (index >= 0 && !endedWell(troubles, spell)) drafts[index].outages.push(spell);
  }
  for (let spell = 0; spell < impaired.count; spell++) {
    const index = indexOf[impaired.origin[spell]];
    if (index >= 0) drafts[index].impaired.push(spell);
  }
  return drafts.map((draft) => draft.finish());
}

class Draft {
  readonly outages: number[] = [];
  readonly impaired: number[] = [];
  private readonly troubles: Troubles;
  private readonly recording: Recording;
  private readonly origin: number;

  constructor(troubles: Troubles, origin: number) {
    this.troubles = troubles;
    this.recording = troubles.recording;
    this.origin = origin;
  }

  finish(): Incident {
    const { origin, recording } = this;
    const row = this.troubles.origins.row[origin];
    const { entities } = recording;
    const { time_s, entity, event } = recording.row(row);
    const layers = this.layers(time_s);
    return {
      origin,
      row,
      time_s,
      entity,
      kind: entities.kind(entity),
      name: entities.name(entity),
      event,
      reason: recording.reason(row),
      layers,
      open: this.open(),
      out: sum(layers, (layer) => layer.out),
      outage_s: sum(layers, (layer) => layer.outage_s),
      repaired_s: this.repaired_s(entity, time_s),
      back_s: layers.reduce((latest, { back_s }) => Math.max(latest, back_s), time_s),
      whole_s: layers.reduce((latest, { whole_s }) => Math.max(latest, whole_s), time_s),
    };
  }

  private layers(time_s: number): LayerImpact[] {
    const kinds = new Map<string, ImpactDraft>();
    const draftOf = (entity: number) => {
      const kind = this.recording.entities.kind(entity);
      const known = kinds.get(kind) ?? new ImpactDraft(time_s, this.recording.end_s);
      kinds.set(kind, known);
      return known;
    };
    const { outages, impaired } = this.troubles;
    for (const spell of this.outages) {
      const entity = outages.entity[spell];
      draftOf(entity).addOutage(entity, outages.start_s[spell], outages.end_s[spell]);
    }
    for (const spell of this.impaired) {
      const entity = impaired.entity[spell];
      draftOf(entity).addImpaired(entity, impaired.start_s[spell], impaired.end_s[spell]);
    }
    return layersOf(this.recording, kinds);
  }

  private open(): OpenState[] {
    const { outages, impaired, state, recording } = this.troubles;
    const isOpen = (end_s: number) => end_s === Number.POSITIVE_INFINITY;
    const entities = new Set([
      ...this.outages.filter((s) => isOpen(outages.end_s[s])).map((s) => outages.entity[s]),
      ...this.impaired.filter((s) => isOpen(impaired.end_s[s])).map((s) => impaired.entity[s]),
    ]);
    const byState = new Map<number, number[]>();
    for (const entity of entities) {
      const same = byState.get(state[entity]);
      if (same === undefined) byState.set(state[entity], [entity]);
      else same.push(entity);
    }
    return [...byState].map(([id, all]) => {
      const { kind, state: name, serving } = recording.states[id];
      return { kind, state: name, isOut: !serving, n: all.length, names: this.names(all) };
    });
  }

  private repaired_s(entity: number, time_s: number): number {
    const { outages, impaired } = this.troubles;
    let latest = time_s;
    for (const spell of this.outages) {
      if (outages.entity[spell] === entity) latest = Math.max(latest, outages.end_s[spell]);
    }
    for (const spell of this.impaired) {
      if (impaired.entity[spell] === entity) latest = Math.max(latest, impaired.end_s[spell]);
    }
    return latest;
  }

  private names(entities: readonly number[]): string[] {
    return entities.slice(0, NAMES).map((entity) => this.recording.entities.name(entity));
  }
}

/** What befell the entities of one kind. */
class ImpactDraft {
  readonly out = new Set<number>();
  readonly impaired = new Set<number>();
  first_s = Number.POSITIVE_INFINITY;
  longest_s = 0;
  outage_s = 0;
  back_s: number;
  whole_s: number;
  private readonly runEnd_s: number;

  constructor(time_s: number, runEnd_s: number) {
    this.runEnd_s = runEnd_s;
    this.back_s = time_s;
    this.whole_s = time_s;
  }

  addOutage(entity: number, start_s: number, end_s: number): void {
    this.out.add(entity);
    this.first_s = Math.min(this.first_s, start_s);
    this.longest_s = Math.max(this.longest_s, end_s - start_s);
    this.outage_s += Math.min(end_s, this.runEnd_s) - start_s;
    this.back_s = Math.max(this.back_s, end_s);
    this.whole_s = Math.max(this.whole_s, end_s);
  }

  addImpaired(entity: number, start_s: number, end_s: number): void {
    this.impaired.add(entity);
    this.first_s = Math.min(this.first_s, start_s);
    this.whole_s = Math.max(this.whole_s, end_s);
  }

  finish(recording: Recording, kind: string): KindImpact {
    const { outage_s, first_s, longest_s, back_s, whole_s } = this;
    const only = [...this.impaired].filter((entity) => !this.out.has(entity));
    const shown = this.out.size > 0 ? [...this.out] : only;
    const names = shown.slice(0, NAMES).map((entity) => recording.entities.name(entity));
    const counts = { out: this.out.size, impaired: only.length };
    return { kind, names, ...counts, outage_s, first_s, longest_s, back_s, whole_s };
  }
}

function layersOf(recording: Recording, drafts: ReadonlyMap<string, ImpactDraft>): LayerImpact[] {
  const layerOf = new Map(recording.metadata.model.kinds.map(({ kind, layer }) => [kind, layer]));
  const byLayer = new Map<string, KindImpact[]>();
  for (const [kind, draft] of drafts) {
    const layer = layerOf.get(kind)!;
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), draft.finish(recording, kind)]);
  }
  return [...byLayer]
    .sort(([a], [b]) => layerRank(a) - layerRank(b))
    .map(([layer, kinds]) => ({
      layer,
      kinds: kinds.sort((a, b) => a.first_s - b.first_s),
      out: sum(kinds, (kind) => kind.out),
      impaired: sum(kinds, (kind) => kind.impaired),
      outage_s: sum(kinds, (kind) => kind.outage_s),
      first_s: Math.min(...kinds.map((kind) => kind.first_s)),
      longest_s: Math.max(...kinds.map((kind) => kind.longest_s)),
      back_s: Math.max(...kinds.map((kind) => kind.back_s)),
      whole_s: Math.max(...kinds.map((kind) => kind.whole_s)),
    }));
}

const sum = <T>(all: readonly T[], of: (one: T) => number): number =>
  all.reduce((total, one) => total + of(one), 0);
