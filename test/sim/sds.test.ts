import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPgMapping, mapPgToOsds } from '../../sim/sds/crush/osdmap.ts';
import { planCrush, planDaemons, planOsds } from '../../sim/sds/plan.ts';
import {
  CEPH,
  Cloud,
  type CloudOptions,
  DATACENTER,
  LAB,
  MODEL,
  pool,
  scenarioOf,
} from './cloud.ts';

const SDS = new Set(['ceph-cluster', 'mon', 'mgr', 'osd', 'pool', 'pg', 'rbd-image', 'cephfs']);
for (const kind of ['mds', 'rgw', 'bucket']) SDS.add(kind);

const cephOf = (options: CloudOptions = {}) => scenarioOf({ ceph: CEPH, ...options });
/** A cluster that has come up; 15 minutes are enough with the timings of the lab. */
const running = (options: CloudOptions = {}): Cloud => new Cloud(cephOf(options)).pass(900);
const isClean = (cloud: Cloud): boolean =>
  Object.keys(cloud.count('pg')).every((state) => state === 'active+clean');
const osdsOfRack = (cloud: Cloud, rack: string): string[] =>
  cloud
    .all('host-os')
    .filter((host) => cloud.engine.names[host].startsWith(`${rack}-storage`))
    .map((host) => cloud.engine.names[host]);
/** The OSDs (by id) that a placement group acts on. */
const actingOf = (cloud: Cloud, pg: number): number[] =>
  cloud.world.services
    .ceph!.acting(pg)
    .map((osd) => (osd < 0 ? -1 : Number(cloud.engine.names[osd].slice('osd.'.length))));

describe('timings', () => {
  it.each([
    ['lab', LAB],
    ['datacenter', DATACENTER],
  ] as const)('%s knows every verb', (_, timings) => {
    const keys = [...MODEL.verbNames, ...MODEL.delayNames];
    const missing = keys.filter((k) => SDS.has(k.split('.')[0]) && !timings[k]?.source);
    expect(missing).toEqual([]);
  });
});

describe('coming up', () => {
  it('mons form a quorum, OSDs boot, pools become active, the cluster is healthy', () => {
    const cloud = running();
    expect(cloud.count('mon')).toEqual({ leader: 1, peon: 2 });
    expect(cloud.count('mgr')).toEqual({ active: 1, standby: 1 });
    expect(cloud.count('osd')).toEqual({ 'up+in': 12 });
    expect(cloud.count('pg')).toEqual({ 'active+clean': 32 });
    expect(cloud.count('pool')).toEqual({ 'active+ok': 1 });
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_OK');
    expect(cloud.engine.divergences).toBe(0);
  });

  it('daemons are spread over the racks', () => {
    const { site } = cephOf();
    expect(planDaemons(site, ['control'], 3)).toEqual([
      'r1-control-1',
      'r2-control-1',
      'r3-control-1',
    ]);
    expect(planDaemons(site, ['storage'], 4).map((name) => name.slice(0, 2))).toEqual([
      'r1',
      'r2',
      'r3',
      'r1',
    ]);
    expect(planDaemons(site, ['control'], 9)).toHaveLength(3);
  });

  it('placement groups act where CRUSH puts them, in as many racks as copies', () => {
    const scenario = cephOf();
    const cloud = new Cloud(scenario).pass(900);
    const plan = planOsds(scenario.site, ['storage']);
    const { map, ruleOf } = planCrush(scenario.site, CEPH, plan);
    const crush = { id: 1, type: 'replicated', size: 3, pg_num: 32, pgp_num: 32 } as const;
    const osdMap = {
      crush: map,
      pools: new Map([[1, { ...crush, rule: ruleOf(CEPH.pools[0]), hashpspool: true }]]),
      state: new Uint8Array(12).fill(3),
      weight: new Uint32Array(12).fill(0x10000),
      primaryAffinity: new Uint32Array(12).fill(0x10000),
      upmap: new Map(),
      upmapItems: new Map(),
      pgTemp: new Map(),
      primaryTemp: new Map(),
    };
    const mapping = createPgMapping(3);
    cloud.all('pg').forEach((pg, n) => {
      mapPgToOsds(osdMap, 1, n, mapping);
      expect(actingOf(cloud, pg)).toEqual([...mapping.up]);
      expect(new Set(actingOf(cloud, pg).map((osd) => plan[osd].rack)).size).toBe(3);
    });
  });

  it('erasure-coded pools, file systems, gateways and buckets', () => {
    const pools = [
      pool({ name: 'ec', application: 'rgw', erasure: { k: 2, m: 1 }, pg_num: 16 }),
      pool({ name: 'fs', application: 'cephfs', pg_num: 8 }),
    ];
    const cloud = running({ ceph: { ...CEPH, pools, buckets: ['logs', 'media'] } });
    expect(cloud.count('cephfs')).toEqual({ active: 1 });
    expect(cloud.count('mds')).toEqual({ active: 1, standby: 1 });
    expect(cloud.count('rgw')).toEqual({ active: 2 });
    expect(cloud.count('bucket')).toEqual({ available: 2 });
    expect(cloud.count('pg')).toEqual({ 'active+clean': 24 });
  });

  it('the same seed gives the same run, another one a different one', () => {
    const rows = (seed: number) => new Cloud(cephOf(), LAB, seed).pass(900).rows.list;
    expect(rows(3)).toEqual(rows(3));
    expect(rows(3)).not.toEqual(rows(4));
  });
});

