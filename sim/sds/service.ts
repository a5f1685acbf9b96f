/** What the simulated Ceph offers the layers above it. */
import type { SimWorld } from '../world.ts';
import type { Groups } from './groups.ts';
import type { Images } from './images.ts';
import type { Osds } from './osds.ts';
import type { PgVerbs } from './pg-verbs.ts';
import type { Pools } from './pools.ts';
import type { Quorum } from './quorum.ts';

export interface CephParts {
  readonly quorum: Quorum;
  readonly osds: Osds;
  readonly groups: Groups;
  readonly pools: Pools;
  readonly images: Images;
  readonly verbs: PgVerbs;
}

export function offerCeph(world: SimWorld, parts: CephParts): void {
  const { quorum, osds, groups, pools, images, verbs } = parts;
  const isOk = world.engine.statesMatching('ceph-cluster', 'HEALTH_OK');
  world.services.ceph = {
    createImage: (pool, name, size_bytes, cause) => images.create(pool, name, size_bytes, cause),
    deleteImage: (image, cause) => images.delete(image, cause),
    addUsage: (pool, bytes) => {
      const index = pools.find(pool);
      if (index >= 0) groups.usage.addStored(index, bytes);
    },
    acting: (pg) => actingOf(groups, osds, pg),
    poolOf: (name) => pools.entities[pools.find(name)] ?? -1,
    get isHealthy() {
      return quorum.cluster >= 0 && isOk[world.engine.state[quorum.cluster]] === 1;
    },
    get isWhole() {
      return pools.isWhole;
    },
    onWhole: (whole) => pools.onWhole(whole),
    get losses() {
      return verbs.losses;
    },
    holders: () => verbs.holders(),
  };
  keepQuantities(world, parts);
}

/** What invariants and reports read. */
function keepQuantities({ quantities }: SimWorld, { osds, groups, pools }: CephParts): void {
  const { usage } = groups;
  quantities.set('osd.used_ratio', (entity) => {
    const osd = osds.idOf(entity);
    return usage.used_bytes(osd) / osds.plan[osd].bytes;
  });
  quantities.set('pool.stored_bytes', (pool) => usage.stored_bytes(pools.entities.indexOf(pool)));
  quantities.set('pool.stuck_inactive_s', (pool) =>
    pools.stuckAfter_s(pools.entities.indexOf(pool)),
  );
  quantities.set('pg.acting_duplicates', (pg) => mostAlike(groups, pg, (osd) => osd) - 1);
  quantities.set('pg.acting_shared_domains', (pg) => {
    const { survives } = groups.poolOfGroup(groups.indexOf(pg)).spec;
    return mostAlike(groups, pg, (osd) => osds.domainOf(osd, survives)) - 1;
  });
  const missing = (pg: number, of: 'size' | 'min_size'): number => {
    const wanted = groups.poolOfGroup(groups.indexOf(pg)).spec[of];
    return Math.max(0, wanted - actingIds(groups, pg).filter((osd) => osds.isUp(osd)).length);
  };
  quantities.set('pg.below_size', (pg) => missing(pg, 'size'));
  quantities.set('pg.below_min_size', (pg) => missing(pg, 'min_size'));
}

/** Ids of the acting OSDs of a placement group, without holes. */
function actingIds(groups: Groups, entity: number): number[] {
  const base = groups.indexOf(entity) * groups.sizeMax;
  return Array.from(groups.acting.subarray(base, base + groups.sizeMax)).filter((osd) => osd >= 0);
}

/** How many acting OSDs have the same number, at most; 1 when there are none. */
function mostAlike(groups: Groups, entity: number, numberOf: (osd: number) => number): number {
  const numbers = actingIds(groups, entity).map(numberOf);
  return numbers.length - new Set(numbers).size + 1;
}

function actingOf(groups: Groups, osds: Osds, entity: number): readonly number[] {
  const pg = groups.indexOf(entity);
  const { size } = groups.poolOfGroup(pg).spec;
  const ids = groups.acting.subarray(pg * groups.sizeMax, pg * groups.sizeMax + size);
  return Array.from(ids, (osd) => (osd < 0 ? -1 : osds.entities[osd]));
}
