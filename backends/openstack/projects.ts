import PQueue from 'p-queue';
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import type { Service } from './catalog.ts';
import { type Act, absent, attributes, type CloudContext, GIB, type Kind, MIB } from './context.ts';
import { hasCode, hasStatus, isObject } from './faults.ts';
import { entityNames, find, type Item, listAll } from './lookup.ts';
import type { OpenstackSession } from './session.ts';

const KIND = 'project';

const limit = z.number().int().min(-1).optional();
const NO_LIMIT = '-1 is no limit';

const quotaLimits = z.object({
  quota_servers: limit.describe(`Servers; ${NO_LIMIT}.`),
  quota_vcpus: limit.describe(`Virtual CPUs of servers; ${NO_LIMIT}.`),
  quota_memory_bytes: limit.describe(
    `Memory of servers, bytes, rounded down to whole MiB; ${NO_LIMIT}.`,
  ),
  quota_volumes: limit.describe(`Volumes; ${NO_LIMIT}.`),
  quota_volume_bytes: limit.describe(
    `Volumes and snapshots, bytes, rounded down to whole GiB; ${NO_LIMIT}.`,
  ),
  quota_snapshots: limit.describe(`Snapshots of volumes; ${NO_LIMIT}.`),
  quota_networks: limit.describe(`Networks; ${NO_LIMIT}.`),
  quota_subnets: limit.describe(`Subnets; ${NO_LIMIT}.`),
  quota_routers: limit.describe(`Routers; ${NO_LIMIT}.`),
  quota_ports: limit.describe(`Ports; ${NO_LIMIT}.`),
  quota_security_groups: limit.describe(`Security groups; ${NO_LIMIT}.`),
});
type QuotaLimits = z.infer<typeof quotaLimits>;

export const PROJECT_PARAMS = {
  create: z.object({
    description: z.string().default('').describe('For people.'),
    domain_id: z.string().default('default').describe('UUID of its domain.'),
    ...quotaLimits.shape,
  }),
  set_quota: quotaLimits,
} as const satisfies KindParams;

interface QuotaField {
  readonly ours: keyof QuotaLimits;
  readonly theirs: string;
  /** How many of ours one of theirs is. */
  readonly unit?: number;
}

interface QuotaService {
  readonly service: Service;
  readonly path: string;
  readonly key: string;
  readonly fields: readonly QuotaField[];
}

/** Which service keeps which limit, and what it calls it. */
const QUOTAS: readonly QuotaService[] = [
  {
    service: 'compute',
    path: '/os-quota-sets',
    key: 'quota_set',
    fields: [
      { ours: 'quota_servers', theirs: 'instances' },
      { ours: 'quota_vcpus', theirs: 'cores' },
      { ours: 'quota_memory_bytes', theirs: 'ram', unit: MIB },
    ],
  },
  {
    service: 'volume',
    path: '/os-quota-sets',
    key: 'quota_set',
    fields: [
      { ours: 'quota_volumes', theirs: 'volumes' },
      { ours: 'quota_volume_bytes', theirs: 'gigabytes', unit: GIB },
      { ours: 'quota_snapshots', theirs: 'snapshots' },
    ],
  },
  {
    service: 'network',
    path: '/quotas',
    key: 'quota',
    fields: [
      { ours: 'quota_networks', theirs: 'network' },
      { ours: 'quota_subnets', theirs: 'subnet' },
      { ours: 'quota_routers', theirs: 'router' },
      { ours: 'quota_ports', theirs: 'port' },
      { ours: 'quota_security_groups', theirs: 'security_group' },
    ],
  },
];

/** Projects of keystone, with their quotas in nova, cinder and neutron. */
export class Projects implements Kind {
  readonly kind = KIND;
  readonly verbs = ['create', 'set_quota', 'enable', 'disable', 'delete', 'inspect'];
  readonly #cloud: CloudContext;

  constructor(cloud: CloudContext) {
    this.#cloud = cloud;
  }