describe('an OSD that dies', () => {
  it('is down in a second, out after the interval; its data is made anew elsewhere', () => {
    const cloud = running();
    const since_s = cloud.engine.now;
    const victim = cloud.find('osd/osd.0');
    cloud.send('osd/osd.0', 'crash').pass(10);
    expect(cloud.state('osd/osd.0')).toBe('down+in');
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_WARN');
    expect(cloud.count('pool')).toEqual({ 'active+ok': 1 });
    const hurt = cloud.all('pg').filter((pg) => cloud.stateOf(pg) !== 'active+clean');
    expect(hurt.length).toBeGreaterThan(3);
    for (const pg of hurt) expect(cloud.stateOf(pg)).toBe('active+undersized+degraded');
    cloud.until(() => cloud.state('osd/osd.0') === 'down+out', 700);
    expect(cloud.engine.now - since_s).toBeGreaterThan(600);
    cloud.until(() => isClean(cloud));
    for (const pg of hurt) {
      const history = cloud.history(pg, since_s);
      expect(history).toContain('active+undersized+degraded+remapped+backfilling');
      expect(history.at(-1)).toBe('active+clean');
      expect(actingOf(cloud, pg)).not.toContain(0);
    }
    expect(cloud.engine.dependentOf(victim, MODEL.kindId('pg'))).toBe(-1);
  });

  it('and is back within the interval only needs the writes it missed', () => {
    const cloud = running();
    const since_s = cloud.engine.now;
    cloud.send('osd/osd.3', 'crash').pass(300).send('osd/osd.3', 'start').pass(120);
    expect(isClean(cloud)).toBe(true);
    const seen = new Set(cloud.all('pg').flatMap((pg) => cloud.history(pg, since_s)));
    expect(seen).toContain('active+recovering+degraded');
    expect([...seen].filter((state) => state.includes('backfill'))).toEqual([]);
  });

  it('for longer than the log reaches back is filled anew', () => {
    const short = { ...LAB, 'pg.log_span': { distribution: constant(60), source: 'test' } };
    const cloud = new Cloud(cephOf(), short).pass(900);
    const since_s = cloud.engine.now;
    cloud
      .send('osd/osd.3', 'crash')
      .pass(300)
      .send('osd/osd.3', 'start')
      .until(() => isClean(cloud));
    const seen = new Set(cloud.all('pg').flatMap((pg) => cloud.history(pg, since_s)));
    expect([...seen].some((state) => state.includes('backfilling'))).toBe(true);
  });

  it('comes back after it was out: the old copies serve until it is filled', () => {
    const cloud = running();
    const before = cloud.all('pg').map((pg) => actingOf(cloud, pg));
    cloud
      .send('osd/osd.0', 'crash')
      .pass(700)
      .until(() => isClean(cloud));
    cloud.send('osd/osd.0', 'start').pass(60);
    expect(Object.keys(cloud.count('pg')).some((s) => s.startsWith('active+remapped'))).toBe(true);
    cloud.until(() => isClean(cloud));
    expect(cloud.all('pg').map((pg) => actingOf(cloud, pg))).toEqual(before);
  });

  it('takes as long to replace as its bytes take at the speed of the disks', () => {
    const speed = { ...LAB, 'pg.backfill': { distribution: constant(10), source: 'test' } };
    const cloud = new Cloud(cephOf(), speed).pass(900);
    const stored_gib = 2 ** 40 / 2 ** 30 / 32;
    const since_s = cloud.engine.now;
    cloud
      .send('osd/osd.0', 'crash')
      .pass(700)
      .until(() => isClean(cloud));
    const pg = cloud.all('pg').find((p) => cloud.history(p, since_s).length > 3)!;
    const { list } = cloud.rows;
    const rows = list.filter((row) => row.uid === cloud.engine.uidOf(pg) && row.time_s > since_s);
    const began = rows.find((row) => MODEL.stateNames[row.to].includes('backfilling'))!;
    const ended = rows.find((row) => row.from === began.to && row.to !== began.to)!;
    expect(ended.time_s - began.time_s).toBeCloseTo(10 * stored_gib, 6);
  });

  it('never is part of two backfills at a time', () => {
    const cloud = running();
    cloud.send('osd/osd.0', 'crash').send('osd/osd.7', 'crash').pass(620);
    for (let i = 0; i < 200; i++) {
      cloud.pass(5);
      const leading = new Map<number, number>();
      for (const pg of cloud.all('pg')) {
        if (!cloud.stateOf(pg).includes('backfilling')) continue;
        const [primary] = actingOf(cloud, pg);
        leading.set(primary, (leading.get(primary) ?? 0) + 1);
      }
      expect(Math.max(0, ...leading.values())).toBeLessThanOrEqual(1);
    }
    cloud.until(() => isClean(cloud));
  });
});

