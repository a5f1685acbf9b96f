/** Why an entity is in the state it is in: the chain of causes from the root down to it. */
import { distance } from 'fastest-levenshtein';
import { isActEvent } from '../../engine/recording/acts.ts';
import type { Entity } from '../../engine/recording/entities.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { StateInfo } from '../../engine/recording/rows.ts';
import { toolError } from './errors.ts';
import { type Cell, type Colours, columns, PLAIN, paintState } from './text.ts';
import { formatTime, parseTime, roughDuration } from './time.ts';

export interface WhyStep {
  readonly row: number;
  readonly time_s: number;
  readonly entity: Entity;
  readonly event: string;
  /** States as `kind/state`. */
  readonly from: string;
  readonly to: string;
  /** The row's message or the model's reason; empty if there is neither. */
  readonly reason: string;
}

export interface WhyAnswer {
  readonly entity: Entity;
  /** The time that was asked for; the end of the recording unless given. */
  readonly time_s: number;
  /** A later time was asked for than the end of the recording, so `time_s` is that end. */
  readonly isBeyond: boolean;
  /** `kind/state`, or `removed`. */
  readonly state: string;
  readonly since_s: number;
  /** Root cause first; the last step is the entity's own. */
  readonly steps: readonly WhyStep[];
}

const SUGGESTIONS = 5;

/**
 * Answers `ENTITY[@TIME]`. ENTITY is a name, or `kind/name` where several kinds share a name; TIME
 * is as `parseTime` takes it. Throws StrataError WHY_UNKNOWN_ENTITY (with the nearest names),
 * WHY_AMBIGUOUS_ENTITY, WHY_BAD_TIME or WHY_NOT_YET.
 */
export function why(recording: Recording, query: string): WhyAnswer {
  const { numbers, time_s: asked_s } = resolve(recording, query);
  // Nothing is known of the time after the last row.
  const time_s = Math.min(asked_s, recording.end_s);
  const entity = chooseAt(recording, numbers, time_s, query);
  const history = recording.history(entity);
  let last = -1;
  for (const row of history) if (recording.row(row).time_s <= time_s) last = row;
  if (last < 0) {
    const first = recording.row(history[0] ?? 0);
    throw toolError(
      'WHY_NOT_YET',
      `\`${query}\` did not exist at ${formatTime(time_s)}; it was created at ${formatTime(first.time_s)}`,
      'ask for a later time',
    );
  }
  const steps = recording
    .causes(last)
    .reverse()
    .map((row) => stepOf(recording, row));
  const { event, to } = recording.row(last);
  const since_s = recording.row(entered(recording, history, last)).time_s;
  const state = event === 'removed' ? 'removed' : to;
  const isBeyond = asked_s > time_s;
  return { entity: recording.entities.get(entity), time_s, isBeyond, state, since_s, steps };
}

/** The row that led to the state of a later one: what was done beside the machine led nowhere. */
function entered(recording: Recording, history: Iterable<number>, last: number): number {
  let found = last;
  for (const row of history) {
    if (row <= last && !isActEvent(recording.row(row).event)) found = row;
  }
  return found;
}

function stepOf(recording: Recording, row: number): WhyStep {
  const { time_s, entity, event, from, to } = recording.row(row);
  const who = recording.entities.get(entity);
  return { row, time_s, entity: who, event, from, to, reason: recording.reason(row) };
}

/** The whole query may be a name, even with an @ in it; otherwise the last @ starts the time. */
function resolve(recording: Recording, query: string): { numbers: number[]; time_s: number } {
  const whole = find(recording, query);
  if (whole.length > 0) return { numbers: whole, time_s: recording.end_s };
  const at = query.lastIndexOf('@');
  const name = at < 0 ? query : query.slice(0, at);
  const numbers = find(recording, name);
  if (numbers.length === 0) throw unknown(recording, name);
  const time_s = parseTime(query.slice(at + 1));
  if (time_s === undefined) {
    throw toolError(
      'WHY_BAD_TIME',
      `\`${query.slice(at + 1)}\` is not a time`,
      'write seconds, 1d2h30m or 02:03:04 after the @',
    );
  }
  return { numbers, time_s };
}

