import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketState } from '../../../backends/ceph/buckets.ts';
import { clusterState } from '../../../backends/ceph/cluster.ts';
import { fileSystemState, mdsState } from '../../../backends/ceph/fs-map.ts';
import { monState } from '../../../backends/ceph/mon-map.ts';
import { osdState } from '../../../backends/ceph/osd-map.ts';
import { poolState } from '../../../backends/ceph/pools.ts';
import { compileModel } from '../../../engine/compile.ts';
import { KINDS } from '../../../model/sds/index.ts';
import { anyText } from '../../support/any-text.ts';

const STATES = new Set(compileModel(KINDS, []).stateNames);
function isState(kind: string, state: string): void {
  expect(STATES).toContain(`${kind}/${state}`);
}

const bit = fc.constantFrom(0, 1);
const osd = fc.record({
  osd: fc.nat(1000),
  up: bit,
  in: bit,
  weight: fc.double({ min: 0, max: 1, noNaN: true }),
  primary_affinity: fc.constant(1),
  up_from: fc.nat(1000),
  down_at: fc.nat(1000),
  state: fc.subarray(['exists', 'up', 'new', 'destroyed', 'autoout', 'full', 'noout']),
});

describe('what the maps say, as states of the machines', () => {
  it('of any OSD', () => {
    fc.assert(fc.property(osd, (entry) => isState('osd', osdState(entry))));
  });

  it('of any pool', () => {
    const flags = fc.subarray([
      'hashpspool',
      'creating',
      'full',
      'full_quota',
      'nearfull',
      'backfillfull',
    ]);
    fc.assert(
      fc.property(flags, fc.boolean(), (names, isStuck) => {
        isState('pool', poolState(new Set(names), isStuck));
      }),
    );
  });

  it('of mons, by every state of mon_status', () => {
    for (const state of [
      'probing',
      'synchronizing',
      'electing',
      'leader',
      'peon',
      'init',
      'shutdown',
    ]) {
      isState('mon', monState(state));
    }
    expect(() => monState('dreaming')).toThrow(/CEPH|documented/);
  });

  it('of MDSs, by every state of the MDSMap', () => {
    const states = ['up:boot', 'up:standby', 'up:standby-replay', 'up:starting', 'up:creating'];
    const steps = ['up:replay', 'up:resolve', 'up:reconnect', 'up:rejoin', 'up:clientreplay'];
    const ends = ['up:active', 'up:stopping', 'down:dne', 'down:stopped', 'down:damaged'];
    for (const state of [...states, ...steps, ...ends]) isState('mds', mdsState(state));
    expect(() => mdsState('constructor')).toThrow(/documented/);
  });

  it('of any file system', () => {
    const daemon = fc.record({
      name: fc.constantFrom('a', 'b'),
      rank: fc.nat(2),
      state: fc.constantFrom('up:creating', 'up:replay', 'up:active', 'up:rejoin'),
    });
    const ranks = fc.uniqueArray(fc.nat(2));
    const entry = fc.record({
      fs_name: fc.constant('f'),
      flags: fc.nat(31),
      max_mds: fc.integer({ min: 1, max: 3 }),
      in: ranks,
      failed: ranks,
      damaged: ranks,
      info: fc.dictionary(anyText(), daemon, { maxKeys: 3 }),
      data_pools: fc.array(fc.nat(9)),
      metadata_pool: fc.constant(2),
    });
    fc.assert(fc.property(entry, (each) => isState('cephfs', fileSystemState(each))));
  });

  it('of the cluster', () => {
    for (const quorum of ['quorum', 'no_quorum', 'electing']) {
      for (const health of ['HEALTH_OK', 'HEALTH_WARN', 'HEALTH_ERR']) {
        isState('ceph-cluster', clusterState(quorum, health));
      }
    }
    expect(() => clusterState('quorum', 'HEALTH_FINE')).toThrow(/documented/);
  });

  it('of any bucket', () => {
    const limit = fc.integer({ min: -1, max: 100 });
    const quota = fc.record({ enabled: fc.boolean(), max_size: limit, max_objects: limit });
    const usage = fc.record({ size_actual: fc.nat(200), num_objects: fc.nat(200) });
    const entry = fc.record({
      bucket: fc.constant('b'),
      owner: fc.constant('o'),
      usage: fc.dictionary(fc.constantFrom('rgw.main', 'rgw.none'), usage),
      bucket_quota: quota,
    });
    fc.assert(
      fc.property(entry, fc.boolean(), (each, hasGateway) => {
        isState('bucket', bucketState(each, hasGateway));
      }),
    );
  });
});
