/** FullStatus of a model, as the API gives it. */
import type {
  ApplicationRecord,
  MachineRecord,
  ModelRecord,
  Status,
  UnitRecord,
} from './records.ts';

/** From worst to best: the status of an application is the worst of its units (core/status). */
const SEVERITY = ['error', 'blocked', 'maintenance', 'waiting', 'active', 'terminated', 'unknown'];

export function fullStatus(model: ModelRecord, version: string): object {
  return {
    model: {
      name: model.name,
      type: 'iaas',
      'cloud-tag': `cloud-${model.cloud}`,
      region: 'local',
      version,
      'available-version': '',
      'model-status': detailed(model.status),
    },
    machines: mapped(model.machines, machineStatus),
    applications: mapped(model.applications, (each) => applicationStatus(each, version)),
    'remote-applications': null,
    offers: null,
    relations: [...model.relations.values()].map(({ endpoints, id, key, status }) => ({
      ...{ id, key, interface: endpoints[0].interface, scope: 'global' },
      endpoints: endpoints.map(({ application, name, role }) => ({
        ...{ application: application.name, name, role, subordinate: false },
      })),
      status: detailed(status),
    })),
    'controller-timestamp': new Date().toISOString(),
    branches: null,
  };
}

function machineStatus(machine: MachineRecord): object {
  const isDown = machine.agent.status === 'started' && !machine.isPresent;
  const agent = isDown
    ? { ...machine.agent, status: 'down', info: 'agent is not communicating with the server' }
    : machine.agent;
  const runs = machine.instance.status === 'running';
  const { cores = 1, mem = 1024 } = machine.constraints as { cores?: number; mem?: number };
  return {
    'agent-status': detailed(agent, machine.life),
    'instance-status': detailed(machine.instance),
    'modification-status': detailed({ ...machine.instance, status: 'idle', info: '' }),
    'dns-name': runs ? `127.0.1.${machine.id}` : '',
    'instance-id': runs ? `lab-${machine.id}` : 'pending',
    hostname: runs ? `lab-${machine.id}` : '',
    'display-name': '',
    base: machine.base,
    id: machine.id,
    containers: {},
    constraints: Object.entries(machine.constraints)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    hardware: runs ? `arch=amd64 cores=${cores} mem=${mem}M root-disk=8192M` : '',
    jobs: ['host-units'],
    'has-vote': false,
    'wants-vote': false,
  };
}

function applicationStatus(application: ApplicationRecord, version: string): object {
  return {
    charm: application.charm,
    'charm-version': '',
    'charm-profile': '',
    'charm-channel': application.channel,
    base: (application.origin as { base?: object }).base ?? { name: '', channel: '' },
    exposed: application.isExposed,
    life: application.life === 'alive' ? '' : application.life,
    relations: {},
    'can-upgrade-to': '',
    'subordinate-to': [],
    units: mapped(application.units, (unit) => unitStatus(unit, version)),
    status: detailed(applicationWorkload(application)),
    'workload-version': '',
    'endpoint-bindings': null,
    'public-address': '',
  };
}

/** The worst status among the units; unknown without any. */
export function applicationWorkload({ units }: ApplicationRecord): Status {
  const all = [...units.values()].map(seenWorkload);
  const worst = SEVERITY.find((status) => all.some((each) => each.status === status));
  return all.find(({ status }) => status === worst) ?? { status: 'unknown', info: '', since: '' };
}

/** A lost agent makes the workload unknown, unless that is in error or terminated. */
function seenWorkload(unit: UnitRecord): Status {
  const { workload } = unit;
  if (!isLost(unit) || ['error', 'terminated'].includes(workload.status)) return workload;
  return { ...workload, status: 'unknown', info: `agent lost, see 'juju show-status-log'` };
}

function isLost(unit: UnitRecord): boolean {
  return !unit.isPresent && unit.agent.status !== 'allocating';
}

function unitStatus(unit: UnitRecord, version: string): object {
  const agent = isLost(unit)
    ? { ...unit.agent, status: 'lost', info: 'agent is not communicating with the server' }
    : unit.agent;
  return {
    'agent-status': detailed(agent, unit.life),
    'workload-status': detailed(seenWorkload(unit)),
    'workload-version': '',
    machine: unit.machine?.id ?? '',
    'opened-ports': null,
    'public-address': '',
    // In Juju 4 a unit is of its application's charm at once, whatever its agent does.
    charm: unit.charm === unit.application.charm || version.startsWith('4.') ? '' : unit.charm,
    subordinates: null,
    ...(unit.isLeader && { leader: true }),
  };
}

function detailed({ info, since, status }: Status, life = ''): object {
  const shown = life === 'alive' ? '' : life;
  return { ...{ status, info, since, life: shown }, data: {}, kind: '', version: '' };
}

function mapped<T>(all: ReadonlyMap<string, T>, show: (each: T) => object): object {
  return Object.fromEntries([...all].map(([name, each]) => [name, show(each)]));
}
