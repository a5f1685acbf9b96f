import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { osdMap } from './osd-map.ts';
import type { View } from './view.ts';

const gateway = z.object({ metadata: z.record(z.string(), z.string()) });
const daemons = z
  .record(z.string(), z.unknown())
  // Beside the daemons, by number or name, stands a `summary` that is text.
  .transform((all) => Object.entries(all).filter(([, each]) => typeof each === 'object'))
  .pipe(z.array(z.tuple([z.string(), gateway])));
const status = z.object({
  servicemap: z.object({ services: z.object({ rgw: z.object({ daemons }).optional() }) }),
});

/** `ceph service dump` says the same, and needs a manager to say it. */
async function serviceMap(view: View) {
  const how = { signal: view.signal };
  return (await view.session.json('status', {}, status, how)).servicemap;
}

/** Gateways that report to the manager; one that does not is dropped after a minute. */
export async function gatewayObservations(view: View): Promise<readonly Observation[]> {
  const { services } = await view.of(serviceMap);
  return (services.rgw?.daemons ?? []).map(([number, { metadata }]) => ({
    kind: 'rgw',
    // Named by its id since Octopus; older ones by what they are registered as.
    entity: metadata['id'] ?? number,
    state: 'active',
    attributes: {
      host: metadata['hostname'] ?? '',
      zone: metadata['zone_name'] ?? '',
      version: metadata['ceph_version_short'] ?? '',
    },
  }));
}

/** Where gateways keep what they share (rgw_realm_root_pool); made by the first one. */
const ROOT_POOL = '.rgw.root';

/**
 * Whether the cluster was ever used by a gateway. Where it was not, nothing is asked of the
 * gateways' administration: it would make its pools.
 */
export async function hasGatewayPools(view: View): Promise<boolean> {
  return (await view.of(osdMap)).pools.some(({ pool_name }) => pool_name === ROOT_POOL);
}
