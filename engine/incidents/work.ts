/**
 * What stopped serving although nothing broke: reboots, moves and ends that were asked for, and
 * what goes on by itself since the start (an autoscaler that takes a pod away). Grouped by what
 * began it, since a year holds thousands of them.
 */
import { ORIGIN } from './origins.ts';
import { endedWell, type Troubles } from './troubles.ts';

export interface WorkGroup {
  /** Kind and event of the row that began it; both are empty for what the start led to. */
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

/** Whether nothing broke that led to the outage, nor the bring-up, and it was not as meant. */
export function isWork(troubles: Troubles, spell: number, bringUpEnd_s: number): boolean {
  const { outages, origins } = troubles;
  const type = origins.type[outages.origin[spell]];
  if (type === ORIGIN.fault || endedWell(troubles, spell)) return false;
  return type !== ORIGIN.start || outages.start_s[spell] > bringUpEnd_s;
}

/** Groups with the most time out of service first, without what the bring-up itself led to. */
export function findWork(troubles: Troubles, bringUpEnd_s: number): WorkGroup[] {
  const { outages, origins, recording } = troubles;
  const groups = new Groups(troubles);
  const isCounted = new Uint8Array(origins.count);
  for (let spell = 0; spell < outages.count; spell++) {
    if (!isWork(troubles, spell, bringUpEnd_s)) continue;
    const origin = outages.origin[spell];
    const draft = groups.of(origin);
    const end_s = outages.end_s[spell];
    if (isCounted[origin] === 0) draft.times++;
    isCounted[origin] = 1;
    draft.outages++;
    draft.outage_s += Math.min(end_s, recording.end_s) - outages.start_s[spell];
    if (end_s === Number.POSITIVE_INFINITY) draft.open++;
    else draft.longest_s = Math.max(draft.longest_s, end_s - outages.start_s[spell]);
  }
  return groups.all().sort((a, b) => b.outage_s - a.outage_s);
}

type Draft = { -readonly [K in keyof WorkGroup]: WorkGroup[K] };

/** Groups by the kind and event of their origins. */
class Groups {
  private readonly troubles: Troubles;
  private readonly kinds: Uint16Array;
  private readonly drafts = new Map<number, Draft>();

  constructor(troubles: Troubles) {
    const { states } = troubles.recording;
    const names = [...new Set(states.map(({ kind }) => kind))];
    this.troubles = troubles;
    this.kinds = Uint16Array.from(states, ({ kind }) => names.indexOf(kind));
  }

  of(origin: number): Draft {
    const { origins, recording } = this.troubles;
    const { states, events } = recording;
    const atStart = origins.type[origin] === ORIGIN.start;
    const event = origins.event[origin];
    const key = atStart ? -1 : this.kinds[origins.to[origin]] * events.length + event;
    let draft = this.drafts.get(key);
    if (draft === undefined) {
      const what = { kind: states[origins.to[origin]].kind, event: events[event] };
      const numbers = { times: 0, outages: 0, outage_s: 0, longest_s: 0, open: 0 };
      draft = { ...(atStart ? { kind: '', event: '' } : what), ...numbers };
      this.drafts.set(key, draft);
    }
    return draft;
  }

  all(): WorkGroup[] {
    return [...this.drafts.values()].filter(({ outage_s }) => outage_s > 0);
  }
}
