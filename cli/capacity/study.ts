/** A capacity study: the points of a sweep, and what the replicas of each say. */
import { mean } from 'simple-statistics';
import { StrataError } from '../../engine/errors.ts';
import type { Resource } from '../../sim/account.ts';
import { isTold } from '../report/resources-text.ts';
import type { ReplicaResult } from './replica.ts';
import { type Interval, meanInterval, shareInterval } from './statistics.ts';

/** Values of the swept parameters or paths at one point. */
export type SweepPoint = Readonly<Record<string, string>>;

const POINTS_MAX = 1000;

/** `path=a,b,c` for each dimension, as the points of their product. Throws USAGE_SWEEP. */
export function sweepPoints(dimensions: readonly string[]): SweepPoint[] {
  let points: SweepPoint[] = [{}];
  for (const dimension of dimensions) {
    const equals = dimension.indexOf('=');
    const path = dimension.slice(0, equals);
    const values = dimension.slice(equals + 1).split(',');
    if (equals < 1 || values.some((v) => v === '')) {
      throw new StrataError('USAGE_SWEEP', `--sweep takes PATH=A,B,C, got '${dimension}'`);
    }
    points = points.flatMap((point) => values.map((value) => ({ ...point, [path]: value })));
    if (points.length > POINTS_MAX) {
      throw new StrataError('USAGE_SWEEP', `the sweep has more than ${POINTS_MAX} points`);
    }
  }
  return points;
}

export interface ResourceAnswer {
  readonly resource: Resource;
  /** The Kubernetes cluster; undefined for a resource of the whole site. */
  readonly cluster?: string;
  /** At the end of a run, on average: nodes and machines come and go. */
  readonly capacity: number;
  readonly mean: Interval;
  readonly peak: Interval;
  /** Share of the capacity that is free at the peak. */
  readonly headroom: Interval;
}

export interface SaturationAnswer {
  readonly cluster: string;
  /** Share of the time in which pods waited for a node, and most of them at once. */
  readonly waiting: Interval;
  readonly peakPods: Interval;
}

export interface ShortageAnswer {
  readonly what: string;
  /** Probability that a run runs out of it. */
  readonly share: Interval;
  /** Of the runs that do: seconds until they first did, and how often each was refused. */
  readonly first_s: Interval;
  readonly times: Interval;
}

export interface ObjectiveAnswer {
  readonly name: string;
  readonly value: Interval;
  readonly limit: number;
  readonly unit: string;
  /** Probability that a run meets it. */
  readonly met: Interval;
  /** Of a utilisation, in the runs that exceed it: seconds until they first did. */
  readonly exceeded_s?: Interval;
}

export interface PointAnswer {
  readonly point: SweepPoint;
  readonly replicas: number;
  readonly resources: readonly ResourceAnswer[];
  readonly saturations: readonly SaturationAnswer[];
  /** What runs ran out of, the earliest first. */
  readonly shortages: readonly ShortageAnswer[];
  readonly objectives: readonly ObjectiveAnswer[];
  readonly energy_kwh: Interval;
  readonly invariantsHeld: boolean;
}

/** What the replicas of one point say together. */
export function answerOf(point: SweepPoint, results: readonly ReplicaResult[]): PointAnswer {
  return {
    point,
    replicas: results.length,
    resources: results[0].usages
      .map((_, i) => resourceAnswer(results, i))
      .filter(
        ({ resource, capacity, peak }) =>
          capacity > 0 && isTold({ resource, capacity, peakUsed: peak.mean }),
      ),
    saturations: results[0].saturations.map((_, i) => saturationAnswer(results, i)),
    shortages: shortageAnswers(results),
    objectives: results[0].objectives.map((_, i) => objectiveAnswer(results, i)),
    energy_kwh: meanInterval(results.map((r) => r.energy_kwh)),
    invariantsHeld: results.every((r) => r.invariantsHeld),
  };
}

/** Student's interval knows no bounds; a share is never below 0, nor above 1 where it is of time. */
function within(interval: Interval, min: number, max: number): Interval {
  const { mean, low, high } = interval;
  // One replica has no interval, which is told as such.
  if (!Number.isFinite(low) && !Number.isFinite(high)) return interval;
  return { mean, low: Math.max(min, low), high: Math.min(max, high) };
}

function resourceAnswer(results: readonly ReplicaResult[], index: number): ResourceAnswer {
  const usages = results.map((r) => r.usages[index]);
  return {
    resource: usages[0].resource,
    ...(usages[0].cluster !== undefined && { cluster: usages[0].cluster }),
    capacity: mean(usages.map((u) => u.capacity)),
    mean: within(meanInterval(usages.map((u) => u.meanRatio)), 0, Number.POSITIVE_INFINITY),
    peak: within(meanInterval(usages.map((u) => u.peakRatio)), 0, Number.POSITIVE_INFINITY),
    headroom: within(meanInterval(usages.map((u) => 1 - u.peakRatio)), Number.NEGATIVE_INFINITY, 1),
  };
}

function saturationAnswer(results: readonly ReplicaResult[], index: number): SaturationAnswer {
  const saturations = results.map((r) => r.saturations[index]);
  const most = meanInterval(saturations.map((s) => s.peakPods));
  return {
    cluster: saturations[0].cluster,
    waiting: within(meanInterval(saturations.map((s) => s.ratio)), 0, 1),
    peakPods: within(most, 0, Number.POSITIVE_INFINITY),
  };
}

function shortageAnswers(results: readonly ReplicaResult[]): ShortageAnswer[] {
  const all = results.flatMap((r) => r.shortages);
  return [...new Set(all.map(({ what }) => what))]
    .map((what) => {
      const found = all.filter((one) => one.what === what);
      return {
        what,
        share: shareInterval(found.length, results.length),
        first_s: within(meanInterval(found.map((f) => f.first_s)), 0, Number.POSITIVE_INFINITY),
        times: within(meanInterval(found.map((f) => f.times)), 1, Number.POSITIVE_INFINITY),
      };
    })
    .sort((a, b) => a.first_s.mean - b.first_s.mean);
}

function objectiveAnswer(results: readonly ReplicaResult[], index: number): ObjectiveAnswer {
  const objectives = results.map((r) => r.objectives[index]);
  const measured = objectives.map((o) => o.value).filter((v) => !Number.isNaN(v));
  const exceeded = objectives.flatMap(({ exceeded_s }) => exceeded_s ?? []);
  const most = objectives[0].measure === 'availability' ? 1 : Number.POSITIVE_INFINITY;
  return {
    name: objectives[0].name,
    value: within(meanInterval(measured.length > 0 ? measured : [Number.NaN]), 0, most),
    limit: objectives[0].limit,
    unit: objectives[0].unit,
    met: shareInterval(objectives.filter((o) => o.ok).length, objectives.length),
    ...(exceeded.length > 0 && {
      exceeded_s: within(meanInterval(exceeded), 0, Number.POSITIVE_INFINITY),
    }),
  };
}
