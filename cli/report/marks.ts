/**
 * Transitions worth a word of their own in the story of an incident: what control planes did about
 * it (`response`), what could not be used because of it (`blocked`), what ended in error and is
 * lost unless it comes back (`error`), and whose data is lost whatever happens next (`lost`).
 */
import type { Recording } from '../../engine/recording/recording.ts';

export type MarkRole = 'response' | 'blocked' | 'error' | 'lost';

export interface Mark {
  readonly kind: string;
  readonly role: MarkRole;
  /** Entering these states from others: a state, a parent of it, or one `+` part of it. */
  readonly into?: readonly string[];
  /** Or this event. */
  readonly event?: string;
  /** What is said of one entity and of several, after their number and noun. */
  readonly one: string;
  readonly many: string;
}

const mark = (
  role: MarkRole,
  kind: string,
  on: { into: readonly string[] } | { event: string },
  one: string,
  many = one,
): Mark => ({ role, kind, one, many, ...on });

/** In the order in which they are told. */
export const MARKS: readonly Mark[] = [
  mark('response', 'osd', { into: ['down'] }, 'marked down'),
  mark('response', 'osd', { into: ['out'] }, 'marked out'),
  mark('response', 'pg', { into: ['remapped'] }, 'remapped'),
  mark('response', 'pg', { into: ['backfilling'] }, 'backfilled'),
  mark('response', 'pg', { into: ['recovering'] }, 'recovered'),
  mark('response', 'mon', { into: ['leader'] }, 'elected leader'),
  mark('response', 'mgr', { into: ['activating'] }, 'took over'),
  mark('response', 'mds', { into: ['replay'] }, 'took over'),
  mark('response', 'gateway', { into: ['claiming'] }, 'claimed by another chassis'),
  mark('response', 'compute-service', { into: ['down', 'forced_down'] }, 'declared down'),
  mark('response', 'server', { event: 'evacuate' }, 'evacuated'),
  mark('response', 'server', { event: 'live_migrate' }, 'live-migrated'),
  mark('response', 'server', { event: 'created' }, 'created'),
  mark('response', 'node', { into: ['Unknown'] }, 'declared Unknown'),
  mark('response', 'node', { into: ['Unknown.evicted'] }, 'emptied'),
  mark('response', 'node', { event: 'created' }, 'added'),
  mark('response', 'pod', { event: 'created' }, 'created in their place'),
  mark('response', 'juju-machine', { event: 'created' }, 'created'),
  mark('response', 'unit', { event: 'created' }, 'created'),

  mark('blocked', 'ceph-cluster', { into: ['no_quorum'] }, 'without a quorum of monitors'),
  mark('blocked', 'pg', { into: ['down', 'peered'] }, 'without enough copies for I/O'),
  mark('blocked', 'pool', { into: ['inactive'] }, 'inactive'),
  mark('blocked', 'pool', { into: ['full'] }, 'full'),
  mark('blocked', 'gateway', { into: ['down'] }, 'without a chassis'),
  mark('blocked', 'pod', { into: ['Pending.Unschedulable'] }, 'without a node to run on'),

  mark('error', 'server', { into: ['error'] }, 'in error'),
  mark('error', 'pod', { into: ['Failed'] }, 'failed'),
  mark('error', 'job', { into: ['Failed'] }, 'failed'),

  mark('lost', 'pg', { into: ['incomplete'] }, 'without a complete copy'),
  mark('lost', 'pvc', { into: ['Lost'] }, 'without its volume', 'without their volumes'),
];

/** The marks of a recording's rows, looked up by the numbers of its states and events. */
export class MarkTable {
  /** By state: the marks whose `into` means it. */
  private readonly ofState: readonly (readonly number[])[];
  /** By event: the marks of it, whatever their kind. */
  private readonly ofEvent: readonly (readonly number[])[];
  private readonly kindOf: readonly string[];

  constructor({ states, events }: Recording) {
    this.kindOf = states.map(({ kind }) => kind);
    const indexes = MARKS.map((_, i) => i);
    this.ofState = states.map(({ kind, state }) =>
      indexes.filter((i) => MARKS[i].kind === kind && means(MARKS[i].into ?? [], state)),
    );
    this.ofEvent = events.map((event) => indexes.filter((i) => MARKS[i].event === event));
  }

  /** Calls `tell` with each mark that a row of this event, from one state to another, bears. */
  entered(from: number, event: number, to: number, tell: (mark: number) => void): void {
    if (from !== to) {
      const before = this.ofState[from];
      for (const mark of this.ofState[to]) if (!before.includes(mark)) tell(mark);
    }
    const kind = this.kindOf[to];
    for (const mark of this.ofEvent[event]) if (MARKS[mark].kind === kind) tell(mark);
  }

  /** The marks of a state. */
  of(state: number): readonly number[] {
    return this.ofState[state];
  }
}

/** Whether one of the patterns means the state: the whole, a parent, or a `+` part of it. */
export function means(patterns: readonly string[], state: string): boolean {
  const parts = [state, ...state.split('+')];
  return patterns.some((pattern) =>
    parts.some((part) => part === pattern || part.startsWith(`${pattern}.`)),
  );
}
