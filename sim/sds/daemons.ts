/** Which daemon runs on which host; they are deployed when their host first runs. */
import type { SimWorld } from '../world.ts';
import { planDaemons } from './plan.ts';

type DaemonKind = 'mon' | 'mgr' | 'mds' | 'rgw';

export interface DaemonPlan {
  /** Machine names in order of rank. */
  readonly hosts: readonly string[];
  readonly kind: DaemonKind;
  /** Called with the daemon's number in the plan and its entity. */
  readonly deployed: (number: number, daemon: number, row: number) => void;
}

/** The daemons of the scenario, placed on machines; `deployed` is filled in by who needs them. */
export function planDaemonHosts(world: SimWorld): Readonly<Record<DaemonKind, readonly string[]>> {
  const { site, stack } = world.scenario;
  const { mons, mgrs, mds, rgw } = stack.ceph!;
  return {
    mon: planDaemons(site, mons.on, mons.count),
    mgr: planDaemons(site, mgrs.on, mgrs.count),
    mds: planDaemons(site, mds.on, mds.count),
    rgw: planDaemons(site, rgw.on, rgw.count),
  };
}

/** Deploys daemons, named by their host as cephadm names them, and the OSDs of a host's disks. */
export function installDaemons(
  world: SimWorld,
  plans: readonly DaemonPlan[],
  deployOsds: (host: number, row: number) => void,
): void {
  const { engine } = world;
  const byHost = new Map<string, { plan: DaemonPlan; number: number }[]>();
  for (const plan of plans) {
    plan.hosts.forEach((host, number) => {
      byHost.set(host, [...(byHost.get(host) ?? []), { plan, number }]);
    });
  }
  const deployedOn = new Set<number>();
  const deploy = (host: number, row: number): void => {
    if (deployedOn.has(host)) return;
    deployedOn.add(host);
    const name = engine.names[host];
    for (const { plan, number } of byHost.get(name) ?? []) {
      plan.deployed(number, world.create(plan.kind, name, [host], row), row);
    }
    deployOsds(host, row);
  };
  engine.onEnter('host-os', 'running', deploy);
  engine.onEnter('host-os', 'degraded', deploy);
}
