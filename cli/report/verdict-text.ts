/** Objectives, invariants and divergences in words: what held, what did not, and whether that was to be expected. */

import { ORIGIN } from '../../engine/incidents/origins.ts';
import type { Troubles } from '../../engine/incidents/troubles.ts';
import type { InvariantResult } from '../../engine/invariants.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { clock, span } from '../../engine/time-text.ts';
import type { BudgetExcess } from '../../sim/faults/tracker.ts';
import type { ObjectiveResult } from '../../sim/objectives.ts';
import { type Cell, type Colours, columns, count } from '../tools/text.ts';
import { formatTime } from '../tools/time.ts';
import { explainMiss, type Miss } from './misses.ts';
import { noEntityText } from './no-entity-text.ts';
import type { RunSummary } from './summary.ts';
import { digits, list, noun, percent, wrap } from './words.ts';

export function objectivesText(troubles: Troubles, summary: RunSummary, paint: Colours): string {
  const { objectives, excesses } = summary;
  if (objectives.length === 0) return '';
  const rows = objectives.map((result) => objectiveRow(result, paint));
  const lines = columns(rows, [2, 3]).split('\n');
  return [
    paint.bold('Objectives'),
    ...objectives.flatMap((result, i) => [
      lines[i],
      ...emptyLines(troubles, result),
      ...(result.ok ? [] : missLines(troubles, result, summary)),
    ]),
    ...excessLines(excesses, summary.simulated_s),
  ].join('\n');
}

function objectiveRow(
  { ok, name, value, limit, unit, measure, of }: ObjectiveResult,
  paint: Colours,
): Cell[] {
  const verdict = ok
    ? { text: '  met', paint: paint.green }
    : { text: '  missed', paint: paint.red };
  const sign = measure === 'availability' ? '>=' : '<=';
  const measured = Number.isNaN(value) ? 'no data' : amount(value, unit);
  return [verdict, name, measured, `${sign} ${amount(limit, unit)}`, `${measure}: ${of}`];
}

function amount(value: number, unit: string): string {
  if (unit === 'ratio') return percent(value);
  if (unit === 's') return span(value);
  return digits(value);
}

/** That nothing was measured is said of a count as well, which is met then. */
function emptyLines({ recording }: Troubles, { measure, of, value }: ObjectiveResult): string[] {
  if (measure === 'utilisation' || value > 0) return [];
  const sentence = noEntityText(recording, of.split(/[ ,]/)[0]) ?? neverText(measure, value);
  return sentence === undefined ? [] : wrap(sentence, 10);
}

function neverText(measure: ObjectiveResult['measure'], value: number): string | undefined {
  if (!Number.isNaN(value)) return undefined;
  if (measure === 'availability') return 'None of them ever came into service: see the bring-up.';
  return measure === 'latency' ? 'None of them went that way.' : undefined;
}

function missLines(troubles: Troubles, result: ObjectiveResult, summary: RunSummary): string[] {
  const { name, exceeded_s } = result;
  if (exceeded_s !== undefined)
    return wrap(`Above it for the first time at ${clock(exceeded_s)}.`, 10);
  const objective = summary.scenario.objectives.find((one) => one.name === name);
  if (objective === undefined) return [];
  const miss = explainMiss(troubles, objective, summary.excesses);
  if (miss === undefined) return [];
  const isTime = objective.measure === 'availability';
  const total = isTime ? span(miss.total) : `${miss.total}`;
  const what = {
    availability: `${total} without service`,
    latency: `${total} took longer`,
    count: count(miss.total, 'entry', 'entries'),
    utilisation: '',
  }[objective.measure];
  const sentence = `${what}, ${causesText(troubles, miss)}; ${budgetText(miss, summary)}.`;
  return wrap(sentence, 10);
}

/** Causes named at most. */
const CAUSES_MAX = 3;

function causesText(troubles: Troubles, { causes, slowest }: Miss): string {
  if (slowest !== undefined) {
    const { kind, name } = troubles.recording.entities.get(slowest.entity);
    const length = span(slowest.end_s - slowest.start_s);
    return `the slowest ${noun(kind)} ${name} with ${length} from ${clock(slowest.start_s)} on`;
  }
  const parts = causes
    .slice(0, CAUSES_MAX)
    .map(({ origin, share }) => `${percent(share)} by ${originName(troubles, origin)}`);
  const rest = causes.length - CAUSES_MAX;
  return list(rest > 0 ? [...parts, count(rest, 'other cause')] : parts);
}

