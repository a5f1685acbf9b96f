import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Fault, Observation } from '../../engine/contract.ts';
import { MGRS } from '../../lab/ceph/conf.ts';
import { signal, start, startAll } from './ceph-daemons.ts';
import { act, ask, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const POOL = 'fault';
const PATIENCE_MS = 120_000;
let backend: CephBackend;

beforeAll(async () => {
  await startLab();
  await startAll();
}, START_TIMEOUT_MS);
beforeEach(() => {
  backend = openCeph({ command_s: 3 });
});
afterEach(async () => {
  await closed(backend);
  await startAll();
}, PATIENCE_MS);
afterAll(() => removePools(POOL), PATIENCE_MS);

const observe = (kind: string, entity: string) =>
  new Promise<Observation | Fault>((reply) => backend.observe(kind, entity, reply));
const list = () => new Promise<readonly Observation[] | Fault>((reply) => backend.list(reply));

/** The children of this process that run a bridge. */
function bridges(): readonly number[] {
  const children = execFileSync('ps', [
    '-o',
    'pid=,args=',
    '--ppid',
    String(process.pid),
  ]).toString();
  return children
    .split('\n')
    .filter((line) => line.includes('python3 -I'))
    .map((line) => Number.parseInt(line, 10));
}

describe('a cluster without a quorum', () => {
  it(
    'says so, still tells of its mons, and goes on by itself when it has one again',
    async () => {
      await observe('pool', 'rbd');
      await signal('mon.b', 'SIGKILL');
      await signal('mon.c', 'SIGKILL');
      await expect
        .poll(() => observe('mon', 'b'), { timeout: 30_000, interval: 200 })
        .toMatchObject({ state: 'down' });
      await expect
        .poll(() => observe('ceph-cluster', 'ceph'), { timeout: 30_000, interval: 200 })
        .toMatchObject({ state: expect.stringMatching(/^no_quorum\+/) });
      expect((await observe('mon', 'a')) as Observation).toMatchObject({
        state: expect.stringMatching(/probing|electing/),
      });
      expect(await observe('pool', 'rbd')).toMatchObject({
        ...{ code: 'CEPH_NO_QUORUM', upstream: '-110', effect: 'none', retryable: true },
        advice: expect.stringMatching(/majority/),
      });
      expect(await ask(backend, 'pool', POOL, 'create')).toMatchObject({
        fault: { code: 'CEPH_NO_QUORUM', upstream: '-110', effect: 'unknown' },
      });
      const cancelled = ask(backend, 'pool', POOL, 'create', {}, { deadline_s: 0.5 });
      expect(await cancelled).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED' } });
      await start('mon.b');
      await expect
        .poll(() => observe('pool', 'rbd'), { timeout: 60_000, interval: 500 })
        .toMatchObject({ state: 'active+ok' });
    },
    PATIENCE_MS,
  );
});

describe('a cluster without a manager', () => {
  it(
    'does all that needs none; the rest is told apart from a dead cluster',
    async () => {
      const before = (await observe('pool', 'rbd')) as Observation;
      await list();
      await Promise.all(MGRS.map((id) => signal(`mgr.${id}`, 'SIGKILL')));
      await expect
        .poll(() => observe('mgr', 'x'), { timeout: 30_000, interval: 500 })
        .toMatchObject({ state: 'down' });
      const pg = `${before.attributes?.['id']}.0`;
      expect(await observe('pg', pg)).toMatchObject({
        ...{ code: 'CEPH_NO_MANAGER', effect: 'none', retryable: true },
      });
      expect(await act(backend, 'pool', 'rbd', 'set_quota', { quota: 0 })).toMatchObject({
        state: 'active+ok',
      });
      expect(await ask(backend, 'pg', pg, 'scrub')).toMatchObject({
        fault: { code: 'CEPH_NO_MANAGER', upstream: '-110', effect: 'none' },
      });
      const answer = await list();
      expect(answer).toBeInstanceOf(Array);
      const found = answer as readonly Observation[];
      expect(found.filter(({ kind }) => kind === 'mgr').map(({ state }) => state)).toEqual([
        'down',
        'down',
      ]);
      expect(found.filter(({ kind }) => kind === 'osd')).toHaveLength(6);
      await Promise.all(MGRS.map((id) => start(`mgr.${id}`)));
      await expect
        .poll(() => observe('pg', pg), { timeout: 60_000, interval: 500 })
        .toMatchObject({ state: 'active+clean' });
    },
    PATIENCE_MS,
  );
});

describe('the bridge', () => {
  it('that dies while it looks is started again, and nobody notices', async () => {
    await observe('pool', 'rbd');
    const [first] = bridges();
    process.kill(first, 'SIGKILL');
    expect(await observe('pool', 'rbd')).toMatchObject({ state: 'active+ok' });
    expect(bridges()).not.toContain(first);
  });

  it('that dies while it acts ends the action: it may have happened', async () => {
    await observe('pool', 'rbd');
    await Promise.all(['a', 'b', 'c'].map((id) => signal(`mon.${id}`, 'SIGSTOP')));
    const asked = ask(backend, 'pool', `${POOL}-lost`, 'create');
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(bridges()[0], 'SIGKILL');
    const outcome = await asked;
    await Promise.all(['a', 'b', 'c'].map((id) => signal(`mon.${id}`, 'SIGCONT')));
    expect(outcome).toMatchObject({
      fault: { code: 'CEPH_CONNECTION_LOST', effect: 'unknown', retryable: true },
    });
  });

  it('is gone when the backend is closed', async () => {
    await observe('pool', 'rbd');
    expect(bridges()).toHaveLength(1);
    await closed(backend);
    expect(bridges()).toEqual([]);
  });
});

describe('a place that is wrong', () => {
  const faultWith = async (options: Parameters<typeof openCeph>[0]) => {
    const other = openCeph(options);
    try {
      return await new Promise((reply) => other.observe('pool', 'rbd', reply));
    } finally {
      await closed(other);
    }
  };

  it('is said to be so: a file, a user, a key', async () => {
    expect(await faultWith({ conf: '/nowhere/ceph.conf' })).toMatchObject({
      ...{ code: 'CEPH_BAD_CONFIG', upstream: '-2', effect: 'none', retryable: false },
    });
    expect(await faultWith({ name: 'client.nobody' })).toMatchObject({
      code: 'CEPH_AUTH',
      effect: 'none',
      message: expect.stringContaining('client.nobody'),
    });
    expect(await faultWith({ python: '/nowhere/python' })).toMatchObject({
      code: 'CEPH_NO_CLIENT',
    });
  });
});
