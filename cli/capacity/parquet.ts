/** Replica results as Parquet: one row for each replica and measure. */
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeWhole } from '../tools/pending-file.ts';
import type { ReplicaResult } from './replica.ts';
import type { SweepPoint } from './study.ts';

/** Columns: point, replica, seed, measure, value, met (1, 0, or -1 where nothing is to be met). */
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
  readonly measure: string;
  readonly value: number;
  readonly met: number;
}

function rowsOf({ point, replica, seed, usages, objectives, energy_kwh }: ReplicaResult): Row[] {
  const row = (measure: string, value: number, met = -1): Row => ({
    point,
    replica,
    seed,
    measure,
    value,
    met,
  });
  return [
    ...usages.flatMap((u) => [
      row(`${u.resource}.mean_ratio`, u.meanRatio),
      row(`${u.resource}.peak_ratio`, u.peakRatio),
    ]),
    ...objectives.map((o) => row(`objective.${o.name}`, o.value, o.ok ? 1 : 0)),
    row('energy_kwh', energy_kwh),
  ];
}
