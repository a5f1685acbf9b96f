/** The incidents as the page lists and draws them: those of the report, and what was asked for. */
import { findBringUp } from '../../engine/incidents/bring-up.ts';
import { findIncidents, findPlanned, type Incident } from '../../engine/incidents/incidents.ts';
import { ORIGIN } from '../../engine/incidents/origins.ts';
import { endedWell, Troubles } from '../../engine/incidents/troubles.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { LAYERS } from '../../model/layers.ts';

export interface ListedIncident extends Incident {
  /** Whether something broke; otherwise it was asked for, or decided by a control plane. */
  readonly fault: boolean;
  /** Distinct entities taken out of service, in the order of LAYERS. */
  readonly taken: readonly number[];
}

/** One entity's time out of service because of a fault. */
export interface Outage {
  readonly entity: number;
  readonly start_s: number;
  /** Infinity while the recording does not show its end. */
  readonly end_s: number;
}

export interface Incidents {
  /** In order of time. */
  readonly incidents: readonly ListedIncident[];
  /** Of faults only, by start. */
  readonly outages: readonly Outage[];
}

export function readIncidents(recording: Recording): Incidents {
  const troubles = new Troubles(recording);
  const { end_s } = findBringUp(troubles);
  const faults = findIncidents(troubles);
  const planned = findPlanned(troubles, end_s ?? Number.POSITIVE_INFINITY);
  return {
    incidents: [
      ...faults.map((incident) => listed(incident, true)),
      ...planned.map((incident) => listed(incident, false)),
    ].sort((a, b) => a.row - b.row),
    outages: outagesOf(troubles),
  };
}

function listed(incident: Incident, fault: boolean): ListedIncident {
  const byLayer = new Map(incident.layers.map(({ layer, out }) => [layer, out]));
  return { ...incident, fault, taken: LAYERS.map((layer) => byLayer.get(layer) ?? 0) };
}

function outagesOf(troubles: Troubles): Outage[] {
  const { outages, origins } = troubles;
  const found: Outage[] = [];
  for (let spell = 0; spell < outages.count; spell++) {
    if (origins.type[outages.origin[spell]] !== ORIGIN.fault) continue;
    if (endedWell(troubles, spell)) continue;
    const [entity, start_s, end_s] = [outages.entity, outages.start_s, outages.end_s];
    found.push({ entity: entity[spell], start_s: start_s[spell], end_s: end_s[spell] });
  }
  return found;
}
