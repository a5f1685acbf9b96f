import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext } from './context.ts';
import { type Item, idOf } from './lookup.ts';
import { post } from './network-rows.ts';

const KIND = 'port';

export const PORT_PARAMS = {
  create: z.object({
    network: z.string().describe('Network that it is in, by name or UUID.'),
    security_groups: z
      .array(z.string())
      .optional()
      .describe('By name or UUID; the `default` group of the project by default.'),
    fixed_ip: z.string().optional().describe('Its address; neutron chooses by default.'),
  }),
  bind: z.object({ host: z.string().describe('The host whose chassis is to have it.') }),
} as const satisfies KindParams;

/** neutron's words for a port as a state of the machine. */
export function portState(status: string, vif_type: string, host: string): string {
  if (vif_type === 'binding_failed') return 'binding_failed';
  if (status === 'ACTIVE') return 'ACTIVE';
  // Requested on a host whose chassis has not claimed it yet.
  return host === '' ? 'DOWN' : 'binding';
}

/** Ports of neutron. */
export class Ports extends CollectionKind {
  readonly verbs = ['create', 'bind', 'unbind', 'delete', 'inspect'];
  readonly isFast = true;
  /** A port is bound when its host has done its part, which it may never do. */
  readonly order = { interrupts: { unbind: ['bind'], delete: ['bind', 'unbind'] } } as const;

  constructor(cloud: CloudContext) {
    super(KIND, cloud);
  }

  async perform(act: Act): Promise<Observation> {
    const found = await this.find(act.entity, act.signal);
    switch (act.action.verb) {
      case 'create':
        if (!found) await create(act);
        return this.observe(act.entity, act.signal);
      case 'bind':
        return this.#bind(act, found);
      case 'unbind':
        if (!found) throw act.notFound();
        await setHost(act, found, '');
        return this.#untilBound(act, ['DOWN'], ['ACTIVE', 'binding']);
      case 'delete':
        if (found) await act.change('network', { method: 'DELETE', path: pathOf(found) });
        return this.observe(act.entity, act.signal);
      default:
        return this.observe(act.entity, act.signal);
    }
  }

  protected observationOf(entity: string, item: Item | undefined): Observation {
    return observationOf(entity, item);
  }

  async #bind(act: Act, found: Item | undefined): Promise<Observation> {
    if (!found) throw act.notFound();
    const { host } = act.params(PORT_PARAMS.bind);
    await setHost(act, found, host);
    return this.#untilBound(act, ['ACTIVE'], ['DOWN', 'binding']);
  }

  #untilBound(act: Act, ends: readonly string[], during: readonly string[]): Promise<Observation> {
    act.began();
    return this.untilEnded(act, { ends, during });
  }
}

const pathOf = (item: Item): string => `/ports/${item['id']}`;

async function setHost(act: Act, found: Item, host: string): Promise<void> {
  const body = { port: { 'binding:host_id': host } };
  await act.change('network', { method: 'PUT', path: pathOf(found), body });
}

async function create(act: Act): Promise<void> {
  const given = act.params(PORT_PARAMS.create);
  const { session, signal } = act;
  const groups = given.security_groups?.map((name) =>
    idOf(session, 'security-group', name, { signal }),
  );
  await post(act, '/ports', 'port', {
    name: act.entity,
    network_id: await idOf(session, 'network', given.network, { signal }),
    ...(groups && { security_groups: await Promise.all(groups) }),
    ...(given.fixed_ip !== undefined && { fixed_ips: [{ ip_address: given.fixed_ip }] }),
  });
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  const [status, vif, host] = ['status', 'binding:vif_type', 'binding:host_id'].map((key) =>
    String(item[key] ?? ''),
  );
  const [address] = (item['fixed_ips'] as { ip_address: string }[] | undefined) ?? [];
  return {
    ...{ kind: KIND, entity, state: portState(status, vif, host), reason: `${status}/${vif}` },
    attributes: attributes({
      id: item['id'],
      network: item['network_id'],
      mac: item['mac_address'],
      address: address?.ip_address,
      host,
      device: item['device_id'],
      owner: item['device_owner'],
      project: item['project_id'],
    }),
  };
}