  async perform(act: Act): Promise<Observation> {
    const { verb } = act.action;
    const found = await this.#find(act.entity, act.signal);
    if (verb === 'create') {
      const given = act.params(PROJECT_PARAMS.create);
      const id = found ? String(found['id']) : await create(act, given);
      await setQuotas(act, id, given);
    } else if (verb === 'delete') {
      if (found) await act.change('identity', { method: 'DELETE', path: pathOf(found) });
    } else if (verb !== 'inspect') {
      if (!found) throw act.notFound();
      if (verb === 'set_quota') {
        await setQuotas(act, String(found['id']), act.params(PROJECT_PARAMS.set_quota));
      } else await setEnabled(act, found, verb === 'enable');
    }
    return this.observe(act.entity, act.signal);
  }

  /** With its quotas, as far as the services tell them. */
  async observe(entity: string, signal?: AbortSignal): Promise<Observation> {
    const begun_ms = performance.now();
    const found = await this.#find(entity, signal);
    const seen = observationOf(entity, found);
    this.#cloud.feed.learn(seen, begun_ms);
    if (!found) return seen;
    const quotas = await readQuotas(this.#cloud.session, String(found['id']), signal);
    return { ...seen, attributes: { ...seen.attributes, ...quotas } };
  }

  /** With their quotas, which takes three calls for every project. */
  async list(signal?: AbortSignal): Promise<readonly Observation[]> {
    const bare = await this.poll(signal);
    const calls = new PQueue({ concurrency: QUOTA_CALLS });
    return calls.addAll(
      bare.map((seen) => async () => {
        const id = String(seen.attributes?.['id']);
        const quotas = await readQuotas(this.#cloud.session, id, signal);
        return { ...seen, attributes: { ...seen.attributes, ...quotas } };
      }),
    );
  }

  async poll(signal?: AbortSignal): Promise<readonly Observation[]> {
    const items = await listAll(this.#cloud.session, 'project', { signal });
    const names = entityNames(items);
    return items.map((item, i) => observationOf(names[i], item));
  }

  #find(entity: string, signal?: AbortSignal): Promise<Item | undefined> {
    return find(this.#cloud.session, 'project', entity, { signal });
  }
}

/** Projects whose quotas are asked for at a time. */
const QUOTA_CALLS = 4;

const pathOf = (item: Item): string => `/projects/${item['id']}`;

async function create(
  act: Act,
  { description, domain_id }: z.infer<typeof PROJECT_PARAMS.create>,
): Promise<string> {
  const project = { name: act.entity, description, domain_id };
  const call = { method: 'POST', path: '/projects', body: { project } } as const;
  const { value } = await act.change('identity', call);
  return String((value as { project: Item }).project['id']);
}

async function setEnabled(act: Act, found: Item, enabled: boolean): Promise<void> {
  const body = { project: { enabled } };
  await act.change('identity', { method: 'PATCH', path: pathOf(found), body });
}

async function setQuotas(act: Act, id: string, given: QuotaLimits): Promise<void> {
  for (const { service, path, key, fields } of QUOTAS) {
    const limits: Record<string, number> = {};
    for (const { ours, theirs, unit = 1 } of fields) {
      const value = given[ours];
      if (value !== undefined) limits[theirs] = value < 0 ? -1 : Math.floor(value / unit);
    }
    if (Object.keys(limits).length === 0) continue;
    const body = { [key]: limits };
    await act.change(service, { method: 'PUT', path: `${path}/${id}`, body });
  }
}

/** What the cloud has no service for, and what the user may not see, is left out. */
async function readQuotas(
  session: OpenstackSession,
  id: string,
  signal?: AbortSignal,
): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { service, path, key, fields } of QUOTAS) {
    const limits = await limitsOf(session.get(service, `${path}/${id}`, {}, signal), key);
    for (const { ours, theirs, unit = 1 } of fields) {
      const value = limits[theirs];
      if (typeof value === 'number') found[ours] = value < 0 ? -1 : value * unit;
    }
  }
  return found;
}

async function limitsOf(answer: Promise<Item>, key: string): Promise<Item> {
  try {
    const limits = (await answer)[key];
    return isObject(limits) ? limits : {};
  } catch (thrown) {
    if (hasStatus(thrown, 403) || hasCode(thrown, 'OPENSTACK_NO_ENDPOINT')) return {};
    throw thrown;
  }
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  const state = item['enabled'] === false ? 'disabled' : 'enabled';
  return {
    ...{ kind: KIND, entity, state, reason: state },
    attributes: attributes({
      id: item['id'],
      domain: item['domain_id'],
      description: item['description'],
    }),
  };
}
