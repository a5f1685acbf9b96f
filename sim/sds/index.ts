/** The simulated Ceph: mons, mgrs, OSDs, placement groups and what is stored in them. */
import type { CephStack } from '../../model/scenario.ts';
import type { SimWorld } from '../world.ts';
import { type DaemonPlan, installDaemons, planDaemonHosts } from './daemons.ts';
import { installFileSystem, installGateways } from './files.ts';
import { Groups } from './groups.ts';
import { installHealth } from './health.ts';
import { Images } from './images.ts';
import { Osds } from './osds.ts';
import { PgVerbs } from './pg-verbs.ts';
import { planCrush, planOsds } from './plan.ts';
import { Pools } from './pools.ts';
import { Quorum } from './quorum.ts';
import { Scrubs } from './scrubs.ts';
import { offerCeph } from './service.ts';
import { StandbyGroup } from './standby-group.ts';
import { Usage } from './usage.ts';

/** Registers the layer; a scenario without `stack.ceph` has none. */
export function installSds(world: SimWorld): void {
  const { ceph } = world.scenario.stack;
  if (ceph) install(world, ceph);
}

function install(world: SimWorld, ceph: CephStack): void {
  const hosts = planDaemonHosts(world);
  const plan = planOsds(world.scenario.site, ceph.osds.on);
  const crush = planCrush(world.scenario.site, ceph, plan);
  const usage = new Usage(ceph, plan, world.account);
  const quorum = new Quorum(world, hosts.mon.length);
  const groups = new Groups(world, usage, crush, plan.length);
  const osds = new Osds(world, plan, crush, quorum, groups);
  groups.osds = osds;
  const verbs = new PgVerbs(world, groups, plan);
  const scrubs = new Scrubs(world, groups, plan.length, verbs);
  verbs.onReleased = (osd) => scrubs.slotsFree(osd);
  const pools = new Pools(world, quorum, osds, groups);
  const images = new Images(world, pools, usage);
  const mgrs = new StandbyGroup(world, quorum, {
    kind: 'mgr',
    first: 'activate',
    takeOver: 'activate',
    grace: 'mgr.beacon_grace',
    isWanted: () => true,
  });
  const rank = { isWanted: false };
  const mdss = new StandbyGroup(world, quorum, {
    kind: 'mds',
    first: 'create_rank',
    takeOver: 'take_over',
    grace: 'mds.beacon_grace',
    isWanted: () => rank.isWanted,
  });
  installFileSystem(world, pools, mdss, (row) => {
    rank.isWanted = true;
    mdss.settle(row);
  });
  const gateways: number[] = [];
  installGateways(world, pools, gateways);
  installHealth(world, { quorum, osds, pools, usage, groups: verbs, mgrs, mdss, rank });
  offerCeph(world, { quorum, osds, groups, pools, images, verbs });
  const plans: readonly DaemonPlan[] = [
    { kind: 'mon', hosts: hosts.mon, deployed: (n, mon, row) => quorum.addMon(n, mon, row) },
    { kind: 'mgr', hosts: hosts.mgr, deployed: (_, mgr) => mgrs.add(mgr) },
    { kind: 'mds', hosts: hosts.mds, deployed: (_, mds) => mdss.add(mds) },
    { kind: 'rgw', hosts: hosts.rgw, deployed: (_, rgw) => gateways.push(rgw) },
  ];
  installDaemons(world, plans, (host, row) => osds.deploy(host, row));
}
