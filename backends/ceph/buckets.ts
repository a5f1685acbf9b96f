import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { RadosgwAdmin } from './radosgw-admin.ts';
import { gatewayObservations, hasGatewayPools } from './service-map.ts';
import type { View } from './view.ts';

const usage = z.object({ size_actual: z.number().optional(), num_objects: z.number() });
const quota = z.object({ enabled: z.boolean(), max_size: z.number(), max_objects: z.number() });
const stats = z.object({
  bucket: z.string(),
  tenant: z.string().optional(),
  owner: z.string(),
  num_shards: z.number().optional(),
  usage: z.record(z.string(), usage),
  bucket_quota: quota,
});
export type BucketStats = z.infer<typeof stats>;

/** Names of a bucket are unique within its tenant. */
const nameOf = ({ bucket, tenant }: BucketStats) => (tenant ? `${tenant}/${bucket}` : bucket);

/** Without a gateway requests are refused; over its quota a bucket takes no more objects. */
export function bucketState(entry: BucketStats, hasGateway: boolean): string {
  if (!hasGateway) return 'unreachable';
  const { size_bytes, objects } = sizeOf(entry);
  const { enabled, max_size, max_objects } = entry.bucket_quota;
  const isOver =
    (max_size >= 0 && size_bytes >= max_size) || (max_objects >= 0 && objects >= max_objects);
  return enabled && isOver ? 'over_quota' : 'available';
}

function sizeOf({ usage }: BucketStats) {
  const { size_actual = 0, num_objects = 0 } = usage['rgw.main'] ?? {};
  return { size_bytes: size_actual, objects: num_objects };
}

function observation(entry: BucketStats, hasGateway: boolean): Observation {
  const { enabled, max_size, max_objects } = entry.bucket_quota;
  return {
    kind: 'bucket',
    entity: nameOf(entry),
    state: bucketState(entry, hasGateway),
    attributes: {
      owner: entry.owner,
      ...sizeOf(entry),
      quota_max_bytes: enabled && max_size >= 0 ? max_size : 0,
      quota_max_objects: enabled && max_objects >= 0 ? max_objects : 0,
    },
  };
}

/** Every bucket of every user. */
export async function bucketObservations(
  view: View,
  admin: RadosgwAdmin,
): Promise<readonly Observation[]> {
  if (!(await view.of(hasGatewayPools))) return [];
  const [entries, gateways] = await Promise.all([
    admin.json(['bucket', 'stats'], z.array(stats), { signal: view.signal }),
    view.of(gatewayObservations),
  ]);
  return entries.map((entry) => observation(entry, gateways.length > 0));
}
