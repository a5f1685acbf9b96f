import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { View } from './view.ts';

const pool = z.object({
  pool: z.number(),
  pool_name: z.string(),
  type: z.number(),
  size: z.number(),
  min_size: z.number(),
  pg_num: z.number(),
  pg_num_target: z.number(),
  pg_placement_num: z.number(),
  crush_rule: z.number(),
  flags_names: z.string(),
  quota_max_bytes: z.number(),
  quota_max_objects: z.number(),
  erasure_code_profile: z.string(),
  pg_autoscale_mode: z.string().optional(),
  application_metadata: z.record(z.string(), z.unknown()),
});
export type PoolEntry = z.infer<typeof pool>;

const osd = z.object({
  osd: z.number(),
  up: z.number(),
  in: z.number(),
  weight: z.number(),
  primary_affinity: z.number(),
  up_from: z.number(),
  down_at: z.number(),
  state: z.array(z.string()),
});
export type OsdEntry = z.infer<typeof osd>;

const osdDump = z.object({
  epoch: z.number(),
  flags: z.string(),
  pools: z.array(pool),
  osds: z.array(osd),
});

/** The OSDMap, as the mons have it. */
export const osdMap = (view: View) =>
  view.session.json('osd dump', {}, osdDump, { signal: view.signal });

const node = z.object({
  id: z.number(),
  name: z.string(),
  type: z.string(),
  device_class: z.string().optional(),
  crush_weight: z.number().optional(),
  children: z.array(z.number()).optional(),
});
const osdTree = z.object({ nodes: z.array(node) });

const crushTree = (view: View) =>
  view.session.json('osd tree', {}, osdTree, { signal: view.signal });

/**
 * The state of an OSD: what the OSDMap says of the daemon and of its data. What it cannot say
 * (an OSD that is starting, hangs or just died) is up or down in it.
 */
export function osdState({ up, in: isIn, state, up_from }: OsdEntry): string {
  if (state.includes('destroyed')) return 'destroyed+out';
  const side = isIn ? 'in' : 'out';
  if (up) return `up+${side}`;
  // `ceph osd new` gave it an id, and no daemon has come yet.
  const isNew = state.includes('new') && up_from === 0;
  return `${isNew ? 'preparing' : 'down'}+${side}`;
}

/** A CRUSH weight is a size in TiB, by convention. */
const TIB = 2 ** 40;

export async function osdObservations(view: View): Promise<readonly Observation[]> {
  const [{ osds }, { nodes }] = await Promise.all([view.of(osdMap), view.of(crushTree)]);
  const places = placesOf(nodes);
  return osds.map((entry) => {
    const { place = {}, device_class, crush_weight = 0 } = places.get(entry.osd) ?? {};
    return {
      kind: 'osd',
      entity: `osd.${entry.osd}`,
      state: osdState(entry),
      reason: entry.state.join(','),
      attributes: {
        ...place,
        ...(device_class === undefined ? {} : { device_class }),
        crush_weight,
        size_bytes: Math.round(crush_weight * TIB),
        reweight: entry.weight,
        primary_affinity: entry.primary_affinity,
        up_from: entry.up_from,
        down_at: entry.down_at,
      },
    };
  });
}

interface Place {
  readonly device_class?: string;
  readonly crush_weight?: number;
  /** The buckets above it, by their types: host, rack, root. */
  readonly place: Readonly<Record<string, string>>;
}

function placesOf(nodes: readonly z.infer<typeof node>[]): ReadonlyMap<number, Place> {
  const parent = new Map<number, z.infer<typeof node>>();
  for (const each of nodes) for (const child of each.children ?? []) parent.set(child, each);
  const places = new Map<number, Place>();
  for (const { id, type, device_class, crush_weight } of nodes) {
    if (type !== 'osd') continue;
    const place: Record<string, string> = {};
    const seen = new Set<number>();
    for (let up = parent.get(id); up && !seen.has(up.id); up = parent.get(up.id)) {
      seen.add(up.id);
      place[up.type] = up.name;
    }
    places.set(id, { place, device_class, crush_weight });
  }
  return places;
}
