import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { cephPaths } from '../../lab/ceph/paths.ts';
import { command } from '../../lab/command.ts';
import { startAll } from './ceph-daemons.ts';
import { act, ask, closed, openCeph, removePools, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const POOL = 'block';
const MIB = 2 ** 20;
const folder = mkdtempSync(join(tmpdir(), 'strata-ceph-'));
let backend: CephBackend;

beforeAll(async () => {
  await startLab();
  await startAll();
  backend = openCeph();
  await act(backend, 'pool', POOL, 'create', { pg_num: 8, application: 'rbd' });
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(backend);
  await removePools(POOL);
  rmSync(folder, { recursive: true });
});

const run = (kind: string, entity: string, verb: string, params: object = {}) =>
  act(backend, kind, entity, verb, { ...params });
const faultOf = (kind: string, entity: string, verb: string, params: object = {}) =>
  ask(backend, kind, entity, verb, { ...params });
const observe = (kind: string, entity: string): Promise<Observation> =>
  backend.driver.observe(kind, entity);
/** The same cluster, as Ceph's own tools see it. */
const tool = async (program: string, ...args: string[]): Promise<unknown> =>
  JSON.parse(
    (await command(program, ['--conf', cephPaths().conf, '--format', 'json', ...args])).toString(),
  );

describe('images', () => {
  const image = `${POOL}/disk`;

  it('are created, resized, moved to the trash, restored and removed', async () => {
    const states: string[] = [];
    const stop = backend.watch(({ entity, state }) => entity === image && states.push(state));
    expect(await run('rbd-image', image, 'create', { size_bytes: 8 * MIB })).toMatchObject({
      state: 'available',
      attributes: { size_bytes: 8 * MIB, parent: '', snapshots: '' },
    });
    expect(await tool('rbd', 'info', image)).toMatchObject({ size: 8 * MIB });
    expect(await run('rbd-image', image, 'resize', { size_bytes: 16 * MIB })).toMatchObject({
      attributes: { size_bytes: 16 * MIB },
    });
    expect(await run('rbd-image', image, 'trash')).toMatchObject({ state: 'trash' });
    expect(await observe('rbd-image', image)).toMatchObject({ state: 'trash' });
    expect(await run('rbd-image', image, 'restore')).toMatchObject({ state: 'available' });
    expect(await run('rbd-image', image, 'remove')).toMatchObject({ state: 'absent' });
    expect(await tool('rbd', 'ls', POOL)).toEqual([]);
    stop();
    expect(states).toEqual([
      ...['available', 'resizing', 'available', 'trash', 'available', 'removing', 'absent'],
    ]);
  });

  it('asked for twice are there once', async () => {
    for (const _ of [1, 2]) await run('rbd-image', image, 'create', { size_bytes: 8 * MIB });
    expect(await faultOf('rbd-image', image, 'create', { size_bytes: 9 * MIB })).toMatchObject({
      fault: { code: 'CEPH_EXISTS', upstream: '-17', effect: 'none' },
    });
    for (const _ of [1, 2]) await run('rbd-image', image, 'remove');
  });

  it('are snapshotted, protected, cloned and flattened, and say what they depend on', async () => {
    const clone = `${POOL}/clone`;
    const snapshot = { snapshot: 'first' };
    await run('rbd-image', image, 'create', { size_bytes: 8 * MIB });
    await run('rbd-image', image, 'snap_create', snapshot);
    expect(await run('rbd-image', image, 'snap_protect', snapshot)).toMatchObject({
      attributes: { snapshots: 'first', protected_snapshots: 'first' },
    });
    expect(await run('rbd-image', clone, 'clone', { parent: image, ...snapshot })).toMatchObject({
      attributes: { parent: `${image}@first` },
    });
    expect(await faultOf('rbd-image', image, 'snap_unprotect', snapshot)).toMatchObject({
      fault: { code: 'CEPH_WRONG_STATE', upstream: '-16' },
    });
    expect(await faultOf('rbd-image', image, 'remove')).toMatchObject({
      fault: { code: 'CEPH_WRONG_STATE', upstream: '-39' },
    });
    expect(await observe('rbd-image', image)).toMatchObject({ state: 'available' });
    expect(await run('rbd-image', clone, 'flatten')).toMatchObject({ attributes: { parent: '' } });
    await run('rbd-image', clone, 'remove');
    await run('rbd-image', image, 'snap_rollback', snapshot);
    await run('rbd-image', image, 'snap_unprotect', snapshot);
    expect(await run('rbd-image', image, 'snap_remove', snapshot)).toMatchObject({
      attributes: { snapshots: '' },
    });
    await run('rbd-image', image, 'remove');
  });

  it('are refused with the numbers of librbd', async () => {
    const missing = `${POOL}/missing`;
    const refusals = [
      [missing, 'resize', { size_bytes: MIB }, 'CEPH_UNKNOWN', '-2'],
      [missing, 'snap_create', { snapshot: 's' }, 'CEPH_UNKNOWN', '-2'],
      ['nowhere/disk', 'create', { size_bytes: MIB }, 'CEPH_UNKNOWN', '-2'],
      [missing, 'create', { size_bytes: -1 }, 'CEPH_BAD_PARAMS', undefined],
      ['disk', 'create', { size_bytes: MIB }, 'CEPH_BAD_PARAMS', undefined],
    ] as const;
    for (const [entity, verb, params, code, upstream] of refusals) {
      const outcome = await faultOf('rbd-image', entity, verb, params);
      expect(outcome, `${verb} ${entity}`).toMatchObject({ fault: { code, effect: 'none' } });
      if (outcome.type === 'fault') expect(outcome.fault.upstream).toBe(upstream);
    }
    await run('rbd-image', image, 'create', { size_bytes: 8 * MIB });
    expect(await faultOf('rbd-image', image, 'resize', { size_bytes: MIB })).toMatchObject({
      fault: { code: 'CEPH_REFUSED', upstream: '-22' },
    });
    const shrunk = { size_bytes: MIB, allow_shrink: true };
    expect(await run('rbd-image', image, 'resize', shrunk)).toMatchObject({ state: 'available' });
    await run('rbd-image', image, 'remove');
  });
});

describe('pools, rules and flags', () => {
  it('a pool is made on a rule, changed, limited and deleted only when that is confirmed', async () => {
    const pool = `${POOL}-2`;
    const rule = 'by-rack';
    expect(
      await run('crush-rule', rule, 'create_replicated', { failure_domain: 'rack' }),
    ).toMatchObject({
      state: 'present',
      attributes: { root: 'default', failure_domain: 'rack' },
    });
    expect(await run('pool', pool, 'create', { pg_num: 4, rule, size: 2 })).toMatchObject({
      state: 'active+ok',
      attributes: { pg_num: 4, size: 2, crush_rule: rule },
    });
    await run('pool', pool, 'set', { var: 'size', val: 3 });
    await run('pool', pool, 'set_quota', { field: 'max_bytes', quota: 10 * MIB });
    expect(await run('pool', pool, 'enable_application', { application: 'rgw' })).toMatchObject({
      attributes: { size: 3, quota_max_bytes: 10 * MIB, applications: 'rgw' },
    });
    expect(await faultOf('crush-rule', rule, 'remove')).toMatchObject({
      fault: { code: 'CEPH_WRONG_STATE', upstream: '-16' },
    });
    expect(await faultOf('pool', pool, 'delete')).toMatchObject({
      fault: { code: 'CEPH_NOT_CONFIRMED', effect: 'none' },
    });
    const sure = { yes_i_really_really_mean_it: true };
    expect(await run('pool', pool, 'delete', sure)).toMatchObject({ state: 'absent' });
    expect(await run('pool', pool, 'delete', sure)).toMatchObject({ state: 'absent' });
    expect(await run('crush-rule', rule, 'remove')).toMatchObject({ state: 'absent' });
  });

  it('an erasure-coded pool is made of a profile', async () => {
    const pool = `${POOL}-ec`;
    const made = { pool_type: 'erasure', pg_num: 4, erasure_code_profile: 'default' };
    expect(await run('pool', pool, 'create', made)).toMatchObject({
      attributes: { type: 'erasure', erasure_code_profile: 'default' },
    });
    expect(await faultOf('pool', pool, 'set', { var: 'size', val: 2 })).toMatchObject({
      fault: { code: 'CEPH_UNSUPPORTED', upstream: '-95' },
    });
    await run('pool', pool, 'delete', { yes_i_really_really_mean_it: true });
    await run('crush-rule', pool, 'remove');
    const rule = 'by-profile';
    expect(await run('crush-rule', rule, 'create_erasure')).toMatchObject({
      state: 'present',
      attributes: { root: 'default', failure_domain: 'host' },
    });
    expect(await run('crush-rule', rule, 'remove')).toMatchObject({ state: 'absent' });
  });

  it('a flag of the cluster is set and unset', async () => {
    const flag = { flag: 'noscrub' };
    const flags = (seen: Observation) => String(seen.attributes?.['flags']).split(',');
    expect(flags(await run('ceph-cluster', 'ceph', 'set_flag', flag))).toContain('noscrub');
    expect(flags(await run('ceph-cluster', 'ceph', 'unset_flag', flag))).not.toContain('noscrub');
  });

  it('what Ceph refuses keeps its number', async () => {
    const refusals = [
      ['pool', 'nowhere', 'set', { var: 'size', val: 2 }, 'CEPH_UNKNOWN', '-2'],
      ['pool', POOL, 'set', { var: 'size', val: 0 }, 'CEPH_REFUSED', '-22'],
      ['pool', POOL, 'set', { var: 'colour', val: 'red' }, 'CEPH_REFUSED', '-22'],
      ['pool', `${POOL}-many`, 'create', { pg_num: 100_000 }, 'CEPH_REFUSED', '-34'],
      ['pool', `${POOL}-odd`, 'create', { rule: 'no-such-rule' }, 'CEPH_UNKNOWN', '-2'],
      ['osd', 'osd.0', 'purge', { yes_i_really_mean_it: true }, 'CEPH_WRONG_STATE', '-16'],
      ['osd', 'osd.99', 'reweight', { weight: 1 }, 'CEPH_UNKNOWN', '-2'],
    ] as const;
    for (const [kind, entity, verb, params, code, upstream] of refusals) {
      const outcome = await faultOf(kind, entity, verb, params);
      expect(outcome, `${verb} ${entity}`).toMatchObject({
        fault: { code, upstream, effect: 'none', retryable: false },
      });
    }
    // Ceph answers success for these; the driver does not.
    for (const verb of ['out', 'in', 'down']) {
      expect(await faultOf('osd', 'osd.99', verb)).toMatchObject({
        fault: { code: 'CEPH_UNKNOWN' },
      });
    }
    expect(await faultOf('osd', 'disk', 'reweight', { weight: 1 })).toMatchObject({
      fault: { code: 'CEPH_BAD_PARAMS' },
    });
  });
});

describe('OSDs and placement groups', () => {
  it('an OSD is reweighted, marked out and in, and down: it comes up again by itself', async () => {
    expect(await run('osd', 'osd.1', 'reweight', { weight: 0.5 })).toMatchObject({
      state: 'up+in',
      attributes: { reweight: expect.closeTo(0.5, 3), host: 'host1', rack: 'rack1' },
    });
    await run('osd', 'osd.1', 'reweight', { weight: 1 });
    expect(await run('osd', 'osd.1', 'out')).toMatchObject({ state: 'up+out' });
    expect(await run('osd', 'osd.1', 'in')).toMatchObject({ state: 'up+in' });
    expect((await run('osd', 'osd.1', 'down')).state).toMatch(/^(up|down)\+in$/);
    await expect
      .poll(async () => (await observe('osd', 'osd.1')).state, { timeout: 20_000 })
      .toBe('up+in');
  });

  it('an OSD that is lost is given up, and then taken out of the maps', async () => {
    // One that was made and never started: what an operator meets when a disk dies for good.
    const { osdid } = (await tool('ceph', 'osd', 'create', randomUUID())) as { osdid: number };
    const osd = `osd.${osdid}`;
    const sure = { yes_i_really_mean_it: true };
    try {
      expect(await observe('osd', osd)).toMatchObject({ state: 'preparing+in' });
      for (const verb of ['destroy', 'purge']) {
        expect(await faultOf('osd', osd, verb)).toMatchObject({
          fault: { code: 'CEPH_NOT_CONFIRMED', effect: 'none' },
        });
      }
      expect(await run('osd', osd, 'destroy', sure)).toMatchObject({ state: 'destroyed+out' });
      const forced = { ...sure, force: true };
      expect(await run('osd', osd, 'purge', forced)).toMatchObject({ state: 'absent' });
      expect(await faultOf('osd', osd, 'purge', forced)).toMatchObject({
        fault: { code: 'CEPH_UNKNOWN' },
      });
    } finally {
      const away = ['osd', 'purge', osd, '--force', '--yes-i-really-mean-it'];
      await command('ceph', ['--conf', cephPaths().conf, ...away]);
    }
  });

  it('a placement group is scrubbed, and scrubbed deeply', async () => {
    const { attributes } = await observe('pool', POOL);
    const pg = `${attributes?.['id']}.0`;
    await expect
      .poll(async () => (await observe('pg', pg)).state, { timeout: 30_000 })
      .toBe('active+clean');
    for (const verb of ['scrub', 'deep_scrub', 'repair']) {
      expect((await run('pg', pg, verb)).state, verb).toMatch(/^active\+clean/);
    }
    expect(await faultOf('pg', '999.0', 'scrub')).toMatchObject({ fault: { upstream: '-2' } });
    expect(await faultOf('pg', pg, 'force_create')).toMatchObject({
      fault: { code: 'CEPH_NOT_CONFIRMED' },
    });
  });
});

describe('users', () => {
  it('are made, given capabilities and removed; their key goes to a file and nowhere else', async () => {
    const user = 'client.block-test';
    const keyring_file = join(folder, 'keyring');
    const made = await run('ceph-user', user, 'create', { caps: { mon: 'allow r' }, keyring_file });
    expect(made).toMatchObject({ state: 'present', attributes: { caps_mon: 'allow r' } });
    const key = /key = (\S+)/.exec(readFileSync(keyring_file, 'utf8'))?.[1];
    expect(await tool('ceph', 'auth', 'get', user)).toMatchObject([{ key }]);
    expect(statSync(keyring_file).mode & 0o777).toBe(0o600);
    expect(JSON.stringify([made, await backend.driver.list()])).not.toContain(key);

    const reader = openCeph({ name: user, keyring: keyring_file });
    expect(await reader.driver.diagnose()).toEqual(
      expect.arrayContaining([expect.objectContaining({ check: 'reachable', ok: true })]),
    );
    expect(await ask(reader, 'pool', POOL, 'set_quota', { quota: 1 })).toMatchObject({
      fault: { code: 'CEPH_DENIED', upstream: '-13', effect: 'none' },
    });
    await closed(reader);

    const caps = { mon: 'allow r', osd: `allow rwx pool=${POOL}` };
    expect(await run('ceph-user', user, 'set_caps', { caps })).toMatchObject({
      attributes: { caps_osd: caps.osd },
    });
    expect(await run('ceph-user', user, 'remove')).toMatchObject({ state: 'absent' });
    const gone = openCeph({ name: user, keyring: keyring_file });
    expect(await gone.driver.diagnose()).toEqual([
      expect.objectContaining({
        check: 'reachable',
        ok: false,
        advice: expect.stringMatching(/keyring/),
      }),
    ]);
    await closed(gone);
  });
});

describe('file systems', () => {
  const fs = 'cephfs';

  it('one is taken down and may be joined again', async () => {
    expect(await run('cephfs', fs, 'fail')).toMatchObject({ state: 'failed' });
    expect(await run('cephfs', fs, 'set_joinable')).toMatchObject({ state: 'active' });
    expect(await run('cephfs', fs, 'set_max_mds', { max_mds: 1 })).toMatchObject({
      attributes: { metadata_pool: 'cephfs_metadata', data_pools: 'cephfs_data', max_mds: 1 },
    });
  });

  it('a second one is made on its own pools and removed', async () => {
    const name = `${POOL}-fs`;
    for (const part of ['metadata', 'data']) {
      await run('pool', `${name}-${part}`, 'create', { pg_num: 4 });
    }
    const pools = { metadata_pool: `${name}-metadata`, data_pool: `${name}-data` };
    expect(await run('cephfs', name, 'create', pools)).toMatchObject({ state: 'active' });
    expect(await faultOf('cephfs', name, 'remove')).toMatchObject({
      fault: { code: 'CEPH_NOT_CONFIRMED' },
    });
    const sure = { yes_i_really_mean_it: true };
    expect(await faultOf('cephfs', name, 'remove', sure)).toMatchObject({
      fault: { code: 'CEPH_REFUSED', upstream: '-22' },
    });
    await run('cephfs', name, 'fail');
    expect(await run('cephfs', name, 'remove', sure)).toMatchObject({ state: 'absent' });
  });

  it('an MDS gives its rank up, and the other one takes it', async () => {
    const active = async () =>
      (await backend.driver.list()).find(({ kind, state }) => kind === 'mds' && state === 'active');
    await expect.poll(active, { timeout: 30_000 }).toBeDefined();
    const before = (await active())!.entity;
    await run('mds', before, 'fail');
    await expect.poll(async () => (await active())?.entity, { timeout: 30_000 }).not.toBe(before);
  });
});

describe('everything', () => {
  it('is listed with what a scenario is built from', async () => {
    const found = await backend.driver.list();
    const kinds = new Set(found.map(({ kind }) => kind));
    for (const kind of [
      'ceph-cluster',
      'mon',
      'mgr',
      'osd',
      'pool',
      'pg',
      'cephfs',
      'mds',
      'rgw',
    ]) {
      expect(kinds).toContain(kind);
    }
    const osd = found.find(({ entity }) => entity === 'osd.3');
    expect(osd).toMatchObject({
      attributes: {
        rack: 'rack2',
        host: 'host3',
        device_class: 'hdd',
        size_bytes: expect.any(Number),
      },
    });
    expect(Number(osd?.attributes?.['size_bytes'])).toBeGreaterThan(3.9 * 2 ** 30);
  });

  it('is diagnosed', async () => {
    const checks = await backend.driver.diagnose();
    expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
      ['reachable', true],
      ['version', true],
      ['permitted', true],
      ['healthy', true],
    ]);
    expect(checks[1].found).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
