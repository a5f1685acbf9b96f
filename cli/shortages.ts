/** What a run ran out of, and when first: what nova, Neutron and kube-scheduler had to refuse. */
import type { FailedScheduling } from '../sim/caas/failed-scheduling.ts';
import type { NoValidHost, OverQuota } from '../sim/services.ts';
import type { SimWorld } from '../sim/world.ts';

export interface Shortage {
  /** In words; equal for what is the same over several runs. */
  readonly what: string;
  readonly times: number;
  readonly first_s: number;
}

/** In the order in which they first happened. */
export function shortagesOf({ services }: Pick<SimWorld, 'services'>): Shortage[] {
  const found: Shortage[] = [
    ...(services.servers?.overQuotas ?? []).map((one) => ({ ...one, what: quotaText(one) })),
    ...(services.servers?.noValidHosts ?? []).map((one) => ({ ...one, what: hostText(one) })),
    ...(services.sdn?.addressShortages ?? []).map((one) => ({
      ...one,
      what: `addresses of network ${one.network}`,
    })),
    ...(services.clusters?.failedSchedulings ?? []).map((one) => ({ ...one, what: nodeText(one) })),
  ];
  return joined(found).sort((a, b) => a.first_s - b.first_s);
}

function quotaText({ project, exceeded }: OverQuota): string {
  return `the quota of project ${project} (${exceeded.join(', ')})`;
}

function hostText({ flavor, step, hosts, short }: NoValidHost): string {
  const lacks = [
    [short.vcpus, 'virtual CPUs'],
    [short.memory, 'memory'],
    [short.disk, 'local disk'],
  ] as const;
  const names = lacks.filter(([n]) => n > 0).map(([, name]) => name);
  const why = {
    placement: hosts > 0 ? names.join(', ') || 'all disabled' : 'none has registered',
    ignored: 'room only where it is or was tried',
    ComputeFilter: 'room only on hosts that are down',
  }[step];
  return `a host for flavor ${flavor} (${why})`;
}

function nodeText({ cluster, insufficient }: FailedScheduling): string {
  const lacks = [
    [insufficient.cpu, 'cpu'],
    [insufficient.memory, 'memory'],
    [insufficient.pods, 'pods'],
  ] as const;
  const names = lacks.filter(([n]) => n > 0).map(([, name]) => name);
  const why = names.length > 0 ? names.join(', ') : 'none ready and open';
  return `a node of cluster ${cluster} (${why})`;
}

function joined(found: readonly Shortage[]): Shortage[] {
  const all = new Map<string, Shortage>();
  for (const { what, times, first_s } of found) {
    const known = all.get(what) ?? { what, times: 0, first_s };
    all.set(what, {
      what,
      times: known.times + times,
      first_s: Math.min(known.first_s, first_s),
    });
  }
  return [...all.values()];
}
