/**
 * Holds CRUSH and the OSDMap pipeline against what Ceph 16.2.15's own tools printed for the same
 * maps: crushtool, osdmaptool and a live cluster. The files are not part of the repository.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { buildCrushMap, erasureRule, replicatedRule } from '../../../sim/sds/crush/build.ts';
import { crushMapFromCrushtool } from '../../../sim/sds/crush/crushtool.ts';
import { type CrushMap, ruleId } from '../../../sim/sds/crush/map.ts';
import { hashObject } from '../../../sim/sds/crush/object-hash.ts';
import { createPgMapping, mapPgToOsds, objectPg, poolOf } from '../../../sim/sds/crush/osdmap.ts';
import { osdMapFromJson, parsePgid } from '../../../sim/sds/crush/osdmap-json.ts';
import { mapPg } from '../../../sim/sds/crush/place.ts';

const FOLDER = fileURLToPath(new URL('../../../../shared/oracles/crush/', import.meta.url));
const present = existsSync(`${FOLDER}crushmap.json`);
if (!present) console.log(`SKIPPED: CRUSH oracle tests, because ${FOLDER} is absent`);

function text(name: string): string {
  return readFileSync(FOLDER + name, 'utf8');
}

function lines(name: string): string[] {
  return text(name).trimEnd().split('\n');
}

function list(osds: Int32Array, count: number): string {
  return `[${osds.subarray(0, count).join(',')}]`;
}

function weightsOf(map: CrushMap, reweights: string): Uint32Array {
  const weights = new Uint32Array(map.maxDevices).fill(0x10000);
  for (const [, osd, weight] of reweights.matchAll(/--weight (\d+) (\S+)/g)) {
    weights[Number(osd)] = Math.trunc(Number(weight) * 0x10000);
  }
  return weights;
}

describe.skipIf(!present)('CRUSH against crushtool', () => {
  const out = new Int32Array(16);
  const map = present
    ? crushMapFromCrushtool(JSON.parse(text('crushmap.json')))
    : buildCrushMap({ racks: [] }, []);
  const files = present ? readdirSync(FOLDER).filter((name) => name.startsWith('map.')) : [];

  it('has the ten files of mappings', () => {
    expect(files).toHaveLength(10);
  });

  it.each(files)('%s', (file) => {
    const [, rule, replicas, state] = file.split('.');
    const weights = weightsOf(map, state === 'reweighted' ? text('reweights.txt') : '');
    const id = ruleId(map, rule);
    const size = Number(replicas.slice(1));
    const expected = lines(file);
    const actual = expected.map((line) => {
      const x = Number(line.slice(0, line.indexOf(' ')));
      return `${x} ${list(out, mapPg(map, id, x, size, weights, out))}`;
    });
    expect(expected).toHaveLength(2048);
    expect(actual).toEqual(expected);
  });

  it('gives the same digests of 100,000 mappings', () => {
    const weights = weightsOf(map, '');
    for (const line of lines('md5.txt')) {
      const [, rule, size, digest] = /^rule (\d+) num-rep (\d+) .* ([0-9a-f]{32})/.exec(line) ?? [];
      const md5 = createHash('md5');
      for (let x = 0; x < 100_000; x++) {
        const count = mapPg(map, Number(rule), x, Number(size), weights, out);
        md5.update(`CRUSH rule ${rule} x ${x} ${list(out, count)}\n`);
      }
      expect(md5.digest('hex'), line).toBe(digest);
    }
  });

  it('builds the same hierarchy and shadow trees from a description of the site', () => {
    const { source } = map;
    const named = (name: string) => source.buckets.find((bucket) => bucket.name === name);
    const byId = (id: number) => source.buckets.find((bucket) => bucket.id === id);
    const site = {
      racks: (named('default')?.items ?? []).map((rack) => ({
        name: byId(rack.id)?.name ?? '',
        hosts: (byId(rack.id)?.items ?? []).map((host) => ({
          name: byId(host.id)?.name ?? '',
          osds: (byId(host.id)?.items ?? []).map(({ id, weight }) => ({
            id,
            weight: weight / 0x10000,
            class: source.devices[id].class,
          })),
        })),
      })),
    };
    const built = buildCrushMap(site, [
      replicatedRule('rep_rack', 'rack'),
      replicatedRule('rep_host', 'host'),
      replicatedRule('rep_osd', 'osd'),
      erasureRule('ec42_rack', 'rack'),
    ]);
    const sorted = (buckets: CrushMap['source']['buckets']) =>
      [...buckets].sort((a, b) => b.id - a.id);
    expect(sorted(built.source.buckets)).toEqual(sorted(source.buckets));
    expect(built.source.devices).toEqual(source.devices);
    for (const [id, rule] of built.source.rules.entries()) {
      expect(rule.steps, rule.name).toEqual(source.rules[id].steps);
    }
  });
});

describe.skipIf(!present)('OSDMap pipeline against osdmaptool and a live cluster', () => {
  const mapping = createPgMapping(16);
  const osdMap = present
    ? osdMapFromJson(
        JSON.parse(text('osdmap.json')),
        crushMapFromCrushtool(JSON.parse(text('osdmap.crush.json'))),
      )
    : undefined!;

  function mapPgid(pgid: string): void {
    const key = parsePgid(pgid);
    const pool = Math.floor(key / 2 ** 32);
    mapPgToOsds(osdMap, pool, key - pool * 2 ** 32, mapping);
  }

  it('every stage of every PG', () => {
    const expected = lines('osdmap.pgs_all.txt').filter((line) => line.includes(' raw ('));
    const actual = expected.map((line) => {
      const pgid = line.split(' ')[0];
      mapPgid(pgid);
      const raw = list(mapping.raw, mapping.rawCount);
      const up = list(mapping.up, mapping.upCount);
      const acting = list(mapping.acting, mapping.actingCount);
      const { upPrimary, actingPrimary } = mapping;
      return (
        `${pgid} raw (${raw}, p${mapping.raw[0]}) up (${up}, p${upPrimary}) ` +
        `acting (${acting}, p${actingPrimary})`
      );
    });
    expect(expected).toHaveLength(97);
    expect(actual).toEqual(expected);
  });

  it('what the live cluster reported', () => {
    const expected = lines('osdmap.live_pgs.tsv').map((line) => line.split('\t'));
    const actual = expected.map(([pgid, state, , , reportedActing]) => {
      // A PG that is still being moved acts by a pg_temp that the dumped map is too new to hold.
      const temp = state.includes('remapped') ? JSON.parse(reportedActing) : undefined;
      if (temp !== undefined) osdMap.pgTemp.set(parsePgid(pgid), temp);
      mapPgid(pgid);
      osdMap.pgTemp.delete(parsePgid(pgid));
      const { up, upCount, upPrimary, acting, actingCount, actingPrimary } = mapping;
      const upText = [list(up, upCount), `${upPrimary}`];
      return [pgid, state, ...upText, list(acting, actingCount), `${actingPrimary}`];
    });
    expect(expected).toHaveLength(97);
    expect(actual).toEqual(expected);
  });

  it('object name to hash, PG and OSDs', () => {
    const expected = lines('objects.tsv').slice(1);
    const actual = expected.map((line) => {
      const [poolId, name] = line.split('\t');
      const pool = poolOf(osdMap, Number(poolId));
      const pg = objectPg(pool, name);
      mapPgToOsds(osdMap, pool.id, pg, mapping);
      const { up, upCount, upPrimary, acting, actingCount, actingPrimary } = mapping;
      return [
        poolId,
        name,
        `${poolId}.${hashObject(name).toString(16)}`,
        `${poolId}.${pg.toString(16)}`,
        list(up, upCount),
        upPrimary,
        list(acting, actingCount),
        actingPrimary,
      ].join('\t');
    });
    expect(expected).toHaveLength(600);
    expect(actual).toEqual(expected);
  });
});
