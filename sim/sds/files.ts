/** The file system, its metadata servers, the object gateways and their buckets. */
import type { CephPool } from '../../model/scenario.ts';
import type { SimWorld } from '../world.ts';
import type { Pools } from './pools.ts';
import { removerOf } from './removal.ts';
import type { StandbyGroup } from './standby-group.ts';
import { installHangingVerbs } from './waiting.ts';

/** The pools of an application; undefined until all of them exist. */
function poolsOf(
  world: SimWorld,
  pools: Pools,
  application: CephPool['application'],
): number[] | undefined {
  const specs = world.scenario.stack.ceph!.pools;
  const entities = specs.flatMap((spec, i) =>
    spec.application === application ? [pools.entities[i]] : [],
  );
  return entities.length > 0 && entities.every((entity) => entity >= 0) ? entities : undefined;
}

/**
 * One file system over the pools with application `cephfs`, if there are such and an MDS. `wanted`
 * tells the MDSs that there is a rank to take.
 */
export function installFileSystem(
  world: SimWorld,
  pools: Pools,
  mdss: StandbyGroup,
  wanted: (row: number) => void,
): void {
  const { engine } = world;
  let filesystem = -1;
  const settle = (row: number): void => {
    const own = poolsOf(world, pools, 'cephfs');
    if (filesystem >= 0 || !own || mdss.members.length === 0) return;
    if (!own.every((pool) => engine.isServing(pool))) return;
    filesystem = world.create('cephfs', 'cephfs', [...own, ...mdss.members], row);
    wanted(row);
  };
  installHangingVerbs(world, 'cephfs', ['create']);
  engine.onEnter('pool', 'active', (_pool, row) => settle(row));
  engine.onEnter('mds', 'standby', (mds, row) => {
    settle(row);
    const isNew = filesystem >= 0 && engine.edges.find(mds, filesystem) === 0;
    if (isNew) engine.link(mds, filesystem, row);
  });
  resendLoss(world, 'cephfs', 'active');
}

/** The buckets of the scenario, made through the gateways when both they and their pools serve. */
export function installGateways(world: SimWorld, pools: Pools, gateways: readonly number[]): void {
  const { engine, scenario } = world;
  const names = scenario.stack.ceph!.buckets;
  let made = false;
  const settle = (row: number): void => {
    const own = poolsOf(world, pools, 'rgw');
    if (made || !own || !gateways.some((rgw) => engine.isServing(rgw))) return;
    if (!own.every((pool) => engine.isServing(pool))) return;
    made = true;
    for (const name of names) world.create('bucket', name, [...own, ...gateways], row);
  };
  installHangingVerbs(world, 'bucket', ['create', 'remove']);
  engine.onEnter('pool', 'active', (_pool, row) => settle(row));
  engine.onEnter('rgw', 'active', (rgw, row) => {
    settle(row);
    linkToBuckets(world, rgw, row);
  });
  engine.onEnter('bucket', 'absent', removerOf(world));
  resendLoss(world, 'bucket', 'available');
}

/** A gateway that comes later serves the buckets that are there. */
function linkToBuckets(world: SimWorld, rgw: number, row: number): void {
  const { engine } = world;
  engine.forEach(engine.model.kindId('bucket'), (bucket) => {
    if (engine.edges.find(rgw, bucket) === 0) engine.link(rgw, bucket, row);
  });
}

/** What was lost while an entity was being made is lost still when it is ready. */
function resendLoss(world: SimWorld, kind: string, state: string): void {
  const { engine } = world;
  const lost = engine.model.eventId('lost');
  engine.onEnter(kind, state, (entity, row) => {
    if (!engine.isSatisfied(entity)) engine.send(entity, lost, row);
  });
}
