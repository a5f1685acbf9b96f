import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { signal, start, startAll, writeObjects } from './ceph-daemons.ts';
import { Follower } from './ceph-divergence.ts';
import { act, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';
import { keepRecording } from './ceph-recording.ts';

/** Long enough for everything that Ceph does in its own time here. */
const PATIENCE_MS = 150_000;
const POOL = 'sequence';
let backend: CephBackend;
let follower: Follower;
let seen: Map<string, Observation>;
let stop: () => void;
let waiting: Set<() => void>;

beforeAll(async () => {
  await startLab();
  await startAll();
  const creator = openCeph();
  await act(creator, 'pool', POOL, 'create', {
    pg_num: 16,
    rule: 'replicated_rack',
    application: 'rbd',
  });
  await closed(creator);
}, START_TIMEOUT_MS);

afterAll(() => removePools(POOL), PATIENCE_MS);

beforeEach(async () => {
  backend = openCeph({ poll_s: 0.05 });
  follower = new Follower();
  seen = new Map();
  waiting = new Set();
  stop = backend.watch((each) => {
    follower.see(each);
    seen.set(`${each.kind}/${each.entity}`, each);
    for (const look of waiting) look();
  });
  await until(() => isClean() && stateOf('ceph-cluster/ceph').startsWith('quorum'));
}, PATIENCE_MS);

afterEach(async () => {
  stop();
  await closed(backend);
  await startAll(); // one that failed leaves the others a whole cluster
}, PATIENCE_MS);

const stateOf = (name: string): string => seen.get(name)?.state ?? 'absent';

function isClean(): boolean {
  const groups = [...seen.values()].filter(({ kind }) => kind === 'pg');
  return groups.length > 0 && groups.every(({ state }) => state.startsWith('active+clean'));
}

/** Waits for a condition over what is seen; it is looked at with every change. */
function until(condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!condition()) return;
      waiting.delete(look);
      resolve();
    };
    waiting.add(look);
    look();
  });
}

const sequence = (name: string): readonly string[] => follower.sequences.get(name) ?? [];

/** What happened is what the machines allow; kept as a golden file when that is asked for. */
function expectAllowed(scenario: string): void {
  keepRecording(scenario, follower);
  expect(follower.divergences).toEqual([]);
}

describe('sequences of a real cluster, held against the machines', () => {
  it(
    'an OSD is killed: down, out after its interval, recovered elsewhere; started: in again',
    async () => {
      await writeObjects(POOL, 2);
      await signal('osd.5', 'SIGKILL');
      await until(() => stateOf('osd/osd.5') === 'down+in');
      await writeObjects(POOL, 2);
      await until(() => stateOf('osd/osd.5') === 'down+out');
      await until(() => isClean());
      await start('osd.5');
      await until(() => stateOf('osd/osd.5') === 'up+in');
      await until(() => isClean());
      expect(sequence('osd/osd.5')).toEqual(['up+in', 'down+in', 'down+out', 'up+in']);
      expectAllowed('osd-killed');
    },
    PATIENCE_MS,
  );

  it(
    'an OSD hangs: down after its grace; it goes on: back at once',
    async () => {
      await signal('osd.0', 'SIGSTOP');
      await until(() => stateOf('osd/osd.0') === 'down+in');
      await writeObjects(POOL, 1);
      await signal('osd.0', 'SIGCONT');
      await until(() => stateOf('osd/osd.0') === 'up+in' && isClean());
      expect(sequence('osd/osd.0')).toEqual(['up+in', 'down+in', 'up+in']);
      expectAllowed('osd-stalled');
    },
    PATIENCE_MS,
  );

  it(
    'the leader of the mons is killed: a peon leads; it comes back: it leads again',
    async () => {
      await signal('mon.a', 'SIGKILL');
      await until(() => stateOf('mon/b') === 'leader' && stateOf('mon/a') === 'down');
      await start('mon.a');
      await until(() => stateOf('mon/a') === 'leader' && stateOf('mon/b') === 'peon');
      expectAllowed('mon-leader-killed');
    },
    PATIENCE_MS,
  );

  it(
    'two mons are killed: no quorum; one comes back: a quorum',
    async () => {
      await signal('mon.b', 'SIGKILL');
      await signal('mon.c', 'SIGKILL');
      await until(() => stateOf('ceph-cluster/ceph').startsWith('no_quorum'));
      expect(['probing', 'electing']).toContain(stateOf('mon/a'));
      await start('mon.b');
      await until(() => stateOf('ceph-cluster/ceph').startsWith('quorum'));
      await start('mon.c');
      await until(() => stateOf('mon/c') === 'peon');
      expectAllowed('quorum-lost');
    },
    PATIENCE_MS,
  );

  it(
    'the active mgr is failed by an operator, then killed: a standby takes over both times',
    async () => {
      const first = stateOf('mgr/x') === 'active' ? 'x' : 'y';
      const other = first === 'x' ? 'y' : 'x';
      await act(backend, 'mgr', first, 'fail');
      await until(
        () => stateOf(`mgr/${other}`) === 'active' && stateOf(`mgr/${first}`) === 'standby',
      );
      await signal(`mgr.${other}`, 'SIGKILL');
      await until(() => stateOf(`mgr/${first}`) === 'active' && stateOf(`mgr/${other}`) === 'down');
      await start(`mgr.${other}`);
      await until(() => stateOf(`mgr/${other}`) === 'standby' && isClean());
      expectAllowed('mgr-failover');
    },
    PATIENCE_MS,
  );

  it(
    'the active MDS is killed: the standby replays, reconnects, rejoins and is active',
    async () => {
      const first = stateOf('mds/a') === 'active' ? 'a' : 'b';
      const other = first === 'a' ? 'b' : 'a';
      await signal(`mds.${first}`, 'SIGKILL');
      await until(
        () => stateOf(`mds/${other}`) === 'active' && stateOf('cephfs/cephfs') === 'active',
      );
      await start(`mds.${first}`);
      await until(() => stateOf(`mds/${first}`) === 'standby');
      expect(sequence('cephfs/cephfs')).toEqual(['active', 'degraded', 'active']);
      expectAllowed('mds-failover');
    },
    PATIENCE_MS,
  );

  it(
    'an operator marks an OSD out and in: its data moves away and back',
    async () => {
      await act(backend, 'osd', 'osd.2', 'out');
      await until(() => !isClean());
      await until(isClean);
      await act(backend, 'osd', 'osd.2', 'in');
      await until(() => !isClean());
      await until(isClean);
      expect(sequence('osd/osd.2')).toEqual(['up+in', 'up+out', 'up+in']);
      expectAllowed('osd-out-in');
    },
    PATIENCE_MS,
  );

  it(
    'a pool is created and deleted',
    async () => {
      const name = `${POOL}-short`;
      await act(backend, 'pool', name, 'create', { pg_num: 8, application: 'rbd' });
      await act(backend, 'pool', name, 'delete', { yes_i_really_really_mean_it: true });
      await until(() => stateOf(`pool/${name}`) === 'absent');
      expectAllowed('pool-created');
    },
    PATIENCE_MS,
  );
});