describe('more than an OSD', () => {
  it('a rack: nothing is marked out, everything stays writable, and heals', () => {
    const cloud = running();
    for (const host of osdsOfRack(cloud, 'r2')) cloud.send(`machine/${host}`, 'fail');
    cloud.pass(3600);
    expect(cloud.count('osd')).toEqual({ 'up+in': 8, 'down+in': 4 });
    expect(cloud.count('pg')).toEqual({ 'active+undersized+degraded': 32 });
    expect(cloud.count('pool')).toEqual({ 'active+ok': 1 });
    for (const host of osdsOfRack(cloud, 'r2')) cloud.send(`machine/${host}`, 'repair');
    cloud.until(() => isClean(cloud));
  });

  it('two racks: below min_size the pool hangs with its images, and serves again', () => {
    const cloud = running();
    const image = cloud.world.services.ceph!.createImage('volumes', 'disk', 2 ** 30, -1);
    cloud.pass(5);
    expect(cloud.stateOf(image)).toBe('available');
    for (const rack of ['r1', 'r2']) {
      for (const host of osdsOfRack(cloud, rack)) cloud.send(`machine/${host}`, 'fail');
    }
    cloud.pass(120);
    expect(cloud.count('pg')).toEqual({ 'undersized+degraded+peered': 32 });
    expect(cloud.count('pool')).toEqual({ 'inactive+ok': 1 });
    expect(cloud.stateOf(image)).toBe('blocked');
    const late = cloud.world.services.ceph!.createImage('volumes', 'late', 2 ** 30, -1);
    cloud.pass(60);
    expect(cloud.stateOf(late)).toBe('creating');
    for (const host of osdsOfRack(cloud, 'r1')) cloud.send(`machine/${host}`, 'repair');
    cloud.until(() => cloud.stateOf(image) === 'available', 3600).pass(60);
    expect(cloud.stateOf(late)).toBe('available');
    expect(cloud.world.services.ceph!.losses).toBe(0);
  });

  it('a dead disk: destroyed, replaced, made anew with the same id', () => {
    const cloud = running();
    const since_s = cloud.engine.now;
    cloud.send('disk/r1-storage-1-disk-3', 'fail').pass(700);
    expect(cloud.state('osd/osd.0')).toBe('destroyed+out');
    cloud.send('disk/r1-storage-1-disk-3', 'repair').until(() => isClean(cloud));
    expect(cloud.history(cloud.find('osd/osd.0'), since_s)).toEqual(
      [
        'up+in',
        'laggy+in',
        'crashed+in',
        'down+in',
        'down+out',
        'destroyed+out',
        'preparing+out',
        'booting+out',
        'up+in',
      ].slice(1),
    );
    const first = cloud.history(cloud.find('osd/osd.1'));
    expect(first.slice(0, 3)).toEqual(['preparing+in', 'booting+in', 'up+in']);
    expect(cloud.world.services.ceph!.losses).toBe(0);
  });

  it('every disk with a copy: the data is lost, which is counted once, and made anew', () => {
    const pools = [pool({ size: 2, min_size: 1, pg_num: 8, rule: 'by-host' })];
    const cloud = running({ ceph: { ...CEPH, pools }, racks: 1, storage_per_rack: 2, disks: 1 });
    expect(cloud.count('pg')).toEqual({ 'active+clean': 8 });
    for (const n of [1, 2]) cloud.send(`disk/r1-storage-${n}-disk-3`, 'fail');
    cloud.pass(60);
    for (const n of [1, 2]) cloud.send(`disk/r1-storage-${n}-disk-3`, 'repair');
    cloud.until(() => cloud.world.services.ceph!.losses > 0, 7200).pass(10);
    expect(cloud.count('pool')).toEqual({ 'inactive+ok': 1 });
    cloud.until(() => isClean(cloud), 7200);
    expect(cloud.world.services.ceph!.losses).toBe(8);
    expect(cloud.count('pool')).toEqual({ 'active+ok': 1 });
  });

  it('an OSD with newer writes that is down has to come back first', () => {
    const pools = [pool({ size: 2, min_size: 1, pg_num: 8, rule: 'by-host' })];
    const cloud = running({ ceph: { ...CEPH, pools }, racks: 1, storage_per_rack: 2, disks: 1 });
    cloud.send('osd/osd.0', 'crash').pass(30).send('osd/osd.1', 'crash').pass(30);
    cloud.send('osd/osd.0', 'start').pass(60);
    expect(cloud.count('pg')).toEqual({ down: 8 });
    cloud.send('osd/osd.1', 'start').until(() => isClean(cloud), 3600);
    expect(cloud.world.services.ceph!.losses).toBe(0);
  });
});

