import type { Recording } from '../../engine/recording/recording.ts';
import type { DiffStep, Divergence, RecordingDiff, Timing, TimingDifference } from './diff.ts';
import { type Cell, type Colours, columns, count, PLAIN } from './text.ts';
import { formatTime, roughDuration } from './time.ts';

/** Entities and divergences listed at most, unless asked for more. */
const LISTED = 20;

/** A comparison as lines for a terminal. */
export function diffText(
  a: Recording,
  b: Recording,
  diff: RecordingDiff,
  paint: Colours = PLAIN,
  listed: number = LISTED,
): string {
  const parts = [
    columns([headOf('A', a, paint), headOf('B', b, paint)]),
    verdict(diff, paint),
    names('Only in A', diff.onlyInA, listed, paint),
    names('Only in B', diff.onlyInB, listed, paint),
    divergencesText(diff.divergences, listed, paint),
    timingsText(diff.timings, paint),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function headOf(side: string, recording: Recording, paint: Colours): Cell[] {
  const { scenario, mode, seed, profile } = recording.metadata;
  return [
    { text: side, paint: paint.bold },
    scenario,
    mode,
    `seed ${seed}`,
    `profile ${profile}`,
    `${roughDuration(recording.end_s)} long`,
    `${count(recording.rows, 'row')}${recording.truncated ? ', breaks off' : ''}`,
  ];
}

function verdict(diff: RecordingDiff, paint: Colours): string {
  const both = count(diff.inBoth, 'entity', 'entities');
  if (diff.equal) return paint.green(`The same happened to all ${both}, in the same order.`);
  const differing = diff.divergences.length;
  if (differing === 0) return `The same happened to the ${both} of both, in the same order.`;
  return paint.red(`Something else happened to ${differing} of the ${both} of both.`);
}

function names(title: string, all: readonly string[], listed: number, paint: Colours): string {
  if (all.length === 0) return '';
  const lines = all.slice(0, listed).map((name) => `  ${name}`);
  return [paint.bold(`${title} (${all.length}):`), ...lines, ...more(all, listed)].join('\n');
}

function more(all: readonly unknown[], listed: number): string[] {
  return all.length > listed ? [`  and ${all.length - listed} more`] : [];
}

function divergencesText(all: readonly Divergence[], listed: number, paint: Colours): string {
  if (all.length === 0) return '';
  const rows = all.slice(0, listed).flatMap(({ kind, name, equalSteps, a, b }): Cell[][] => [
    [
      `  ${kind} ${name}`,
      `after ${count(equalSteps, 'equal step')}`,
      'A',
      ...stepCells(a, kind, paint),
    ],
    ['', '', 'B', ...stepCells(b, kind, paint)],
  ]);
  const title = paint.bold('Where they first differ:');
  return [title, columns(rows), ...more(all, listed)].join('\n');
}

function stepCells(step: DiffStep | undefined, kind: string, paint: Colours): Cell[] {
  if (step === undefined) return [{ text: 'nothing more', paint: paint.dim }];
  const [from, to] = [step.from, step.to].map((state) => state.slice(kind.length + 1));
  const move = step.event === 'created' ? to : `${from} -> ${to}`;
  return [{ text: formatTime(step.time_s), paint: paint.dim }, move, step.event];
}

function timingsText(all: readonly TimingDifference[], paint: Colours): string {
  if (all.length === 0) return '';
  const head = ['  kind', 'from', 'to', 'A', 'times', 'B', 'times', 'B/A'];
  const rows = all.map(({ kind, from, to, a, b, ratio }): Cell[] => [
    `  ${kind}`,
    from.slice(kind.length + 1),
    to.slice(kind.length + 1),
    ...timingCells(a),
    ...timingCells(b),
    ratio === undefined ? '' : `${Number(ratio.toPrecision(3))}x`,
  ]);
  const title = paint.bold('Time in a state before the next (medians):');
  return [title, columns([head, ...rows], [3, 4, 5, 6, 7])].join('\n');
}

function timingCells(timing: Timing | undefined): Cell[] {
  return timing === undefined ? ['-', '-'] : [roughDuration(timing.median_s), `${timing.count}`];
}
