/** A capacity study as tables for people. */
import { span } from '../../engine/time-text.ts';
import { RESOURCE_TEXT, resourceName } from '../report/resources-text.ts';
import { digits, percent } from '../report/words.ts';
import { columns } from '../tools/text.ts';
import type { Interval } from './statistics.ts';
import type {
  ObjectiveAnswer,
  PointAnswer,
  ResourceAnswer,
  SaturationAnswer,
  ShortageAnswer,
  SweepPoint,
} from './study.ts';

export function studyText(answers: readonly PointAnswer[]): string {
  const compared = answers.length > 1 ? [comparedText(answers)] : [];
  return [...answers.map(pointText), ...compared].join('\n\n');
}

/** One line for each point of a sweep. */
function comparedText(answers: readonly PointAnswer[]): string {
  const rows = answers.map(({ point, resources, shortages, objectives }) => {
    const [fullest] = [...resources].sort((a, b) => b.peak.mean - a.peak.mean);
    const [first] = shortages;
    const met = objectives.filter((o) => o.met.mean === 1).length;
    return [
      pointName(point),
      fullest ? `${resourceName(fullest)}, ${percent(fullest.peak.mean)}` : '-',
      first ? `${first.what} after ${span(first.first_s.mean)}` : '-',
      `${met} of ${objectives.length}`,
    ];
  });
  const head = ['point', 'fullest at its peak', 'first ran out of', 'objectives met in every run'];
  return `Compared\n${table(head, rows)}`;
}

function pointText(answer: PointAnswer): string {
  const { replicas, resources, saturations, shortages, objectives, energy_kwh } = answer;
  const held = answer.invariantsHeld ? 'every invariant held' : 'an invariant was VIOLATED';
  return [
    `${pointName(answer.point)}: ${replicas} replica${replicas === 1 ? '' : 's'}, ${held}`,
    resourceTable(resources),
    ...saturations.filter(({ peakPods }) => peakPods.mean > 0).map(saturationText),
    ...(shortages.length > 0 ? [shortageTable(shortages)] : []),
    objectives.length > 0 ? objectiveTable(objectives) : '  no objectives',
    `  energy ${interval(energy_kwh, (v) => `${digits(v)} kWh`)}`,
  ].join('\n');
}

function pointName(point: SweepPoint): string {
  const parts = Object.entries(point).map(([path, value]) => `${path} = ${value}`);
  return parts.length > 0 ? parts.join(', ') : 'as written';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([head, ...rows].map(([first, ...rest]) => [`  ${first}`, ...rest]));
}

function resourceTable(resources: readonly ResourceAnswer[]): string {
  const rows = resources.map((answer) => {
    const { capacity, mean, peak, headroom } = answer;
    const amount = RESOURCE_TEXT[answer.resource][1];
    const shares = [mean, peak, headroom].map((share) => interval(share, percent));
    return [resourceName(answer), amount(capacity), ...shares];
  });
  return table(['resource', 'capacity', 'mean used', 'peak used', 'headroom'], rows);
}

function saturationText({ cluster, waiting, peakPods }: SaturationAnswer): string {
  const most = interval(peakPods, digits);
  return `  cluster ${cluster}: pods waited for a node ${interval(waiting, percent)} of the time, at most ${most} at once`;
}

function shortageTable(shortages: readonly ShortageAnswer[]): string {
  const rows = shortages.map(({ what, share, first_s, times }) => [
    what,
    interval(share, percent),
    interval(first_s, span),
    interval(times, digits),
  ]);
  return table(['ran out of', 'probability', 'first after', 'times'], rows);
}

function objectiveTable(objectives: readonly ObjectiveAnswer[]): string {
  const rows = objectives.map(({ name, value, limit, unit, met, exceeded_s }) => {
    const show = (v: number) => measured(v, unit);
    const first = exceeded_s ? interval(exceeded_s, span) : '';
    return [name, interval(value, show), show(limit), interval(met, percent), first];
  });
  return table(['objective', 'value', 'limit', 'probability of being met', 'exceeded after'], rows);
}

function measured(value: number, unit: string): string {
  if (unit === 'ratio') return percent(value);
  return `${Number(value.toPrecision(4))} ${unit}`;
}

/** `12.3 % (11.9 % to 12.7 %)`: the mean and its 95 % confidence interval. */
function interval({ mean, low, high }: Interval, show: (value: number) => string): string {
  if (Number.isNaN(mean)) return 'nothing measured';
  // One replica says nothing about how far others would lie from it.
  if (!Number.isFinite(low) || !Number.isFinite(high)) return show(mean);
  const [from, to] = [show(low), show(high)];
  return from === to ? show(mean) : `${show(mean)} (${from} to ${to})`;
}
