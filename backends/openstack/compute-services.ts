import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { type Act, absent, attributes, type CloudContext, GIB, type Kind, MIB } from './context.ts';
import { hasStatus, isObject, openstackFault } from './faults.ts';
import type { Item } from './lookup.ts';
import type { OpenstackSession } from './session.ts';
import { untilEnded } from './settle.ts';

const KIND = 'compute-service';

const aggregate = z.string();

export const COMPUTE_SERVICE_PARAMS = {
  disable: z.object({ reason: z.string().optional().describe('Why it is disabled.') }),
  add_to_aggregate: z.object({
    aggregate: aggregate.describe('Name of the aggregate, which is made unless it is there.'),
    availability_zone: z
      .string()
      .optional()
      .describe('Availability zone of an aggregate that is made.'),
  }),
  remove_from_aggregate: z.object({
    aggregate: aggregate.describe('Name of the aggregate, which goes with its last host.'),
  }),
} as const satisfies KindParams;

/** What nova says of a compute service, as a state of the machine. */
export function serviceState(service: {
  readonly state: string;
  readonly status: string;
  readonly forced_down?: boolean;
}): string {
  const { state, status, forced_down } = service;
  const now = forced_down ? 'forced_down' : state === 'up' ? 'up.reporting' : 'down';
  return `${now}+${status === 'disabled' ? 'disabled' : 'enabled'}`;
}

/** Body of PUT /os-services/UUID, by verb. */
const CHANGES: Readonly<Record<string, (act: Act) => object>> = {
  enable: () => ({ status: 'enabled' }),
  disable: (act) => {
    const { reason } = act.params(COMPUTE_SERVICE_PARAMS.disable);
    return { status: 'disabled', ...(reason !== undefined && { disabled_reason: reason }) };
  },
  force_down: () => ({ forced_down: true }),
  unforce: () => ({ forced_down: false }),
};

/** Compute services of nova by their host, with aggregates and what placement knows of them. */
export class ComputeServices implements Kind {
  readonly kind = KIND;
  readonly isFast = true;
  readonly verbs = [
    ...['start', ...Object.keys(CHANGES), 'add_to_aggregate', 'remove_from_aggregate'],
    ...['delete', 'inspect'],
  ];
  readonly order = { interrupts: { inspect: 'all' }, waits: ['start'] } as const;
  readonly #cloud: CloudContext;

  constructor(cloud: CloudContext) {
    this.#cloud = cloud;
  }

  async perform(act: Act): Promise<Observation> {
    const { verb } = act.action;
    const found = await this.#find(act.entity, act.signal);
    if (verb === 'inspect') return this.observe(act.entity, act.signal);
    // nova cannot start nova-compute: its host does that, and here its first report is awaited.
    if (verb === 'start') return this.#untilUp(act);
    if (!found && verb === 'delete') return absent(KIND, act.entity);
    if (!found) throw act.notFound();
    if (verb === 'delete') {
      // Its record and its inventory; a nova-compute that runs would make them anew.
      await act.change('compute', { method: 'DELETE', path: `/os-services/${found['id']}` });
    } else if (verb === 'add_to_aggregate') await addToAggregate(act);
    else if (verb === 'remove_from_aggregate') await removeFromAggregate(act);
    else {
      const path = `/os-services/${found['id']}`;
      await act.change('compute', { method: 'PUT', path, body: CHANGES[verb](act) });
    }
    return this.observe(act.entity, act.signal);
  }

