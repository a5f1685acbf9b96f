/** A capacity study as tables for people. */
import Table from 'cli-table3';
import { RESOURCE_TEXT, resourceName } from '../report/resources-text.ts';
import { digits, percent } from '../report/words.ts';
import type { Interval } from './statistics.ts';
import type {
  ObjectiveAnswer,
  PointAnswer,
  ResourceAnswer,
  SaturationAnswer,
  SweepPoint,
} from './study.ts';

const PLAIN = { style: { head: [], border: [] } };

export function studyText(answers: readonly PointAnswer[]): string {
  return answers.map(pointText).join('\n\n');
}

function pointText(answer: PointAnswer): string {
  const { replicas, energy_kwh } = answer;
  const held = answer.invariantsHeld ? 'every invariant held' : 'an invariant was VIOLATED';
  return [
    `${pointName(answer.point)}: ${replicas} replica${replicas === 1 ? '' : 's'}, ${held}`,
    resourceTable(answer.resources),
    ...answer.saturations.filter(({ peakPods }) => peakPods.mean > 0).map(saturationText),
    answer.objectives.length > 0 ? objectiveTable(answer.objectives) : 'no objectives',
    `energy ${interval(energy_kwh, (v) => `${v.toFixed(1)} kWh`)}`,
  ].join('\n');
}

function pointName(point: SweepPoint): string {
  const parts = Object.entries(point).map(([path, value]) => `${path} = ${value}`);
  return parts.length > 0 ? parts.join(', ') : 'as written';
}

function resourceTable(resources: readonly ResourceAnswer[]): string {
  const table = new Table({
    head: ['resource', 'capacity', 'mean used', 'peak used', 'headroom'],
    ...PLAIN,
  });
  for (const answer of resources) {
    const { capacity, mean, peak, headroom } = answer;
    const amount = RESOURCE_TEXT[answer.resource][1];
    table.push([
      resourceName(answer),
      amount(capacity),
      interval(mean, percent),
      interval(peak, percent),
      interval(headroom, percent),
    ]);
  }
  return table.toString();
}

function saturationText({ cluster, waiting, peakPods }: SaturationAnswer): string {
  const most = interval(peakPods, digits);
  return `cluster ${cluster}: pods waited for a node ${interval(waiting, percent)} of the time, at most ${most} at once`;
}

function objectiveTable(objectives: readonly ObjectiveAnswer[]): string {
  const table = new Table({
    head: ['objective', 'value', 'limit', 'probability of being met'],
    ...PLAIN,
  });
  for (const { name, value, limit, unit, met } of objectives) {
    const show = unit === 'ratio' ? percent : (v: number) => `${Number(v.toPrecision(4))} ${unit}`;
    table.push([name, interval(value, show), show(limit), interval(met, percent)]);
  }
  return table.toString();
}

/** `12.3 % (11.9 % to 12.7 %)`: the mean and its 95 % confidence interval. */
function interval({ mean, low, high }: Interval, show: (value: number) => string): string {
  if (Number.isNaN(mean)) return 'nothing measured';
  // One replica says nothing about how far others would lie from it.
  if (!Number.isFinite(low) || !Number.isFinite(high)) return show(mean);
  return low === high ? show(mean) : `${show(mean)} (${show(low)} to ${show(high)})`;
}
