import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Follower } from './ceph-divergence.ts';

/** Set to record the golden file anew: `STRATA_RECORD=1 npx vitest run ... ceph-sequences`. */
const RECORD = process.env['STRATA_RECORD'] === '1';
const RECORDING = join(import.meta.dirname, '../model/ceph-sequences.jsonl');

/** What entities of a kind went through in a scenario, and how many of them did. */
export interface RecordedSequence {
  readonly scenario: string;
  readonly kind: string;
  readonly count: number;
  /** States of the kind's machine; of placement groups, Ceph's own words. */
  readonly states: readonly string[];
}

const ABOUT = {
  about:
    'Ceph 16.2.15 of Debian 12: the lab cluster (3 mons, 2 mgrs, 6 OSDs in 3 racks, 2 MDSs), looked ' +
    'at by the driver every 50 ms while test/lab/ceph-sequences.test.ts did what each scenario ' +
    'says. Made by STRATA_RECORD=1. Placement groups in the words of `ceph pg dump`.',
};

/** The golden file: a first line that says what it is, then one line a sequence. */
export function readRecording(): readonly RecordedSequence[] {
  const [, ...lines] = readFileSync(RECORDING, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as RecordedSequence);
}

/** Keeps what was seen in one scenario, if that is asked for. */
export function keepRecording(scenario: string, follower: Follower): void {
  if (!RECORD) return;
  const known = existsSync(RECORDING) ? readRecording() : [];
  const others = known.filter((each) => each.scenario !== scenario);
  const all = [ABOUT, ...others, ...counted(scenario, follower)];
  writeFileSync(RECORDING, `${all.map((each) => JSON.stringify(each)).join('\n')}\n`);
}

function counted(scenario: string, { sequences, words }: Follower): readonly RecordedSequence[] {
  const counts = new Map<string, RecordedSequence>();
  for (const [name, seen] of sequences) {
    const [kind] = name.split('/');
    const states = kind === 'pg' ? (words.get(name) ?? []) : [...seen];
    if (states.length < 2) continue;
    const key = [kind, ...states].join(' ');
    counts.set(key, { scenario, kind, count: (counts.get(key)?.count ?? 0) + 1, states });
  }
  return [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([, each]) => each);
}