  async observe(entity: string, signal?: AbortSignal): Promise<Observation> {
    const begun_ms = performance.now();
    const seen = observationOf(entity, await this.#find(entity, signal));
    this.#cloud.feed.learn(seen, begun_ms);
    return seen;
  }

  async list(signal?: AbortSignal): Promise<readonly Observation[]> {
    const { session } = this.#cloud;
    const [services, hypervisors, aggregates] = await Promise.all([
      servicesOf(session, {}, signal),
      itemsOf(session, '/os-hypervisors/detail', 'hypervisors', signal),
      itemsOf(session, '/os-aggregates', 'aggregates', signal),
    ]);
    return Promise.all(
      services.map(async (service) => {
        const host = String(service['host']);
        const own = hypervisors.find(
          (each) => isObject(each['service']) && each['service']['host'] === host,
        );
        const seen = observationOf(host, service);
        const more = attributes({
          ...(own && (await inventoryOf(session, own, signal))),
          hypervisor: own?.['hypervisor_type'],
          hypervisor_hostname: own?.['hypervisor_hostname'],
          aggregates: aggregates
            .filter(({ hosts }) => Array.isArray(hosts) && hosts.includes(host))
            .map(({ name }) => String(name))
            .sort()
            .join(','),
        });
        return { ...seen, attributes: { ...seen.attributes, ...more } };
      }),
    );
  }

  /** Cheaper than `list`: only what can change by itself. */
  async poll(signal?: AbortSignal): Promise<readonly Observation[]> {
    const services = await servicesOf(this.#cloud.session, {}, signal);
    return services.map((service) => observationOf(String(service['host']), service));
  }

  #untilUp(act: Act): Promise<Observation> {
    const ending = { ends: ['up.reporting'], during: ['down', 'absent'] };
    return untilEnded(act, ending, (signal) => this.observe(act.entity, signal));
  }

  async #find(entity: string, signal?: AbortSignal): Promise<Item | undefined> {
    const [found] = await servicesOf(this.#cloud.session, { host: entity }, signal);
    return found;
  }
}

/** Only administrators may see services; nobody else has any. */
async function servicesOf(
  session: OpenstackSession,
  query: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<readonly Item[]> {
  return itemsOf(session, '/os-services', 'services', signal, { binary: 'nova-compute', ...query });
}

async function itemsOf(
  session: OpenstackSession,
  path: string,
  many: string,
  signal?: AbortSignal,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly Item[]> {
  try {
    const { [many]: items } = await session.get('compute', path, query, signal);
    return Array.isArray(items) ? items.filter(isObject) : [];
  } catch (thrown) {
    if (hasStatus(thrown, 403)) return [];
    throw thrown;
  }
}

/** What placement holds of a host: nova tells its own numbers only up to 2.87. */
async function inventoryOf(session: OpenstackSession, hypervisor: Item, signal?: AbortSignal) {
  const path = `/resource_providers/${hypervisor['id']}/inventories`;
  const { inventories } = await session.get('placement', path, {}, signal);
  const of = (name: string): Item => {
    const found = isObject(inventories) ? inventories[name] : undefined;
    return isObject(found) ? found : {};
  };
  const [cpu, ram, disk] = ['VCPU', 'MEMORY_MB', 'DISK_GB'].map(of);
  return {
    vcpus: cpu['total'],
    cpu_allocation_ratio: cpu['allocation_ratio'],
    memory_bytes: Number(ram['total']) * MIB,
    reserved_memory_bytes: Number(ram['reserved']) * MIB,
    ram_allocation_ratio: ram['allocation_ratio'],
    disk_bytes: Number(disk['total']) * GIB,
    disk_allocation_ratio: disk['allocation_ratio'],
  };
}

async function addToAggregate(act: Act): Promise<void> {
  const { add_to_aggregate } = COMPUTE_SERVICE_PARAMS;
  const { aggregate: name, availability_zone: zone } = act.params(add_to_aggregate);
  const found = await findAggregate(act, name);
  if (found && Array.isArray(found['hosts']) && found['hosts'].includes(act.entity)) return;
  const id = found ? found['id'] : await createAggregate(act, name, zone);
  const body = { add_host: { host: act.entity } };
  await act.change('compute', { method: 'POST', path: `/os-aggregates/${id}/action`, body });
}

async function createAggregate(act: Act, name: string, zone?: string): Promise<unknown> {
  const aggregate = { name, ...(zone !== undefined && { availability_zone: zone }) };
  const call = { method: 'POST', path: '/os-aggregates', body: { aggregate } } as const;
  const { value } = await act.change('compute', call);
  return (value as { aggregate: Item }).aggregate['id'];
}

/** An aggregate that has lost its last host goes with it. */
async function removeFromAggregate(act: Act): Promise<void> {
  const { aggregate: name } = act.params(COMPUTE_SERVICE_PARAMS.remove_from_aggregate);
  const found = await findAggregate(act, name);
  const hosts = Array.isArray(found?.['hosts']) ? found['hosts'] : [];
  if (!found) throw openstackFault('OPENSTACK_NOT_FOUND', `aggregate ${name} of ${act.entity}`);
  const path = `/os-aggregates/${found['id']}`;
  if (hosts.includes(act.entity)) {
    const body = { remove_host: { host: act.entity } };
    await act.change('compute', { method: 'POST', path: `${path}/action`, body });
  }
  if (hosts.every((host) => host === act.entity)) {
    await act.change('compute', { method: 'DELETE', path });
  }
}

async function findAggregate(act: Act, name: string): Promise<Item | undefined> {
  const all = await itemsOf(act.session, '/os-aggregates', 'aggregates', act.signal);
  return all.find((each) => each['name'] === name);
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  const words = {
    state: String(item['state']),
    status: String(item['status']),
    forced_down: item['forced_down'] === true,
  };
  return {
    ...{ kind: KIND, entity, state: serviceState(words) },
    reason: `${words.state}/${words.status}${words.forced_down ? '/forced_down' : ''}`,
    attributes: attributes({
      id: item['id'],
      zone: item['zone'],
      disabled_reason: item['disabled_reason'],
    }),
  };
}
