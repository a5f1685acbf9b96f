/** A scenario of what real systems have: the sites' sections, and what could not be told. */
import type { Observation } from '../../engine/contract.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { cephOf } from './ceph.ts';
import { hostsOf, number } from './hosts.ts';
import { jujuOf } from './juju.ts';
import { kubernetesOf } from './kubernetes.ts';
import { exactBytes, Names, scenarioName } from './names.ts';
import { openstackOf } from './openstack.ts';
import { siteOf } from './site.ts';

export interface Imported {
  readonly scenario: Readonly<Record<string, unknown>>;
  /** What to look at by hand, a sentence each. */
  readonly remarks: readonly string[];
}

/**
 * Builds a scenario; undefined when nothing that was listed says which machines there are. The same
 * observations give the same scenario, in whichever order they come.
 */
export function scenarioOf(
  name: string,
  systems: readonly LiveSystem[],
  observations: readonly Observation[],
): Imported | undefined {
  const seen = [...observations].sort(byKindAndName);
  const hosts = hostsOf(seen);
  if (hosts.length === 0) return undefined;
  const remarks: string[] = [];
  const site = siteOf(hosts, remarks);
  const ceph = cephOf(seen, site, remarks);
  const cloud = openstackOf(seen, site, remarks);
  const hypervisors = site.flavorsWith('hypervisor');
  // A cloud's networks are OVN's, whether OVN itself was asked or not.
  const chassis = site.flavorsWith('chassis', ...(cloud ? (['compute'] as const) : []));
  const domains = cloud || hypervisors.length === 0 ? {} : domainsOf(seen);
  const containers = kubernetesOf(seen, site, remarks);
  const { kubernetes } = containers as { kubernetes?: Record<string, unknown> };
  const scenario = {
    version: 1,
    name: scenarioName(name),
    site: site.site,
    stack: {
      ...(hypervisors.length > 0 && { hypervisor: { on: hypervisors } }),
      ...(chassis.length > 0 && { ovn: { chassis } }),
      ...(ceph && { ceph }),
      ...(cloud && { openstack: cloud.stack }),
      ...containers,
      ...jujuOf(seen, { cloud, kubernetes }, remarks),
    },
    workload: {
      ...(cloud && Object.keys(cloud.servers).length > 0 && { servers: cloud.servers }),
      ...(Object.keys(domains).length > 0 && { domains }),
    },
    live: Object.fromEntries(systems.map(({ driver, options }) => [driver, options])),
  };
  return { scenario, remarks };
}

function domainsOf(seen: readonly Observation[]): Record<string, unknown> {
  const names = new Names();
  return Object.fromEntries(
    seen
      .filter(({ kind }) => kind === 'domain')
      .map(({ entity, attributes = {} }) => [
        names.of(entity),
        {
          vcpus: number(attributes, 'vcpus') ?? 1,
          memory: exactBytes(number(attributes, 'memory_bytes') ?? 2 ** 30),
        },
      ]),
  );
}

function byKindAndName(a: Observation, b: Observation): number {
  const [left, right] = [`${a.kind}/${a.entity}`, `${b.kind}/${b.entity}`];
  return left < right ? -1 : Number(left > right);
}
