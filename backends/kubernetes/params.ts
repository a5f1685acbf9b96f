/** What verbs take. */
import { z } from 'zod';
import { type Given, paramsReader, type VerbParams } from '../verb-params.ts';
import { kubernetesFault } from './faults.ts';

const manifest = z.record(z.string(), z.unknown());
const force = z
  .boolean()
  .default(false)
  .describe('Takes over the fields of the manifest that somebody else set.');
const grace_s = z.int().min(0).optional().describe("Grace period, seconds; else the object's own.");
const key = z.string().min(1).describe('Key of the taint.');

const apply = z.object({
  manifest: manifest.describe(
    'What the object is to be; its name and kind follow from the entity.',
  ),
  force,
});
/** For verbs that may begin with an `apply`. */
const applied = z.object({
  manifest: manifest
    .optional()
    .describe('A manifest that is applied first; else the object stays as it is.'),
  force,
});
const remove = z.object({ grace_s });
const scale = applied.extend({
  replicas: z
    .int()
    .min(0)
    .optional()
    .describe('Wanted number of pods; else as many as the object says.'),
});
const roll_out = applied.extend({
  images: z
    .record(z.string(), z.string().min(1))
    .optional()
    .describe(
      'Images by container; without them or a manifest, the rollout under way is waited for.',
    ),
});
const undo = z.object({
  to_revision: z.int().min(1).optional().describe('Revision to go back to; else the one before.'),
});

/** By kind and verb. */
export const KUBERNETES_PARAMS = {
  node: {
    apply,
    drain: z.object({
      force: z.boolean().default(false).describe('Takes pods away that no controller makes anew.'),
      delete_emptydir_data: z
        .boolean()
        .default(false)
        .describe('Takes pods away that keep data on the node, in an emptyDir.'),
      grace_s: grace_s.describe('Grace period, seconds; else the own one of each pod.'),
    }),
    taint: z.object({
      key,
      value: z.string().optional().describe('Value of the taint; none by default.'),
      effect: z
        .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
        .describe('What becomes of pods that do not tolerate it.'),
    }),
    untaint: z.object({
      key,
      effect: z.string().optional().describe('Only the taint of this effect; else every one.'),
    }),
    delete: remove,
    register: applied,
    monitor: applied,
    tolerate: applied,
  },
  pod: {
    apply,
    evict: remove,
    delete: remove,
    schedule: applied,
    start: applied,
    restart: applied,
    back_off: applied,
    image_back_off: applied,
    terminate: applied,
  },
  deployment: { apply, scale, roll_out, undo, delete: remove },
  'replica-set': { apply, scale, delete: remove },
  'stateful-set': { apply, scale, reconcile: scale, roll_out, undo, delete: remove },
  'daemon-set': { apply, roll_out, undo, delete: remove, reconcile: applied },
  job: { apply, delete: remove, run: applied },
  service: { apply, delete: remove },
  pvc: {
    apply,
    expand: z.object({ size_bytes: z.int().positive().describe('The new size, bytes.') }),
    delete: remove,
    provision: applied,
  },
  hpa: { apply, delete: remove, scale_up: applied, scale_down: applied },
  pdb: { apply, delete: remove },
} as const satisfies VerbParams;

export type Params<K, V> = Given<typeof KUBERNETES_PARAMS, K, V>;

/** What verbs are given that may begin with an `apply`. */
export type Applied = z.infer<typeof applied>;

/** What the verb of an action is given. Throws `KUBERNETES_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader(KUBERNETES_PARAMS, (what) =>
  kubernetesFault('KUBERNETES_BAD_PARAMS', what),
);