describe('mons, mgrs, MDSs', () => {
  it('the leader dies: the others vote, and lead on', () => {
    const cloud = running();
    const leader = cloud.all('mon').find((mon) => cloud.stateOf(mon) === 'leader')!;
    cloud.world.send(leader, 'fail');
    cloud.pass(20);
    expect(cloud.count('mon')).toEqual({ down: 1, leader: 1, peon: 1 });
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_WARN');
    cloud.world.send(leader, 'repair');
    cloud.pass(20);
    expect(cloud.stateOf(leader)).toBe('leader');
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_OK');
  });

  it('without a quorum nothing is marked down; with one it is', () => {
    const cloud = running();
    const [, ...peons] = cloud.all('mon').sort((a, b) => a - b);
    for (const mon of peons) cloud.world.send(mon, 'fail');
    cloud.pass(0);
    expect(cloud.engine.isServing(cloud.find('ceph-cluster/ceph'))).toBe(false);
    cloud.pass(30);
    expect(cloud.state('ceph-cluster/ceph')).toMatch(/^no_quorum/);
    cloud.send('osd/osd.0', 'crash').pass(1200);
    expect(cloud.state('osd/osd.0')).toBe('crashed+in');
    expect(isClean(cloud)).toBe(true);
    cloud.world.send(peons[0], 'repair');
    cloud.pass(30);
    expect(cloud.state('osd/osd.0')).toBe('down+in');
  });

  it('mgr and MDS fail over; the file system waits meanwhile', () => {
    const cloud = running({
      ceph: { ...CEPH, pools: [pool({ name: 'fs', application: 'cephfs', pg_num: 8 })] },
    });
    const since_s = cloud.engine.now;
    for (const kind of ['mgr', 'mds']) {
      const active = cloud.all(kind).find((entity) => cloud.stateOf(entity) === 'active')!;
      const other = cloud.all(kind).find((entity) => entity !== active)!;
      cloud.world.send(active, 'fail');
      cloud.pass(30);
      expect(cloud.stateOf(other)).toBe('active');
      cloud.world.send(active, 'repair');
      cloud.pass(30);
      expect(cloud.stateOf(active)).toBe('standby');
    }
    expect(cloud.history(cloud.find('cephfs/cephfs'), since_s)).toEqual(['degraded', 'active']);
  });
});

