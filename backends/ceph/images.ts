import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { cephFault } from './faults.ts';
import { osdMap } from './osd-map.ts';
import { poolObservations } from './pools.ts';
import { parsed } from './session.ts';
import type { View } from './view.ts';

/** Where an image is: `POOL/[NAMESPACE/]IMAGE`. */
export interface ImageSpec {
  readonly pool: string;
  readonly namespace: string;
  readonly image: string;
}

/** An image spec as `rbd` writes it, always with its pool: names alone are not unique. */
export function imageSpec(name: string): ImageSpec {
  const parts = name.split('/');
  const isWhole = parts.every((part) => part !== '' && !part.includes('@'));
  if (isWhole && parts.length === 2) {
    return { pool: parts[0], namespace: '', image: parts[1] };
  }
  if (isWhole && parts.length === 3) {
    return { pool: parts[0], namespace: parts[1], image: parts[2] };
  }
  throw cephFault('CEPH_BAD_PARAMS', `'${name}' is not of the form POOL/[NAMESPACE/]IMAGE`);
}

const listing = z.object({ images: z.array(z.string()), trash: z.array(z.string()) });
const info = z.object({
  size: z.number(),
  object_size: z.number(),
  parent: z.string(),
  snapshots: z.array(z.object({ name: z.string(), size: z.number(), protected: z.boolean() })),
});

/** An inactive or full pool makes requests to its images hang. */
function isBlocked(poolState: string): boolean {
  return poolState.startsWith('inactive') || poolState.endsWith('+full');
}

async function poolStates(view: View): Promise<ReadonlyMap<string, string>> {
  return new Map((await view.of(poolObservations)).map(({ entity, state }) => [entity, state]));
}

/** Pools that hold images, by what their users said of them. */
async function imagePools(view: View): Promise<readonly string[]> {
  const { pools } = await view.of(osdMap);
  return pools
    .filter(({ application_metadata }) => Object.hasOwn(application_metadata, 'rbd'))
    .map(({ pool_name }) => pool_name);
}

/**
 * The images of every pool, by name and state. A pool whose placement groups are inactive would
 * not answer: what was `known` of it is blocked.
 */
export async function imageObservations(
  view: View,
  known: readonly Observation[],
): Promise<readonly Observation[]> {
  const [pools, states] = await Promise.all([view.of(imagePools), view.of(poolStates)]);
  const found = await Promise.all(
    pools.map((pool) => {
      const state = states.get(pool) ?? '';
      if (state.startsWith('inactive')) return known.filter(isIn(pool)).map(blocked);
      return imagesOf(view, pool, isBlocked(state) ? 'blocked' : 'available');
    }),
  );
  return found.flat();
}

const isIn = (pool: string) => (seen: Observation) => seen.entity.startsWith(`${pool}/`);
const blocked = (seen: Observation): Observation => ({ ...seen, state: 'blocked' });

async function imagesOf(view: View, pool: string, state: string): Promise<Observation[]> {
  const { session, signal } = view;
  const { images, trash } = parsed(
    'rbd ls',
    await session.rbd('list', { pool }, { signal }),
    listing,
  );
  const kind = 'rbd-image';
  return [
    ...images.map((image) => ({ kind, entity: `${pool}/${image}`, state })),
    // One that was removed and made again is what it is now.
    ...trash
      .filter((image) => !images.includes(image))
      .map((image) => ({ kind, entity: `${pool}/${image}`, state: 'trash' })),
  ];
}

/** One image with all that is known of it. */
export async function imageObservation(
  view: View,
  name: string,
  known: Observation | undefined,
): Promise<Observation> {
  const { pool, namespace, image } = imageSpec(name);
  const entity = { kind: 'rbd-image', entity: name };
  const state = (await view.of(poolStates)).get(pool);
  if (state === undefined) return { ...entity, state: 'absent' };
  if (state.startsWith('inactive')) return blocked(known ?? { ...entity, state: 'absent' });
  const within = namespace === '' ? image : `${namespace}/${image}`;
  const { session, signal } = view;
  const { images, trash } = parsed(
    'rbd ls',
    await session.rbd('list', { pool }, { signal }),
    listing,
  );
  if (images.includes(within)) return detailed(view, name, isBlocked(state));
  return { ...entity, state: trash.includes(within) ? 'trash' : 'absent' };
}

/** With its size, its parent and its snapshots. */
export async function detailed(
  view: View,
  name: string,
  isBlockedNow: boolean,
): Promise<Observation> {
  const { session, signal } = view;
  const text = await session.rbd('info', { ...imageSpec(name) }, { signal });
  const { size, object_size, parent, snapshots } = parsed('rbd info', text, info);
  return {
    kind: 'rbd-image',
    entity: name,
    state: isBlockedNow ? 'blocked' : 'available',
    attributes: {
      pool: imageSpec(name).pool,
      size_bytes: size,
      object_bytes: object_size,
      parent,
      snapshots: snapshots.map((snap) => snap.name).join(','),
      protected_snapshots: snapshots
        .filter((snap) => snap.protected)
        .map((snap) => snap.name)
        .join(','),
    },
  };
}
