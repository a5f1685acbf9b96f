import { type ZodType, z } from 'zod';
import { kubernetesFault } from './faults.ts';

const manifest = z.record(z.string(), z.unknown());
const force = z.boolean().default(false);

const SHAPES = {
  /** A manifest to be applied before anything else; its name and kind follow from the entity. */
  manifest: z.object({ manifest: manifest.optional(), force }),
  apply: z.object({ manifest, force }),
  scale: z.object({ replicas: z.int().min(0).optional() }),
  rollOut: z.object({ images: z.record(z.string(), z.string().min(1)).optional() }),
  undo: z.object({ to_revision: z.int().min(1).optional() }),
  delete: z.object({ grace_s: z.int().min(0).optional() }),
  taint: z.object({
    key: z.string().min(1),
    value: z.string().optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
  }),
  untaint: z.object({ key: z.string().min(1), effect: z.string().optional() }),
  drain: z.object({
    /** Takes pods away that no controller makes anew. */
    force,
    /** Takes pods away that keep data on the node. */
    delete_emptydir_data: z.boolean().default(false),
    grace_s: z.int().min(0).optional(),
  }),
  expand: z.object({ size_bytes: z.int().positive() }),
} as const;

type Shapes = typeof SHAPES;

/** Parameters as a verb needs them; throws `KUBERNETES_BAD_PARAMS` that names the first mistake. */
export function parse<N extends keyof Shapes>(
  shape: N,
  params: unknown,
  entity: string,
): z.infer<Shapes[N]> {
  const read = (SHAPES[shape] as unknown as ZodType<z.infer<Shapes[N]>>).safeParse(params);
  if (read.success) return read.data;
  const [{ message, path }] = read.error.issues;
  const what = `${entity}: ${path.join('.') || 'parameters'}: ${message}`;
  throw kubernetesFault('KUBERNETES_BAD_PARAMS', what);
}