describe('what is stored', () => {
  it('counts copies, on disks and in the account; images come and go', () => {
    const cloud = running();
    const { ceph } = cloud.world.services;
    const used = () => cloud.world.account.usage('storage_bytes').used;
    const before = used();
    expect(before).toBe(3 * 2 ** 40);
    ceph!.addUsage('volumes', 2 ** 30);
    expect(used()).toBe(before + 3 * 2 ** 30);
    const image = ceph!.createImage('volumes', 'disk', 2 ** 34, -1);
    cloud.pass(5);
    const written = used() - before - 3 * 2 ** 30;
    expect(written).toBeGreaterThan(0.2 * 3 * 2 ** 34 - 3);
    expect(written).toBeLessThan(0.6 * 3 * 2 ** 34 + 3);
    ceph!.deleteImage(image, -1);
    cloud.pass(5);
    expect(used()).toBe(before + 3 * 2 ** 30);
    expect(cloud.count('rbd-image')).toEqual({});
    expect(() => ceph!.createImage('nope', 'disk', 1, -1)).toThrow(/no pool 'nope'/);
  });

  it('fills the OSDs: nearfull, then full, when images hang; and not for ever', () => {
    const cloud = running();
    const { ceph } = cloud.world.services;
    const image = ceph!.createImage('volumes', 'disk', 2 ** 30, -1);
    cloud.pass(5);
    const fullness = () => cloud.stateOf(cloud.all('pool')[0]);
    fillTo(cloud, 0.87);
    expect(fullness()).toBe('active+nearfull');
    fillTo(cloud, 0.92);
    expect(fullness()).toBe('active+backfillfull');
    expect(cloud.stateOf(image)).toBe('available');
    fillTo(cloud, 0.96);
    expect(fullness()).toBe('active+full');
    expect(cloud.stateOf(image)).toBe('blocked');
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_ERR');
    fillTo(cloud, 0.5);
    expect(fullness()).toBe('active+ok');
    expect(cloud.stateOf(image)).toBe('available');
  });

  it('finds no room for a backfill on OSDs that would be backfillfull, until there is', () => {
    const cloud = running({ ceph: { ...CEPH, pools: [pool({ pg_num: 256 })] } });
    fillTo(cloud, 0.84);
    const isRefused = () => Object.keys(cloud.count('pg')).join().includes('backfill_toofull');
    cloud.send('osd/osd.0', 'crash').until(isRefused, 20 * 86_400);
    for (const osd of cloud.all('osd')) {
      expect(cloud.world.quantities.get('osd.used_ratio')!(osd)).toBeLessThanOrEqual(0.9);
    }
    fillTo(cloud, 0.3);
    cloud.until(() => isClean(cloud), 20 * 86_400);
  });
});

describe('placement after any history', () => {
  it('is what CRUSH says of the OSDs that are in and up then', () => {
    const step = fc.record({
      osd: fc.nat(11),
      event: fc.constantFrom('crash', 'start', 'mark_out', 'mark_in'),
      wait_s: fc.constantFrom(1, 30, 700),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const cloud = running();
        for (const { osd, event, wait_s } of steps)
          cloud.send(`osd/osd.${osd}`, event).pass(wait_s);
        for (let osd = 0; osd < 12; osd++) {
          cloud.send(`osd/osd.${osd}`, 'start').send(`osd/osd.${osd}`, 'mark_in');
        }
        const isWhole = () => cloud.count('osd')['up+in'] === 12 && isClean(cloud);
        cloud.until(isWhole, 60 * 86_400);
        const reference = running();
        const where = (c: Cloud) => c.all('pg').map((pg) => actingOf(c, pg));
        expect(where(cloud)).toEqual(where(reference));
        expect(cloud.engine.divergences).toBe(0);
      }),
      { numRuns: 12 },
    );
  });
});

function constant(value: number) {
  return { type: 'constant', value } as const;
}

/** Stores so much in the first pool that its fullest OSD is at a ratio. */
function fillTo(cloud: Cloud, ratio: number): void {
  const { quantities, services } = cloud.world;
  const most = Math.max(...cloud.all('osd').map(quantities.get('osd.used_ratio')!));
  const stored = quantities.get('pool.stored_bytes')!(cloud.all('pool')[0]);
  services.ceph!.addUsage('volumes', stored * (ratio / most - 1));
  cloud.pass(1);
}
