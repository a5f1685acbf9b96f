import type { ZodType } from 'zod';
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { imageSpec } from './images.ts';
import type { Args } from './session.ts';
import { isGone, nothing, settle, type Verb, type VerbContext, type Verbs } from './verbs.ts';

interface ImageVerb<P> {
  readonly params: ZodType<P>;
  /** The bridge's operation, for the state in which the image is. */
  readonly op: (before: Observation) => string;
  readonly args: (params: P) => Args;
  readonly settled: (seen: Observation, params: P) => boolean;
  /** It does something even when what it leads to is seen already. */
  readonly isRepeatable?: true;
  /** The state of the machine while it is under way. */
  readonly during?: string;
}

const size_bytes = z.int().positive();
const ofSnapshot = z.object({ snapshot: z.string().min(1).describe('Name of the snapshot.') });

export const IMAGE_PARAMS = {
  create: z.object({
    size_bytes: size_bytes.describe('Size, bytes.'),
    data_pool: z
      .string()
      .optional()
      .describe('Pool of its data; by default the one that it is in.'),
  }),
  resize: z.object({
    size_bytes: size_bytes.describe('The new size, bytes.'),
    allow_shrink: z
      .boolean()
      .default(false)
      .describe('Whether it may get smaller, and lose what is at its end.'),
  }),
  trash: z.object({
    delay_s: z
      .int()
      .nonnegative()
      .default(0)
      .describe('How long it cannot be removed from there, seconds.'),
  }),
  snap_create: ofSnapshot,
  snap_remove: ofSnapshot,
  snap_rollback: ofSnapshot,
  snap_protect: ofSnapshot,
  snap_unprotect: ofSnapshot,
  clone: z.object({
    parent: z.string().describe('The image that it is made of, as `POOL/[NAMESPACE/]IMAGE`.'),
    snapshot: z.string().describe('Snapshot of that image.'),
  }),
} as const satisfies KindParams;

function imageVerb<P>(spec: ImageVerb<P>): Verb {
  return async (context) => {
    const { session, name, attempt } = context;
    const params = context.read(spec.params);
    const before = await context.look(attempt.signal);
    if (!spec.isRepeatable && spec.settled(before, params)) return before;
    if (spec.during && !isGone(before)) context.tell(spec.during);
    try {
      const args = { ...imageSpec(name), ...spec.args(params) };
      await session.rbd(spec.op(before), args, { act: attempt });
    } catch (thrown) {
      if (spec.during) context.tell(before.state);
      throw thrown;
    }
    return settle(context, (seen) => spec.settled(seen, params));
  };
}

const names = (seen: Observation, attribute: string) =>
  String(seen.attributes?.[attribute] ?? '').split(',');
const hasSnapshot = (seen: Observation, name: string) => names(seen, 'snapshots').includes(name);
const isProtected = (seen: Observation, name: string) =>
  names(seen, 'protected_snapshots').includes(name);
const isAvailable = (seen: Observation) => seen.state === 'available';
const hasSize = (seen: Observation, { size_bytes }: { readonly size_bytes: number }) =>
  isAvailable(seen) && seen.attributes?.['size_bytes'] === size_bytes;

function snapshotVerb(
  op: string,
  settled: (seen: Observation, name: string) => boolean,
  isRepeatable?: true,
): Verb {
  return imageVerb({
    params: ofSnapshot,
    isRepeatable,
    op: () => op,
    args: (p) => ({ snap: p.snapshot }),
    settled: (seen, p) => isAvailable(seen) && settled(seen, p.snapshot),
  });
}

export const IMAGE_VERBS: Verbs = {
  create: imageVerb({
    params: IMAGE_PARAMS.create,
    op: () => 'create',
    args: (p) => ({
      size: p.size_bytes,
      ...(p.data_pool === undefined ? {} : { data_pool: p.data_pool }),
    }),
    settled: hasSize,
  }),
  resize: imageVerb({
    params: IMAGE_PARAMS.resize,
    op: () => 'resize',
    args: (p) => ({ size: p.size_bytes, allow_shrink: p.allow_shrink }),
    settled: hasSize,
    during: 'resizing',
  }),
  flatten: imageVerb({
    params: nothing,
    op: () => 'flatten',
    args: () => ({}),
    settled: (seen) => isAvailable(seen) && seen.attributes?.['parent'] === '',
    during: 'flattening',
  }),
  trash: imageVerb({
    params: IMAGE_PARAMS.trash,
    op: () => 'trash',
    args: (p) => ({ delay: p.delay_s }),
    settled: ({ state }) => state === 'trash',
  }),
  restore: imageVerb({
    params: nothing,
    op: () => 'trash_restore',
    args: () => ({}),
    settled: isAvailable,
  }),
  remove: imageVerb({
    params: nothing,
    op: ({ state }) => (state === 'trash' ? 'trash_remove' : 'remove'),
    args: () => ({ force: false }),
    settled: isGone,
    during: 'removing',
  }),
  snap_create: snapshotVerb('snap_create', hasSnapshot),
  snap_remove: snapshotVerb('snap_remove', (seen, name) => !hasSnapshot(seen, name)),
  snap_rollback: snapshotVerb('snap_rollback', hasSnapshot, true),
  snap_protect: snapshotVerb('snap_protect', isProtected),
  snap_unprotect: snapshotVerb('snap_unprotect', (seen, name) => !isProtected(seen, name)),
  clone,
};

/** Makes this image as a clone of another one's snapshot. */
async function clone(context: VerbContext): Promise<Observation> {
  const { session, name, attempt } = context;
  const { parent, snapshot } = context.read(IMAGE_PARAMS.clone);
  const to = imageSpec(name);
  const args = {
    ...imageSpec(parent),
    ...{ snap: snapshot, to_pool: to.pool, to_namespace: to.namespace, to_image: to.image },
  };
  await session.rbd('clone', args, { act: attempt });
  return settle(context, isAvailable);
}
