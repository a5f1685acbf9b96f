/** Hypervisors, OpenStack and its quotas. */
import type {
  HypervisorStack,
  MachineFlavor,
  OpenStackStack,
  Quota,
  Stack,
  Workload,
} from '../../model/scenario.ts';
import { serverAddresses } from '../../model/subnet.ts';
import { formatBytes } from '../unit-format.ts';
import { check, countMachines, cpusOf, flavorsOf, sum } from './check.ts';

const OPENSTACK = ['stack', 'openstack'] as const;

/** What a project asks for at the start, at least. */
interface Demand {
  servers: number;
  vcpus: number;
  ram_bytes: number;
  volumes: number;
}

function demands(openstack: OpenStackStack, stack: Stack, workload: Workload): Map<string, Demand> {
  const byProject = new Map<string, Demand>();
  const add = (project: string, flavors: readonly string[], n: number, volumes: number) => {
    const demand = byProject.get(project) ?? { servers: 0, vcpus: 0, ram_bytes: 0, volumes: 0 };
    const known = flavors.filter((name) => Object.hasOwn(openstack.flavors, name));
    const least = (of: 'vcpus' | 'ram_bytes') =>
      known.length === 0 ? 0 : Math.min(...known.map((name) => openstack.flavors[name][of]));
    demand.servers += n;
    demand.vcpus += n * least('vcpus');
    demand.ram_bytes += n * least('ram_bytes');
    demand.volumes += n * volumes;
    byProject.set(project, demand);
  };
  for (const group of workload.servers) {
    const used = Object.keys(group.flavors).filter((f) => group.flavors[f] > 0);
    add(group.project, used, group.initial, group.volumes);
  }
  for (const { nodes } of stack.kubernetes) {
    if (nodes.type === 'servers') add(nodes.project, [nodes.flavor], nodes.count, 0);
  }
  for (const { on, applications } of stack.juju) {
    if (on.type !== 'servers') continue;
    add(
      on.project,
      [on.flavor],
      sum(applications, (a) => a.units),
      0,
    );
  }
  return byProject;
}

const RESOURCES = ['servers', 'vcpus', 'ram_bytes', 'volumes'] as const;

const shown = (resource: keyof Quota, value: number): string =>
  resource === 'ram_bytes' ? `${formatBytes(value)} of ram` : `${value} ${resource}`;

const quotas = check(['stack', 'workload'], ({ stack, workload }, report) => {
  const { openstack } = stack;
  if (openstack === undefined) return;
  for (const [project, demand] of demands(openstack, stack, workload)) {
    if (!Object.hasOwn(openstack.projects, project)) continue;
    const quota = openstack.projects[project];
    for (const resource of RESOURCES) {
      if (demand[resource] <= quota[resource]) continue;
      const key = resource === 'ram_bytes' ? 'ram' : resource;
      report(
        'SCENARIO_OVER_CAPACITY',
        [...OPENSTACK, 'projects', project, key],
        `project ${project} needs ${shown(resource, demand[resource])} at the start`,
        { expected: `at most its quota of ${shown(resource, quota[resource])}` },
      );
    }
  }
});

/** nova-compute needs libvirt under it, and ports need a chassis. */
const roles = check(['site', 'stack'], ({ site, stack }, report) => {
  const { openstack, hypervisor, ovn } = stack;
  if (hypervisor !== undefined && countMachines(site, hypervisor.on) === 0) {
    const message = `no rack has a machine of ${hypervisor.on.join(', ')}`;
    report('SCENARIO_TOO_FEW_MACHINES', ['stack', 'hypervisor', 'on'], message);
  }
  if (ovn !== undefined) {
    for (const [i, gateway] of ovn.gateways.entries()) {
      if (ovn.chassis.includes(gateway)) continue;
      report('SCENARIO_ROLE', ['stack', 'ovn', 'gateways', i], `${gateway} runs no chassis`, {
        expected: `one of ${ovn.chassis.join(', ')}`,
      });
    }
  }
  if (openstack === undefined) return;
  if (hypervisor === undefined) {
    report('SCENARIO_MISSING_SECTION', [...OPENSTACK], 'OpenStack needs hypervisors', {
      expected: 'the section stack.hypervisor',
    });
    return;
  }
  for (const [i, flavor] of openstack.compute.entries()) {
    if (hypervisor.on.includes(flavor)) continue;
    const message = `nova-compute on ${flavor} needs a hypervisor there`;
    report('SCENARIO_CONTRADICTION', [...OPENSTACK, 'compute', i], message, {
      hint: 'add the flavor to stack.hypervisor.on',
    });
  }
  const networks = Object.keys(openstack.networks);
  if (networks.length > 0 && ovn === undefined) {
    report('SCENARIO_MISSING_SECTION', [...OPENSTACK, 'networks'], 'networks need OVN', {
      expected: 'the section stack.ovn',
    });
  }
});

