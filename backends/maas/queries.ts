/** What MAAS tells beside its machines: itself, events, storage, subnets, tags. */
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { isUnknown, type MaasCall, type MaasClient } from './client.ts';
import { type BlockDevice, parse, parseBlockDevices } from './machines.ts';

const version = z.object({ version: z.string() });
const user = z.object({ username: z.string() });
const events = z.object({
  events: z.array(
    z.object({
      id: z.number(),
      node: z.string().nullish(),
      hostname: z.string().nullish(),
      level: z.string(),
      type: z.string(),
      created: z.string(),
      description: z.string().nullish(),
    }),
  ),
});
const subnets = z.array(
  z.object({
    id: z.number(),
    name: z.string(),
    cidr: z.string(),
    gateway_ip: z.string().nullish(),
    managed: z.boolean().nullish(),
  }),
);
const statistics = z.object({
  num_available: z.number(),
  num_unavailable: z.number(),
  total_addresses: z.number(),
});

export type MaasEvent = z.infer<typeof events>['events'][number];
export type MaasSubnet = z.infer<typeof subnets>[number];

/** How many events MAAS gives at most. */
const EVENTS_MAX = 1000;

export class MaasQueries {
  readonly #client: MaasClient;

  constructor(client: MaasClient) {
    this.#client = client;
  }

  /** MAAS' version, such as `3.4.10`; anybody may ask. */
  async version(): Promise<string> {
    return parse(version, await this.#client.get('version/'), 'a version').version;
  }

  /** The user whose key it is. */
  async whoAmI(): Promise<string> {
    return parse(user, await this.#client.get('users/', { op: 'whoami' }), 'a user').username;
  }

  /** The region itself: it runs, since it answers. */
  async region(): Promise<Observation> {
    const asked = { op: 'get_config', name: 'maas_name' };
    const [name, is] = await Promise.all([this.#client.get('maas/', asked), this.version()]);
    return {
      kind: 'region',
      entity: parse(z.string(), name, 'a name'),
      state: 'running',
      attributes: { version: is },
    };
  }

  /** The latest events of a machine, the newest first. */
  async events(hostname: string, limit = 100): Promise<readonly MaasEvent[]> {
    const asked = { op: 'query', hostname, level: 'DEBUG', limit: Math.min(limit, EVENTS_MAX) };
    return parse(events, await this.#client.get('events/', asked), 'events').events;
  }

  async blockDevices(system_id: string): Promise<readonly BlockDevice[]> {
    return parseBlockDevices(await this.#client.get(`nodes/${system_id}/blockdevices/`));
  }

  async subnets(): Promise<readonly MaasSubnet[]> {
    return parse(subnets, await this.#client.get('subnets/'), 'subnets');
  }

  /** How many addresses of a subnet are in use. */
  async subnetStatistics(id: number): Promise<z.infer<typeof statistics>> {
    const found = await this.#client.get(`subnets/${id}/`, { op: 'statistics' });
    return parse(statistics, found, 'the statistics of a subnet');
  }

  /** Gives a machine a tag, which is made if need be, or takes it away. */
  async setTag(system_id: string, tag: string, has: boolean, call: MaasCall): Promise<void> {
    const path = `tags/${encodeURIComponent(tag)}/`;
    const isThere = await this.#client.get(path).then(
      () => true,
      (thrown) => {
        if (isUnknown(thrown)) return false;
        throw thrown;
      },
    );
    if (!isThere && !has) return;
    if (!isThere) await this.#client.post('tags/', '', { name: tag }, call);
    await this.#client.post(path, 'update_nodes', { [has ? 'add' : 'remove']: system_id }, call);
  }

  /** Gives a network card an address on a subnet; MAAS deploys no machine without one. */
  async linkSubnet(
    system_id: string,
    link: { readonly interface: number; readonly subnet: number; readonly mode: string },
    call: MaasCall,
  ): Promise<void> {
    const path = `nodes/${system_id}/interfaces/${link.interface}/`;
    await this.#client.post(path, 'link_subnet', { subnet: link.subnet, mode: link.mode }, call);
  }
}