function originName({ origins, recording }: Troubles, origin: number): string {
  if (origins.type[origin] === ORIGIN.start) return 'what the start set going';
  const { entity, event, time_s } = recording.row(origins.row[origin]);
  const { kind, name } = recording.entities.get(entity);
  return `${noun(kind)} ${name} (${event}, ${clock(time_s)})`;
}

function budgetText({ total, beyond }: Miss, { scenario, excesses }: RunSummary): string {
  if (Object.keys(scenario.faults.budget).length === 0) return 'the scenario has no fault budget';
  const isNone = excesses.length === 0 || beyond === 0;
  const part = isNone ? 'none' : beyond >= total ? 'all' : percent(beyond / total);
  return `${part} of it while more had failed than the fault budget allows`;
}

/** Stretches listed at most. */
const EXCESSES_MAX = 4;

function excessLines(excesses: readonly BudgetExcess[], end_s: number): string[] {
  if (excesses.length === 0) return [];
  const parts = excesses.slice(0, EXCESSES_MAX).map((excess) => {
    const until = excess.to_s < Number.POSITIVE_INFINITY ? clock(excess.to_s) : clock(end_s);
    const what = `${excess.worst} ${noun(excess.class, excess.worst)} instead of ${excess.budget}`;
    return `${what} (${clock(excess.from_s)} to ${until})`;
  });
  const rest = excesses.length - EXCESSES_MAX;
  const all = list(rest > 0 ? [...parts, `${rest} more times`] : parts);
  return wrap(`More was faulty than the fault budget allows: ${all}.`, 2);
}

export function invariantsText(
  invariants: readonly InvariantResult[],
  file: string,
  paint: Colours,
): string {
  if (invariants.length === 0) return '';
  const violated = invariants.filter(({ ok }) => !ok);
  const held = `${invariants.length - violated.length} of ${invariants.length} held`;
  if (violated.length === 0) {
    return `${paint.bold('Invariants')}\n  ${paint.green(`all ${invariants.length} held`)}`;
  }
  const lines = violated.flatMap((result) => violationLines(result, file, paint));
  return [paint.bold('Invariants'), `  ${paint.red(held)}`, ...lines].join('\n');
}

function violationLines(
  { name, violations, firstViolation }: InvariantResult,
  file: string,
  paint: Colours,
): string[] {
  const head = `  ${paint.red('violated')}  ${paint.bold(name)}, ${count(violations, 'time')}`;
  if (firstViolation === undefined) return [head];
  const { time_s, entity, message } = firstViolation;
  return [
    head,
    ...wrap(`first at ${clock(time_s)}, ${entity}: ${message}`, 12),
    `            npx strata why ${quoted(file)} ${quoted(`${entity}@${notBefore(time_s)}`)}`,
  ];
}

/** Divergences listed at most. */
const DIVERGENCES_MAX = 5;

/** Observations that no transition of the model allowed. */
export function divergencesText(recording: Recording, total: number, paint: Colours): string {
  if (total === 0) return '';
  const lines = firstRows(recording, 'diverged', DIVERGENCES_MAX).map((number) => {
    const { time_s, entity, from, to, detail } = recording.row(number);
    const who = `${noun(recording.entities.kind(entity))} ${recording.entities.name(entity)}`;
    const why = detail === '' ? '' : `: ${detail}`;
    return wrap(`${clock(time_s)}  ${who} went from ${from} to ${to}${why}`, 2, 12).join('\n');
  });
  const rest = total - lines.length;
  return [
    paint.bold('Divergences'),
    `  ${paint.red(count(total, 'observation'))} that no transition of the model allows`,
    ...lines,
    ...(rest > 0 ? [`  and ${rest} more`] : []),
  ].join('\n');
}

/** The first rows of an event, in order. */
function firstRows({ events, batches }: Recording, name: string, most: number): number[] {
  const wanted = events.indexOf(name);
  const found: number[] = [];
  for (const { event, length, firstRow } of batches) {
    for (let i = 0; i < length; i++) {
      if (event[i] !== wanted) continue;
      found.push(firstRow + i);
      if (found.length === most) return found;
    }
  }
  return found;
}

/** A time as users write it, rounded up, so that what happened then has happened. */
const notBefore = (time_s: number): string => formatTime(Math.ceil(time_s * 1_000) / 1_000);

/** For a shell: in quotes where it would read more than a word. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
