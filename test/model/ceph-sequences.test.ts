import { describe, expect, it } from 'vitest';
import { pgState } from '../../backends/ceph/pg-states.ts';
import { Follower } from '../lab/ceph-divergence.ts';
import { readRecording } from '../lab/ceph-recording.ts';

/**
 * Sequences of states that a real cluster went through, as the driver saw them (the file says how
 * it was made), held against the machines: no change may be one that no machine allows.
 */
const recorded = readRecording();
const SCENARIOS = [...new Set(recorded.map(({ scenario }) => scenario))];
const of = (scenario: string) => recorded.filter((each) => each.scenario === scenario);

describe('sequences recorded with Ceph 16.2.15', () => {
  it('are of every scenario that the lab has', () => {
    expect([...SCENARIOS].sort()).toEqual([
      ...['mds-failover', 'mgr-failover', 'mon-leader-killed', 'osd-killed', 'osd-out-in'],
      ...['osd-stalled', 'pool-created', 'quorum-lost'],
    ]);
  });

  it.each(SCENARIOS)('%s: every change is one that a machine allows', (scenario) => {
    const follower = new Follower();
    of(scenario).forEach(({ kind, states }, number) => {
      let last = '';
      for (const word of states) {
        const state = kind === 'pg' ? pgState(word) : word;
        // A manager that takes over calls what it has no report of unknown: see `PgReader`.
        if (state === 'unknown' && last !== '') continue;
        follower.see({ kind, entity: String(number), state, reason: word });
        last = state;
      }
    });
    expect(follower.divergences).toEqual([]);
    expect(follower.sequences.size).toBeGreaterThan(0);
  });

  it('of a placement group whose OSD was killed go through undersized and recovery', () => {
    const words = of('osd-killed').flatMap(({ states }) => states);
    for (const word of ['active+undersized', 'active+undersized+degraded', 'active+clean']) {
      expect(words).toContain(word);
    }
  });
});
