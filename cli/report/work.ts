/**
 * What stopped serving although nothing broke: reboots, moves and ends that were asked for, and
 * what goes on by itself since the start (an autoscaler that takes a pod away). Grouped by what
 * began it, since a year holds thousands of them.
 */
import { ORIGIN } from './origins.ts';
import { endedWell, type Troubles } from './troubles.ts';

export interface WorkGroup {
  /** Kind and event of the row that began it; the event is empty for what the start led to. */
  readonly kind: string;
  readonly event: string;
  /** How many times it took something out of service. */
  readonly times: number;
  /** Outages of entities, and their time in all. */
  readonly outages: number;
  readonly outage_s: number;
  /** The longest that ended. */
  readonly longest_s: number;
  /** Outages that had not ended when the run did. */
  readonly open: number;
}

/** Groups with the most time out of service first. What the bring-up led to is a part of it. */
export function findWork(troubles: Troubles, bringUpEnd_s: number): WorkGroup[] {
  const { outages, origins, recording } = troubles;
  const groups = new Map<string, GroupDraft>();
  for (let spell = 0; spell < outages.count; spell++) {
    const origin = outages.origin[spell];
    const type = origins.type[origin];
    if (type === ORIGIN.fault || endedWell(outages, spell)) continue;
    if (type === ORIGIN.start && outages.start_s[spell] <= bringUpEnd_s) continue;
    const draft = draftOf(troubles, origin, groups);
    const end_s = outages.end_s[spell];
    const duration_s = end_s - outages.start_s[spell];
    draft.origins.add(origin);
    draft.outages++;
    draft.outage_s += Math.min(end_s, recording.end_s) - outages.start_s[spell];
    if (end_s === Number.POSITIVE_INFINITY) draft.open++;
    else draft.longest_s = Math.max(draft.longest_s, duration_s);
  }
  return [...groups.values()]
    .map(({ origins: all, ...group }) => ({ ...group, times: all.size }))
    .sort((a, b) => b.outage_s - a.outage_s);
}

interface GroupDraft {
  readonly kind: string;
  readonly event: string;
  readonly origins: Set<number>;
  outages: number;
  outage_s: number;
  longest_s: number;
  open: number;
}

function draftOf(
  { origins, recording }: Troubles,
  origin: number,
  groups: Map<string, GroupDraft>,
): GroupDraft {
  const row = origins.row[origin];
  const batch = recording.batchOf(row);
  const i = row - batch.firstRow;
  const atStart = origins.type[origin] === ORIGIN.start;
  const kind = atStart ? '' : recording.states[batch.to[i]].kind;
  const event = atStart ? '' : recording.events[batch.event[i]];
  const key = `${kind}/${event}`;
  const known = groups.get(key);
  if (known !== undefined) return known;
  const numbers = { outages: 0, outage_s: 0, longest_s: 0, open: 0 };
  const draft = { kind, event, origins: new Set<number>(), ...numbers };
  groups.set(key, draft);
  return draft;
}