/** What servers may have of one compute host. */
function roomOf(host: MachineFlavor, hypervisor: HypervisorStack) {
  const { cpu_ratio, ram_ratio, reserved_memory_bytes } = hypervisor;
  return {
    vcpus: Math.floor(cpusOf(host) * cpu_ratio),
    ram_bytes: Math.max(0, host.memory_bytes - reserved_memory_bytes) * ram_ratio,
  };
}

/** A server flavor that no host can ever hold ends every request in "No valid host was found". */
const sizes = check(['site', 'stack'], ({ site, stack: { openstack, hypervisor } }, report) => {
  if (openstack === undefined || hypervisor === undefined) return;
  const hosts = flavorsOf(site, openstack.compute);
  if (hosts.length < openstack.compute.length) return;
  const rooms = hosts.map((host) => roomOf(host, hypervisor));
  const vcpus = Math.max(...rooms.map((each) => each.vcpus));
  const ram_bytes = Math.max(...rooms.map((each) => each.ram_bytes));
  for (const [name, flavor] of Object.entries(openstack.flavors)) {
    if (flavor.vcpus <= vcpus && flavor.ram_bytes <= ram_bytes) continue;
    const message = `no compute host can hold a server of flavor ${name}`;
    const expected = `at most ${vcpus} vcpus and ${formatBytes(ram_bytes)} of ram`;
    report('SCENARIO_OVER_CAPACITY', [...OPENSTACK, 'flavors', name], message, { expected });
  }
});

/** All hosts together must hold what there is at the start; they may hold less, since servers are whole. */
const room = check(['site', 'stack', 'workload'], ({ site, stack, workload }, report) => {
  const { openstack, hypervisor } = stack;
  if (openstack === undefined || hypervisor === undefined) return;
  const wanted = [...demands(openstack, stack, workload).values()];
  const hosts = flavorsOf(site, openstack.compute);
  if (hosts.length < openstack.compute.length) return;
  const rooms = hosts.map((host, i) => ({
    ...roomOf(host, hypervisor),
    hosts: countMachines(site, [openstack.compute[i]]),
  }));
  for (const resource of ['vcpus', 'ram_bytes'] as const) {
    const [needed, there] = [
      sum(wanted, (demand) => demand[resource]),
      sum(rooms, (each) => each.hosts * each[resource]),
    ];
    if (needed <= there) continue;
    const message = `the servers of the start need ${shown(resource, needed)}`;
    const expected = `at most ${shown(resource, there)}, which all compute hosts have together`;
    report('SCENARIO_OVER_CAPACITY', [...OPENSTACK, 'compute'], message, { expected });
  }
});

/** Servers that a network holds at the start, at least. */
const addresses = check(['stack', 'workload'], ({ stack, workload }, report) => {
  if (stack.openstack === undefined || stack.ovn === undefined) return;
  const wanted = new Map<string, number>();
  const add = (network: string, servers: number): void => {
    wanted.set(network, (wanted.get(network) ?? 0) + servers);
  };
  for (const { network, initial } of workload.servers) add(network, initial);
  for (const { nodes } of stack.kubernetes) {
    if (nodes.type === 'servers') add(nodes.network, nodes.count);
  }
  for (const { on, applications } of stack.juju) {
    if (on.type === 'servers') {
      add(
        on.network,
        sum(applications, (a) => a.units),
      );
    }
  }
  for (const [name, { cidr }] of Object.entries(stack.openstack.networks)) {
    const [servers, most] = [wanted.get(name) ?? 0, serverAddresses(cidr)];
    if (servers <= most) continue;
    const message = `network ${name} needs ${servers} addresses for servers at the start`;
    report('SCENARIO_OVER_CAPACITY', [...OPENSTACK, 'networks', name, 'cidr'], message, {
      expected: `at most the ${most} of ${cidr}`,
    });
  }
});

export const computeChecks = [roles, quotas, sizes, room, addresses];
