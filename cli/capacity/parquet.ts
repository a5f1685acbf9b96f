/** Replica results as Parquet: one row for each replica and measure. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeWhole } from '../tools/pending-file.ts';
import type { ReplicaResult } from './replica.ts';
import type { SweepPoint } from './study.ts';

/**
 * Columns: point, replica, seed, cluster (of Kubernetes; empty: the whole site), measure, value, met
 * (1, 0, or -1 where nothing is to be met).
 */
export function writeStudy(
  path: string,
  points: readonly SweepPoint[],
  results: readonly ReplicaResult[],
): void {
  const rows = results.flatMap((result) => rowsOf(result));
  const column = <T>(name: string, type: 'STRING' | 'INT32' | 'DOUBLE', data: T[]) => ({
    name,
    type,
    data,
  });
  const bytes = parquetWriteBuffer({
    columnData: [
      column(
        'point',
        'STRING',
        rows.map((r) => JSON.stringify(points[r.point])),
      ),
      column(
        'replica',
        'INT32',
        rows.map((r) => r.replica),
      ),
      column(
        'seed',
        'DOUBLE',
        rows.map((r) => r.seed),
      ),
      column(
        'cluster',
        'STRING',
        rows.map((r) => r.cluster),
      ),
      column(
        'measure',
        'STRING',
        rows.map((r) => r.measure),
      ),
      column(
        'value',
        'DOUBLE',
        rows.map((r) => r.value),
      ),
      column(
        'met',
        'INT32',
        rows.map((r) => r.met),
      ),
    ],
  });
  writeWhole(path, [new Uint8Array(bytes)]);
}

interface Row {
  readonly point: number;
  readonly replica: number;
  readonly seed: number;
  readonly cluster: string;
  readonly measure: string;
  readonly value: number;
  readonly met: number;
}

function rowsOf(result: ReplicaResult): Row[] {
  const { point, replica, seed, usages, saturations, shortages, objectives, energy_kwh } = result;
  const row = (measure: string, value: number, cluster = '', met = -1): Row => ({
    point,
    replica,
    seed,
    cluster,
    measure,
    value,
    met,
  });
  return [
    ...usages.flatMap((u) => [
      row(`${u.resource}.capacity`, u.capacity, u.cluster),
      row(`${u.resource}.mean_used`, u.meanUsed, u.cluster),
      row(`${u.resource}.peak_used`, u.peakUsed, u.cluster),
      row(`${u.resource}.headroom`, u.headroom, u.cluster),
      row(`${u.resource}.mean_ratio`, u.meanRatio, u.cluster),
      row(`${u.resource}.peak_ratio`, u.peakRatio, u.cluster),
    ]),
    ...saturations.flatMap((s) => [
      row('pods_waiting.time_ratio', s.ratio, s.cluster),
      row('pods_waiting.mean', s.meanPods, s.cluster),
      row('pods_waiting.peak', s.peakPods, s.cluster),
    ]),
    ...shortages.flatMap(({ what, times, first_s }) => [
      row(`ran_out.${what}.first_s`, first_s),
      row(`ran_out.${what}.times`, times),
    ]),
    ...objectives.flatMap((o) => [
      row(`objective.${o.name}`, o.value, '', o.ok ? 1 : 0),
      ...(o.exceeded_s === undefined ? [] : [row(`objective.${o.name}.exceeded_s`, o.exceeded_s)]),
    ]),
    row('energy_kwh', energy_kwh),
  ];
}