/** Numbers of all entities with this name or `kind/name`, in the order of creation. */
function find(recording: Recording, name: string): number[] {
  const { entities } = recording;
  const found = [...(entities.byName().get(name) ?? [])];
  const slash = name.indexOf('/');
  if (slash > 0) {
    const kind = name.slice(0, slash);
    const ofKind = entities.byName().get(name.slice(slash + 1)) ?? [];
    found.push(...ofKind.filter((entity) => entities.kind(entity) === kind));
  }
  return found;
}

/** A name may be borne by one entity after another: takes the last one created by then. */
function chooseAt(recording: Recording, numbers: number[], time_s: number, query: string): number {
  const { entities } = recording;
  const kinds = new Set(numbers.map((entity) => entities.kind(entity)));
  if (kinds.size > 1) {
    const names = numbers.map((entity) => `${entities.kind(entity)}/${entities.name(entity)}`);
    throw toolError(
      'WHY_AMBIGUOUS_ENTITY',
      `\`${query}\` names entities of ${kinds.size} kinds`,
      `write one of ${[...new Set(names)].join(', ')}`,
    );
  }
  const rows = recording.rowsUntil(time_s);
  return numbers.findLast((entity) => entities.createdRow[entity] < rows) ?? numbers[0];
}

function unknown(recording: Recording, name: string): Error {
  const near = nearest(recording, name);
  return toolError(
    'WHY_UNKNOWN_ENTITY',
    `the recording has no entity \`${name}\``,
    near.length === 0 ? 'the recording is empty' : `the nearest names are ${near.join(', ')}`,
  );
}

/** The names most like `name`, as `kind/name`; names are compared with and without the kind. */
export function nearest(recording: Recording, name: string, limit = SUGGESTIONS): string[] {
  const { entities } = recording;
  const found = new Map<string, number>();
  for (const [candidate, numbers] of entities.byName()) {
    const near = distance(name, candidate);
    for (const kind of new Set(numbers.map((entity) => entities.kind(entity)))) {
      const full = `${kind}/${candidate}`;
      found.set(full, name.includes('/') ? Math.min(near, distance(name, full)) : near);
    }
  }
  const ranked = [...found].sort(([a, near], [b, nearB]) => near - nearB || (a < b ? -1 : 1));
  return ranked.slice(0, limit).map(([full]) => full);
}

/** The answer as lines for a terminal: what it is, then the chain, root cause first. */
export function whyText(recording: Recording, answer: WhyAnswer, paint: Colours = PLAIN): string {
  const states = new Map(recording.states.map((state) => [state.name, state]));
  const { entity, state, since_s, time_s, steps } = answer;
  const where = paint.dim(`(${entity.kind}, ${entity.layer})`);
  const for_s = roughDuration(time_s - since_s);
  const now = paintName(states.get(state), state, paint);
  const head = `${paint.bold(entity.name)} ${where} is ${now} since ${formatTime(since_s)}, for ${for_s}`;
  const rows = steps.map((step, i): Cell[] => {
    const previous = steps[i - 1];
    const after = previous === undefined ? '' : `+${roughDuration(step.time_s - previous.time_s)}`;
    const target = states.get(step.to);
    return [
      { text: formatTime(step.time_s), paint: paint.dim },
      { text: after, paint: paint.dim },
      step.entity.layer,
      `${step.entity.kind} ${step.entity.name}`,
      { text: moveText(step), paint: target ? paintState(paint, target.class) : String },
      step.event,
      { text: step.reason, paint: paint.dim },
    ];
  });
  const how = steps.length === 1 ? 'Nothing recorded led to it:' : 'How it came to that:';
  return `${head}\n${how}\n${columns(rows, [1])}\n`;
}

function paintName(info: StateInfo | undefined, name: string, paint: Colours): string {
  return info === undefined ? paint.bold(name) : paintState(paint, info.class)(info.state);
}

function moveText({ from, to, event, entity }: WhyStep): string {
  const short = (name: string) => name.slice(entity.kind.length + 1);
  if (event === 'removed') return `${short(from)} -> removed`;
  return event === 'created' ? short(to) : `${short(from)} -> ${short(to)}`;
}
