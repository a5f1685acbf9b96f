/** How often incidents bear each mark of marks.ts, by whom and how long. */
import type { Incident } from '../../engine/incidents/incidents.ts';
import type { Troubles } from '../../engine/incidents/troubles.ts';
import type { RecordingBatch } from '../../engine/recording/batches.ts';
import { ROLE } from '../../engine/recording/format.ts';
import { MARKS, type MarkRole, MarkTable, markOfOutcome, type Outcome } from './marks.ts';

export interface MarkCount {
  /** Index into MARKS. */
  readonly mark: number;
  readonly role: MarkRole;
  /** Distinct entities. */
  readonly n: number;
  /** The first few of them. */
  readonly names: readonly string[];
  /** When it first and last began. */
  readonly first_s: number;
  readonly last_s: number;
  /** The longest time that an entity was in such a state without a break; 0 for a mere event. */
  readonly longest_s: number;
  /** Entities still in such a state at the end. */
  readonly still: number;
}

/** An incident, and what was done about it, what was blocked by it and what is lost. */
export interface MarkedIncident extends Incident {
  /** In the order of MARKS. */
  readonly marks: readonly MarkCount[];
  /** Entities whose data is lost, and those in error that never came back. */
  readonly lost: number;
}

/** The incidents with their marks, from one pass over the rows. */
export function markIncidents(
  troubles: Troubles,
  incidents: readonly Incident[],
): MarkedIncident[] {
  const incidentOf = new Int32Array(troubles.origins.count).fill(-1);
  for (const [i, { origin }] of incidents.entries()) incidentOf[origin] = i;
  const collector = new MarkCollector(troubles, incidentOf, incidents.length);
  return incidents.map((incident, i) => {
    const marks = collector.of(i);
    return { ...incident, marks, lost: marks.reduce((sum, mark) => sum + lostOf(mark), 0) };
  });
}

function lostOf({ role, n, still }: MarkCount): number {
  if (role === 'lost') return n;
  return role === 'error' ? still : 0;
}

/** Names kept of each mark. */
const NAMES = 3;

interface Draft {
  readonly entities: Set<number>;
  readonly first_s: number;
  last_s: number;
  longest_s: number;
  still: number;
}

interface OpenMark {
  readonly draft: Draft;
  readonly since_s: number;
}

/** What was asked of an entity because of an incident, and has not ended. */
interface Task {
  readonly incident: number;
  /** The mark of its good end. */
  readonly mark: number;
}

/** Reads the rows once. `incidentOf` gives the number of an origin's incident, or -1. */
class MarkCollector {
  private readonly troubles: Troubles;
  private readonly incidentOf: Int32Array;
  private readonly table: MarkTable;
  private readonly roles: Uint8Array;
  private readonly drafts: Map<number, Draft>[];
  /** By entity and mark: since when the entity has been in such a state. */
  private readonly open = new Map<number, OpenMark>();
  private readonly tasks = new Map<number, Task>();

  constructor(troubles: Troubles, incidentOf: Int32Array, incidents: number) {
    this.troubles = troubles;
    this.incidentOf = incidentOf;
    this.table = new MarkTable(troubles.recording);
    this.roles = troubles.recording.roles;
    this.drafts = Array.from({ length: incidents }, () => new Map());
    if (incidents === 0) return;
    for (const batch of troubles.recording.batches) this.take(batch);
    const { end_s } = troubles.recording;
    for (const [entity, task] of this.tasks) this.endTask(task, 'open', entity, end_s);
    for (const { draft, since_s } of this.open.values()) {
      draft.still++;
      draft.longest_s = Math.max(draft.longest_s, end_s - since_s);
    }
  }

  /** The marks of an incident, in the order of MARKS. */
  of(incident: number): MarkCount[] {
    const { entities: names } = this.troubles.recording;
    return [...this.drafts[incident]]
      .sort(([a], [b]) => a - b)
      .map(([mark, { entities, ...times }]) => ({
        mark,
        role: MARKS[mark].role,
        n: entities.size,
        names: [...entities].slice(0, NAMES).map((entity) => names.name(entity)),
        ...times,
      }));
  }

  private take(batch: RecordingBatch): void {
    const { length, firstRow, from, to, event, entity, time_s } = batch;
    const { originOf } = this.troubles;
    let row = 0;
    let drafts = this.drafts[0];
    const tell = (mark: number) => this.enter(drafts, mark, entity[row], to[row], time_s[row]);
    for (; row < length; row++) {
      const role = this.roles[event[row]];
      if (role > ROLE.removed) continue;
      if (from[row] !== to[row] || role === ROLE.removed) {
        const after = role === ROLE.removed ? [] : this.table.of(to[row]);
        this.leave(entity[row], this.table.of(from[row]), after, time_s[row]);
      }
      this.followTask(entity[row], event[row], to[row], time_s[row], role === ROLE.removed);
      const origin = originOf[firstRow + row];
      if (origin < 0 || this.incidentOf[origin] < 0 || role === ROLE.removed) continue;
      drafts = this.drafts[this.incidentOf[origin]];
      this.table.entered(from[row], event[row], to[row], tell);
      const mark = this.table.begun(event[row], to[row]);
      if (mark === undefined) continue;
      this.tasks.set(entity[row], { incident: this.incidentOf[origin], mark });
    }
  }

  /** Ends the task of an entity that this row takes out of it. */
  private followTask(entity: number, event: number, to: number, time_s: number, isGone: boolean) {
    const task = this.tasks.get(entity);
    if (task === undefined) return;
    const outcome = isGone ? 'given up' : this.table.outcome(task.mark, event, to);
    if (outcome === 'open') return;
    this.tasks.delete(entity);
    if (outcome !== 'given up') this.endTask(task, outcome, entity, time_s);
  }

  private endTask({ incident, mark }: Task, outcome: Outcome, entity: number, time_s: number) {
    const counted = markOfOutcome(mark, outcome);
    this.draftOf(this.drafts[incident], counted, entity, time_s);
  }

  private enter(
    drafts: Map<number, Draft>,
    mark: number,
    entity: number,
    to: number,
    time_s: number,
  ): void {
    const draft = this.draftOf(drafts, mark, entity, time_s);
    if (this.table.of(to).includes(mark)) {
      this.open.set(entity * MARKS.length + mark, { draft, since_s: time_s });
    }
  }

  /** The draft of a mark, with one more entity and moment. */
  private draftOf(drafts: Map<number, Draft>, mark: number, entity: number, time_s: number): Draft {
    let draft = drafts.get(mark);
    if (draft === undefined) {
      draft = { entities: new Set(), first_s: time_s, last_s: time_s, longest_s: 0, still: 0 };
      drafts.set(mark, draft);
    }
    draft.entities.add(entity);
    draft.last_s = time_s;
    return draft;
  }

  private leave(
    entity: number,
    before: readonly number[],
    after: readonly number[],
    time_s: number,
  ): void {
    for (const mark of before) {
      if (after.includes(mark)) continue;
      const key = entity * MARKS.length + mark;
      const open = this.open.get(key);
      if (open === undefined) continue;
      open.draft.longest_s = Math.max(open.draft.longest_s, time_s - open.since_s);
      this.open.delete(key);
    }
  }
}
