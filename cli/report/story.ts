/** What the report tells of a run, and how much of it: the worst in full, the rest in numbers. */
import { type BringUp, findBringUp } from '../../engine/incidents/bring-up.ts';
import { findIncidents } from '../../engine/incidents/incidents.ts';
import type { Troubles } from '../../engine/incidents/troubles.ts';
import { findWork, type WorkGroup } from '../../engine/incidents/work.ts';
import { type MarkedIncident, markIncidents } from './mark-counts.ts';

export interface Story {
  readonly bringUp: BringUp;
  /** Told in full, in order of time. */
  readonly told: readonly ToldIncident[];
  /** The others, by what failed; the most frequent first. */
  readonly rest: readonly IncidentGroup[];
  readonly work: readonly WorkGroup[];
  /** Incidents in all. */
  readonly incidents: number;
}

export interface ToldIncident extends MarkedIncident {
  /** Whether the scenario's script has it. */
  readonly scripted: boolean;
  /** What was broken already when it began. */
  readonly during: readonly MarkedIncident[];
}

export interface IncidentGroup {
  readonly kind: string;
  readonly event: string;
  readonly n: number;
  /** Distinct entities taken out of service: on average and at most by one incident. */
  readonly meanOut: number;
  readonly mostOut: number;
  /** Incidents that reached servers, pods or applications. */
  readonly reachedUsers: number;
  /** Median and longest time until whole, of those that became whole. */
  readonly median_s: number;
  readonly longest_s: number;
  readonly notWhole: number;
}

/** A fault of the scenario's script. */
export interface ScriptEntry {
  readonly kind: string;
  readonly event: string;
  readonly at_s: number;
}

/** Incidents told in full at most. */
const TOLD_MAX = 10;

/** Layers whose entities people use. */
const USER_LAYERS: ReadonlySet<string> = new Set(['iaas', 'caas', 'orchestration']);

/** What to tell of a recording. `script` says which faults were planned. */
export function readStory(troubles: Troubles, script: readonly ScriptEntry[]): Story {
  const incidents = markIncidents(troubles, findIncidents(troubles));
  const isScripted = (incident: MarkedIncident) =>
    script.some(
      ({ kind, event, at_s }) =>
        at_s === incident.time_s && kind === incident.kind && event === incident.event,
    );
  const ranked = incidents
    .map((incident) => ({ incident, scripted: isScripted(incident) }))
    .sort((a, b) => Number(b.scripted) - Number(a.scripted) || bySeverity(a.incident, b.incident));
  const isFew = incidents.length <= TOLD_MAX;
  const [full, short] = partition(
    ranked,
    ({ incident, scripted }, i) => i < TOLD_MAX && (isFew || scripted || isSevere(incident)),
  );
  const told = full
    .sort((a, b) => a.incident.row - b.incident.row)
    .map(({ incident, scripted }) => ({
      ...incident,
      scripted,
      during: incidents.filter((other) => isBroken(other, incident)),
    }));
  const bringUp = findBringUp(troubles);
  return {
    bringUp,
    told,
    rest: groups(short.map(({ incident }) => incident)),
    work: findWork(troubles, bringUp.end_s ?? Number.POSITIVE_INFINITY),
    incidents: incidents.length,
  };
}

/** Time out of service of what people use, summed over entities. */
export function userOutage_s(incident: MarkedIncident): number {
  return incident.layers.reduce(
    (sum, layer) => sum + (USER_LAYERS.has(layer.layer) ? layer.outage_s : 0),
    0,
  );
}

/** Whether people noticed: what they use was out of service, blocked or lost. */
function isSevere(incident: MarkedIncident): boolean {
  const blocked = incident.marks.some(({ role }) => role === 'blocked');
  return incident.lost > 0 || blocked || userOutage_s(incident) > 0;
}

function partition<T>(all: readonly T[], test: (one: T, i: number) => boolean): [T[], T[]] {
  const flags = all.map(test);
  return [all.filter((_, i) => flags[i]), all.filter((_, i) => !flags[i])];
}

/** Loss weighs most, then what people use, then anything. */
function bySeverity(a: MarkedIncident, b: MarkedIncident): number {
  return b.lost - a.lost || userOutage_s(b) - userOutage_s(a) || b.outage_s - a.outage_s;
}

function isBroken(other: MarkedIncident, at: MarkedIncident): boolean {
  return other.row < at.row && other.repaired_s > at.time_s;
}

function groups(incidents: readonly MarkedIncident[]): IncidentGroup[] {
  const byWhat = new Map<string, MarkedIncident[]>();
  for (const incident of incidents) {
    const key = `${incident.kind} ${incident.event}`;
    const same = byWhat.get(key);
    if (same === undefined) byWhat.set(key, [incident]);
    else same.push(incident);
  }
  return [...byWhat.values()].map(groupOf).sort((a, b) => b.n - a.n);
}

function groupOf(members: readonly MarkedIncident[]): IncidentGroup {
  const { kind, event } = members[0];
  const n = members.length;
  const out = members.map((incident) => incident.out);
  const durations_s = members
    .map(({ whole_s, time_s }) => whole_s - time_s)
    .filter((duration_s) => duration_s < Number.POSITIVE_INFINITY)
    .sort((a, b) => a - b);
  return {
    kind,
    event,
    n,
    meanOut: out.reduce((a, b) => a + b, 0) / n,
    mostOut: Math.max(...out),
    reachedUsers: members.filter((incident) => userOutage_s(incident) > 0).length,
    median_s: durations_s[durations_s.length >> 1] ?? Number.NaN,
    longest_s: durations_s.at(-1) ?? Number.NaN,
    notWhole: n - durations_s.length,
  };
}
