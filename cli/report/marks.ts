/**
 * Transitions worth a word of their own in the story of an incident: what control planes did about
 * it (`response`), what could not be used because of it (`blocked`), what ended in error and is
 * lost unless it comes back (`error`), and whose data is lost whatever happens next (`lost`).
 */
import type { Recording } from '../../engine/recording/recording.ts';

export type MarkRole = 'response' | 'blocked' | 'error' | 'lost';

/** How a task ended; with `open`, the recording ended first. */
export type Outcome = 'done' | 'failed' | 'open';

interface Task {
  /** What asks for it. */
  readonly event: string;
  /** States while it is under way, and those that it ends in when it was done. */
  readonly during: readonly string[];
  readonly done: readonly string[];
}

export interface Mark {
  readonly kind: string;
  readonly role: MarkRole;
  /** Entering these states from others: a state, a parent of it, or one `+` part of it. */
  readonly into?: readonly string[];
  /** Or this event. */
  readonly event?: string;
  /** Or an end of what was asked for. */
  readonly task?: Task;
  readonly outcome?: Outcome;
  /** What is said of one entity and of several, after their number and noun. */
  readonly one: string;
  readonly many: string;
}

const mark = (
  role: MarkRole,
  kind: string,
  on: Pick<Mark, 'into'> | Pick<Mark, 'event'> | Pick<Mark, 'task' | 'outcome'>,
  one: string,
  many = one,
): Mark => ({ role, kind, one, many, ...on });

/** Nova runs an evacuation as a rebuild on another host. */
const EVACUATION: Task = {
  event: 'evacuate',
  done: ['active.idle', 'stopped.idle'],
  during: ['active', 'stopped', 'error'].flatMap((vm) =>
    ['rebuilding', 'rebuild_block_device_mapping', 'rebuild_spawning'].map((t) => `${vm}.${t}`),
  ),
};
const LIVE_MIGRATION: Task = {
  event: 'live_migrate',
  done: ['active.idle'],
  during: ['active.migrating'],
};

const ended = (kind: string, task: Task, texts: Readonly<Record<Outcome, string>>): Mark[] =>
  (Object.entries(texts) as [Outcome, string][]).map(([outcome, text]) =>
    mark('response', kind, { task, outcome }, text),
  );

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
  ...ended('server', EVACUATION, {
    done: 'evacuated',
    failed: 'could not be evacuated',
    open: 'still being evacuated',
  }),
  ...ended('server', LIVE_MIGRATION, {
    done: 'live-migrated',
    failed: 'could not be live-migrated',
    open: 'still being live-migrated',
  }),
  mark('response', 'server', { event: 'created' }, 'created'),
  mark('response', 'node', { into: ['Unknown'] }, 'declared Unknown'),
  mark('response', 'node', { into: ['Unknown.evicted'] }, 'emptied'),
  mark('response', 'node', { event: 'created' }, 'added'),
  mark('response', 'pod', { event: 'created' }, 'created in place of others'),
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
  /** By event: the tasks that it asks for, as the numbers of their `done` marks. */
  private readonly taskOf: readonly (readonly number[])[];
  /** By state: tasks that are under way in it. */
  private readonly during: readonly (readonly number[])[];
  /** By state: tasks that were done when they end in it. */
  private readonly done: readonly (readonly number[])[];
  private readonly kindOf: readonly string[];
  private readonly fault: number;

  constructor({ states, events }: Recording) {
    this.kindOf = states.map(({ kind }) => kind);
    this.fault = events.indexOf('fault');
    const indexes = MARKS.map((_, i) => i);
    this.ofState = states.map(({ kind, state }) =>
      indexes.filter((i) => MARKS[i].kind === kind && means(MARKS[i].into ?? [], state)),
    );
    this.ofEvent = events.map((event) => indexes.filter((i) => MARKS[i].event === event));
    const tasks = indexes.filter((i) => MARKS[i].outcome === 'done');
    this.taskOf = events.map((event) => tasks.filter((i) => MARKS[i].task!.event === event));
    const tasksIn = (key: 'during' | 'done') =>
      states.map(({ kind, state }) =>
        tasks.filter((i) => MARKS[i].kind === kind && means(MARKS[i].task![key], state)),
      );
    this.during = tasksIn('during');
    this.done = tasksIn('done');
  }

  /** The task that an event begins in this state, as the number of its mark; undefined for none. */
  begun(event: number, to: number): number | undefined {
    return this.taskOf[event].find((task) => this.during[to].includes(task));
  }

  /** How a task goes on with a row: it is still `open`, or `given up` for another task. */
  outcome(task: number, event: number, to: number): Outcome | 'given up' {
    if (this.during[to].includes(task)) return 'open';
    if (event === this.fault) return 'failed';
    return this.done[to].includes(task) ? 'done' : 'given up';
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

/** The mark of another outcome of the same task. */
export const markOfOutcome = (task: number, outcome: Outcome): number =>
  MARKS.findIndex((mark) => mark.task === MARKS[task].task && mark.outcome === outcome);

/** Whether one of the patterns means the state: the whole, a parent, or a `+` part of it. */
export function means(patterns: readonly string[], state: string): boolean {
  const parts = [state, ...state.split('+')];
  return patterns.some((pattern) =>
    parts.some((part) => part === pattern || part.startsWith(`${pattern}.`)),
  );
}
