/** What the simulated Ceph offers the layers above it. */
import type { SimWorld } from '../world.ts';
import type { Groups } from './groups.ts';
import type { Images } from './images.ts';
import type { Osds } from './osds.ts';
import type { PgVerbs } from './pg-verbs.ts';
import type { Pools } from './pools.ts';

declare module '../services.ts' {
  interface CephService {
    /** The entity of a pool by name, or -1 before it is created (or when there is none). */
    poolOf(name: string): number;
    /** How often a placement group has lost all copies of its data. */
    readonly losses: number;
  }
}

export interface CephParts {
  readonly osds: Osds;
  readonly groups: Groups;
  readonly pools: Pools;
  readonly images: Images;
  readonly verbs: PgVerbs;
}

export function offerCeph(world: SimWorld, parts: CephParts): void {
  const { osds, groups, pools, images, verbs } = parts;
  world.services.ceph = {
    createImage: (pool, name, size_bytes, cause) => images.create(pool, name, size_bytes, cause),
    deleteImage: (image, cause) => images.delete(image, cause),
    addUsage: (pool, bytes) => {
      const index = pools.find(pool);
      if (index >= 0) groups.usage.addStored(index, bytes);
    },
    acting: (pg) => actingOf(groups, osds, pg),
    poolOf: (name) => pools.entities[pools.find(name)] ?? -1,
    get losses() {
      return verbs.losses;
    },
  };
  const { quantities } = world;
  quantities.set('osd.used_bytes', (osd) => groups.usage.used_bytes(osds.idOf(osd)));
  quantities.set('osd.capacity_bytes', (osd) => osds.plan[osds.idOf(osd)].bytes);
  quantities.set('pg.size', (pg) => groups.poolOfGroup(groups.indexOf(pg)).spec.size);
  quantities.set('pg.min_size', (pg) => groups.poolOfGroup(groups.indexOf(pg)).spec.min_size);
  quantities.set('pg.acting', (pg) => actingOf(groups, osds, pg).filter((osd) => osd >= 0).length);
  quantities.set('pool.stored_bytes', (pool) =>
    groups.usage.stored_bytes(pools.entities.indexOf(pool)),
  );
}

function actingOf(groups: Groups, osds: Osds, entity: number): readonly number[] {
  const pg = groups.indexOf(entity);
  const { size } = groups.poolOfGroup(pg).spec;
  const ids = groups.acting.subarray(pg * groups.sizeMax, pg * groups.sizeMax + size);
  return Array.from(ids, (osd) => (osd < 0 ? -1 : osds.entities[osd]));
}
