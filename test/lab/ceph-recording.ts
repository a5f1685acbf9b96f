import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Follower } from './ceph-divergence.ts';

/** Set to record the golden file anew: `STRATA_RECORD=1 npx vitest run ... ceph-sequences`. */
const RECORD = process.env['STRATA_RECORD'] === '1';
export const RECORDING = join(import.meta.dirname, '../model/ceph-sequences.json');

/** Scenario -> kind -> each sequence of states (of placement groups: Ceph's words) and how many. */
export type Recorded = Record<
  string,
  Record<string, { readonly count: number; readonly states: readonly string[] }[]>
>;

export interface Recording {
  readonly about: string;
  readonly scenarios: Recorded;
}

const ABOUT =
  'Ceph 16.2.15 of Debian 12: the lab cluster (3 mons, 2 mgrs, 6 OSDs in 3 racks, 2 MDSs), looked ' +
  'at by the driver every 50 ms while test/lab/ceph-sequences.test.ts did what each scenario ' +
  'says. Made by STRATA_RECORD=1. Placement groups in the words of `ceph pg dump`.';

/** Keeps what was seen in one scenario, if that is asked for. */
export function keepRecording(scenario: string, { sequences, words }: Follower): void {
  if (!RECORD) return;
  const scenarios: Recorded = existsSync(RECORDING)
    ? (JSON.parse(readFileSync(RECORDING, 'utf8')) as Recording).scenarios
    : {};
  const byKind: Record<string, Map<string, number>> = {};
  for (const [name, states] of sequences) {
    const [kind] = name.split('/');
    const told = kind === 'pg' ? (words.get(name) ?? []) : states;
    if (told.length < 2) continue;
    byKind[kind] ??= new Map();
    const text = told.join(' ');
    byKind[kind].set(text, (byKind[kind].get(text) ?? 0) + 1);
  }
  scenarios[scenario] = Object.fromEntries(
    Object.entries(byKind)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([kind, found]) => [
        kind,
        [...found].sort().map(([text, count]) => ({ count, states: text.split(' ') })),
      ]),
  );
  writeFileSync(RECORDING, `${JSON.stringify({ about: ABOUT, scenarios }, null, 1)}\n`);
}
