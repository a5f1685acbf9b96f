/** Scrubs that start by themselves. */
import { describe, expect, it } from 'vitest';
import { CEPH, Cloud, DATACENTER, pool, scenarioOf } from './cloud.ts';

const DAY_s = 86_400;
const SCRUBBING = 'active+clean+scrubbing';

/** A cluster that is clean, with real timings: scrubs take minutes. */
function running(pg_num = 64): Cloud {
  const ceph = { ...CEPH, pools: [pool({ pg_num })] };
  const cloud = new Cloud(scenarioOf({ ceph }), DATACENTER);
  return cloud.until(() => cloud.count('pg')['active+clean'] === pg_num);
}

/** When scrubs of a kind began, in seconds from now on, and by placement group. */
function follow(cloud: Cloud, state: string): { time_s: number; pg: number }[] {
  const begun: { time_s: number; pg: number }[] = [];
  const since_s = cloud.engine.now;
  cloud.engine.onEveryEntry('pg', (pg) => {
    const now = cloud.engine.model.stateNames[cloud.engine.state[pg]];
    if (now === `pg/${state}`) begun.push({ time_s: cloud.engine.now - since_s, pg });
  });
  return begun;
}

/** How many scrubs each OSD takes part in now. */
function scrubsByOsd(cloud: Cloud): number[] {
  const counts = new Map<number, number>();
  for (const pg of cloud.all('pg')) {
    if (!cloud.stateOf(pg).includes('scrubbing')) continue;
    for (const osd of cloud.world.services.ceph!.acting(pg)) {
      counts.set(osd, (counts.get(osd) ?? 0) + 1);
    }
  }
  return [...counts.values()];
}

describe('scrubs', () => {
  it('begin a day to a day and a half after the last one, and leave the cluster healthy', () => {
    const cloud = running();
    const begun = [...[follow(cloud, SCRUBBING), follow(cloud, `${SCRUBBING}+deep`)]];
    cloud.pass(DAY_s - 60);
    expect(begun.flat()).toEqual([]);
    cloud.pass(0.75 * DAY_s);
    const seen = new Set(begun.flat().map(({ pg }) => pg));
    expect(seen.size).toBe(64);
    expect(cloud.state('ceph-cluster/ceph')).toBe('quorum+HEALTH_OK');
    expect(cloud.count('pool')).toEqual({ 'active+ok': 1 });
    const times = begun.flat().map(({ time_s }) => time_s);
    expect(Math.min(...times)).toBeGreaterThan(DAY_s - 3600);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(0.3 * DAY_s);
  });

  it('are deep at least once in about a week, and some of them earlier', () => {
    const cloud = running();
    const deep = follow(cloud, `${SCRUBBING}+deep`);
    const plain = follow(cloud, SCRUBBING);
    cloud.pass(9 * DAY_s);
    expect(new Set(deep.map(({ pg }) => pg)).size).toBe(64);
    const early = deep.filter(({ time_s }) => time_s < 6.9 * DAY_s).length;
    expect(early).toBeGreaterThan(10);
    expect(plain.length).toBeGreaterThan(3 * deep.length);
  });

  it('are one at a time on every OSD', () => {
    const cloud = running(256);
    let most = 0;
    let together = 0;
    cloud.engine.onEveryEntry('pg', () => {
      const counts = scrubsByOsd(cloud);
      most = Math.max(most, ...counts);
      together = Math.max(together, counts.length);
    });
    cloud.pass(2 * DAY_s);
    expect(most).toBe(1);
    expect(together).toBeGreaterThan(3);
  });

  it('end with the interval they began in, and are made up for afterwards', () => {
    const cloud = running();
    const begun = [follow(cloud, SCRUBBING), follow(cloud, `${SCRUBBING}+deep`)];
    cloud.until(
      () => cloud.all('pg').some((pg) => cloud.stateOf(pg).includes('scrubbing')),
      2 * DAY_s,
    );
    const pg = cloud.all('pg').find((each) => cloud.stateOf(each).includes('scrubbing'))!;
    const osd = cloud.world.services.ceph!.acting(pg)[0];
    cloud.send(`osd/${cloud.engine.names[osd]}`, 'crash').pass(60);
    expect(cloud.stateOf(pg)).not.toContain('scrubbing');
    cloud.send(`osd/${cloud.engine.names[osd]}`, 'start').pass(DAY_s / 2);
    expect(begun.flat().filter((each) => each.pg === pg).length).toBeGreaterThan(1);
  });

  it('wait while an OSD of theirs recovers', () => {
    const cloud = running();
    cloud.engine.onEveryEntry('pg', (entity, _row, _event, from) => {
      const isScrubbing = (s: number) => cloud.engine.model.stateNames[s].includes('scrubbing');
      if (!isScrubbing(cloud.engine.state[entity]) || isScrubbing(from)) return;
      const acting = cloud.world.services.ceph!.acting(entity);
      for (const holder of cloud.world.services.ceph!.holders()) {
        const theirs = cloud.world.services.ceph!.acting(holder);
        // The primary of who copies takes part in it, whoever its targets are.
        expect(acting).not.toContain(theirs.find((osd) => osd >= 0));
      }
    });
    cloud
      .pass(DAY_s - 600)
      .send('osd/osd.0', 'crash')
      .pass(DAY_s);
    cloud.send('osd/osd.0', 'start').pass(DAY_s);
    expect(cloud.engine.divergences).toBe(0);
  });
});
