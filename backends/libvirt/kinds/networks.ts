import { z } from 'zod';
import type { Action, Observation } from '../../../engine/contract.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Attempt } from '../../driver.ts';
import { libvirtParams } from '../params.ts';
import type { NetworkRef } from '../references.ts';
import type { Session } from '../session.ts';
import { element, toXml } from '../xml.ts';
import { acting, isUnknown, type KindDriver, seenOf } from './kind-driver.ts';

const KIND = 'virtual-network';
/** VIR_ERR_NO_NETWORK. */
const UNKNOWN = new Set([43]);

/** Names of network interfaces have at most 15 characters (IFNAMSIZ). */
const interfaceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/, {
  message: 'a name of a network interface, such as br0',
});

const Definition = z
  .object({
    forward: z
      .enum(['isolated', 'bridge', 'open'])
      .default('isolated')
      .describe(
        '`isolated`: guests among themselves; `bridge`: one that exists; `open`: routed, no rules.',
      ),
    bridge: interfaceName.describe('Name of the bridge on the host.'),
    address: z
      .cidrv4()
      .optional()
      .describe('Address of the host itself on the bridge, such as `192.0.2.1/24`.'),
  })
  .refine(({ forward, address }) => forward !== 'open' || address !== undefined, {
    message: 'an address, since forward is open',
    path: ['address'],
  });

export const NETWORK_PARAMS = { define: Definition } as const;
const paramsOf = libvirtParams({ [KIND]: NETWORK_PARAMS });

const EVENTS: Readonly<Record<string, string>> = { active: 'started', absent: 'undefined' };

/** libvirt's virtual networks: the bridges of a host that domains plug into. */
export class Networks implements KindDriver {
  readonly kind = KIND;
  readonly verbs = ['define', 'create', 'destroy', 'undefine'];
  readonly #session: Pick<Session, 'call'>;
  readonly #feed: ChangeFeed;

  constructor(session: Pick<Session, 'call'>, feed: ChangeFeed) {
    this.#session = session;
    this.#feed = feed;
  }

  async perform(action: Action, attempt: Attempt): Promise<void> {
    const act = acting(attempt);
    if (action.verb === 'define') {
      const xml = networkXml(action.entity, paramsOf(action, NETWORK_PARAMS.define));
      await this.#session.call('network_define_xml', { xml }, act);
    } else {
      const net = await this.#find(action.entity);
      if (action.verb === 'create') await this.#session.call('network_create', { net }, act);
      else if (action.verb === 'destroy') await this.#session.call('network_destroy', { net }, act);
      else await this.#session.call('network_undefine', { net }, act);
    }
    attempt.effect('done');
    await this.look(action.entity);
  }

  async observe(name: string): Promise<Observation> {
    try {
      return await this.#seen(await this.#find(name));
    } catch (cause) {
      if (isUnknown(cause, UNKNOWN)) return { kind: KIND, entity: name, state: 'absent' };
      throw cause;
    }
  }

  async list(): Promise<readonly Observation[]> {
    const every = { need_results: 1, flags: 0 };
    const { nets } = await this.#session.call('connect_list_all_networks', every);
    return seenOf(nets, (net) => this.#seen(net), UNKNOWN);
  }

  /** Looks at a network and reports what changed. */
  async look(name: string): Promise<void> {
    const seen = await this.observe(name);
    const isNew = this.#feed.known(KIND, name) === undefined;
    const event = EVENTS[seen.state] ?? (isNew ? 'defined' : 'stopped');
    this.#feed.learn({ ...seen, attributes: { ...seen.attributes, event } });
  }

  async #find(name: string): Promise<NetworkRef> {
    return (await this.#session.call('network_lookup_by_name', { name })).net;
  }

  async #seen(net: NetworkRef): Promise<Observation> {
    const { active } = await this.#session.call('network_is_active', { net });
    return { kind: KIND, entity: net.name, state: active ? 'active' : 'inactive' };
  }
}

function networkXml(name: string, params: z.infer<typeof Definition>): string {
  const { forward, bridge, address } = params;
  const [host, prefix] = address?.split('/') ?? [];
  return toXml(
    element(
      'network',
      {},
      element('name', {}, name),
      forward === 'isolated' ? undefined : element('forward', { mode: forward }),
      element('bridge', { name: bridge }),
      host === undefined ? undefined : element('ip', { address: host, prefix }),
    ),
  );
}
