/** The health of the cluster: the worst of its health checks, as `ceph health` gives it. */
import type { SimWorld } from '../world.ts';
import type { Osds } from './osds.ts';
import type { PgVerbs } from './pg-verbs.ts';
import type { Pools } from './pools.ts';
import type { Quorum } from './quorum.ts';
import type { StandbyGroup } from './standby-group.ts';
import { FULL, type Usage } from './usage.ts';

export interface HealthInputs {
  readonly quorum: Quorum;
  readonly osds: Osds;
  readonly pools: Pools;
  readonly usage: Usage;
  readonly groups: PgVerbs;
  readonly mgrs: StandbyGroup;
  readonly mdss: StandbyGroup;
  /** Whether a file system wants an MDS. */
  readonly rank: { readonly isWanted: boolean };
}

type Severity = 'health_ok' | 'health_warn' | 'health_err';

/** Follows everything that a check looks at. */
export function installHealth(world: SimWorld, inputs: HealthInputs): void {
  const { engine } = world;
  let now: Severity = 'health_warn';
  const check = (row: number): void => {
    const next = severity(inputs);
    if (next === now || inputs.quorum.cluster < 0) return;
    now = next;
    world.send(inputs.quorum.cluster, next, row);
  };
  inputs.pools.onChanged(check);
  for (const kind of ['mon', 'mgr', 'osd', 'mds']) {
    engine.onEveryEntry(kind, (_entity, row) => check(row));
  }
  engine.onEnter('ceph-cluster', 'quorum', (_cluster, row) => check(row));
}

function severity(inputs: HealthInputs): Severity {
  const { quorum, osds, pools, usage, groups, mgrs, mdss, rank } = inputs;
  // OSD_FULL, PG_DAMAGED, MDS_ALL_DOWN
  if (usage.highestLevel === FULL || groups.lost > 0) return 'health_err';
  if (rank.isWanted && !mdss.isServed) return 'health_err';
  // OSD_NEARFULL, MON_DOWN, MGR_DOWN, OSD_DOWN, PG_DEGRADED and PG_AVAILABILITY
  const isWell =
    usage.highestLevel === 0 &&
    quorum.missing === 0 &&
    mgrs.isServed &&
    osds.known > 0 &&
    osds.up === osds.known &&
    pools.unclean === 0;
  return isWell ? 'health_ok' : 'health_warn';
}
