import type { ZodType } from 'zod';
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { imageSpec } from './images.ts';
import type { Args } from './session.ts';
import {
  type Confirmation,
  isGone,
  parseParams,
  requireConfirmation,
  settle,
  type Verb,
  type VerbContext,
  type Verbs,
} from './verbs.ts';

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
  readonly confirm?: Confirmation;
}

const nothing = z.object({});
const size = z.object({ size_bytes: z.int().positive() });
const snap = z.object({ snapshot: z.string().min(1) });

function imageVerb<P>(spec: ImageVerb<P>): Verb {
  return async (context) => {
    const { session, name, attempt } = context;
    const params = parseParams(spec.params, context.params);
    if (spec.confirm) requireConfirmation(spec.confirm, context);
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
    params: snap,
    isRepeatable,
    op: () => op,
    args: (p) => ({ snap: p.snapshot }),
    settled: (seen, p) => isAvailable(seen) && settled(seen, p.snapshot),
  });
}

export const IMAGE_VERBS: Verbs = {
  create: imageVerb({
    params: z.object({ ...size.shape, data_pool: z.string().optional() }),
    op: () => 'create',
    args: (p) => ({
      size: p.size_bytes,
      ...(p.data_pool === undefined ? {} : { data_pool: p.data_pool }),
    }),
    settled: hasSize,
  }),
  resize: imageVerb({
    params: z.object({ ...size.shape, allow_shrink: z.boolean().default(false) }),
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
    params: z.object({ delay_s: z.int().nonnegative().default(0) }),
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

const cloned = z.object({
  /** `POOL/[NAMESPACE/]IMAGE` of the parent, and one of its snapshots. */
  parent: z.string(),
  snapshot: z.string(),
});

/** Makes this image as a clone of another one's snapshot. */
async function clone(context: VerbContext): Promise<Observation> {
  const { session, name, attempt } = context;
  const { parent, snapshot } = parseParams(cloned, context.params);
  const to = imageSpec(name);
  const args = {
    ...imageSpec(parent),
    ...{ snap: snapshot, to_pool: to.pool, to_namespace: to.namespace, to_image: to.image },
  };
  await session.rbd('clone', args, { act: attempt });
  return settle(context, isAvailable);
}
