/** What verbs take. */
import { z } from 'zod';
import { type Given, paramsReader, type VerbParams } from '../verb-params.ts';
import { jujuFault } from './faults.ts';

/** Application names (juju/names): parts of letters and digits, none of digits alone. */
export const APPLICATION_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

const config = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .default({})
  .describe('Settings by name.');
const units = z.int().min(0).max(10_000);
const constraints = z.string().max(1_000);
const flag = z.boolean().default(false);
const word = z.string().min(1).max(200);
const path = z.string().min(1).max(4_096);
const base = z.string().regex(/^[a-z]+@[0-9.]+(\/[a-z]+)?$/);
const channel = z.string().max(200);
const revision = z
  .int()
  .min(0)
  .optional()
  .describe('Revision on Charmhub; else the newest of the channel.');
/** Machines, containers on them, or what the cloud understands. */
const to = z.array(word).default([]);

const deploy = z.object({
  charm: path.describe('Name of a charm of Charmhub, or path of a packed one (`./mysql.charm`).'),
  channel: channel
    .optional()
    .describe('Channel of Charmhub, such as `8/stable`; else the usual one of the charm.'),
  revision,
  base: base
    .optional()
    .describe('Base, such as `ubuntu@22.04`; else what the charm or the model wants.'),
  force: flag.describe('Leaves checks out, such as whether the charm is for the base.'),
  units: units.default(1).describe('How many units.'),
  config,
  constraints: constraints
    .optional()
    .describe('Constraints of its machines, such as `cores=2 mem=4G`.'),
  to: to.describe('Where the units go, one after the other: `0`, `lxd:0` or `zone=a`.'),
  trust: flag.describe('Lets it use the credential of the cloud.'),
  resources: z
    .record(z.string(), z.int().min(0))
    .default({})
    .describe('Revisions of resources of Charmhub by name; else those that go with the charm.'),
  bindings: z
    .record(z.string(), z.string())
    .default({})
    .describe('Spaces by endpoint; that of the empty name is for all others.'),
});

const scale = z.object({
  units: units.describe('Wanted number of units.'),
  to: to.describe('Where new units go, one after the other: `0`, `lxd:0` or `zone=a`.'),
  charm: path
    .optional()
    .describe('Charm to deploy where there is no such application; what follows is for that.'),
  ...deploy.omit({ units: true, to: true, charm: true }).shape,
});

const upgrade = z.object({
  charm: path
    .optional()
    .describe('The charm, as in `deploy`; else the same of Charmhub. A packed one must be named.'),
  channel: channel
    .optional()
    .describe('Channel of Charmhub, such as `8/stable`; else the one that it came from.'),
  revision,
  base: base
    .optional()
    .describe('Base of a packed charm, such as `ubuntu@22.04`; else what it says itself.'),
  force: flag.describe('Upgrades units in error as well, and leaves checks out.'),
});

const configure = z.object({
  config,
  reset: z
    .array(z.string().min(1))
    .default([])
    .describe('Names of settings that get their default back.'),
});

const destroy_storage = flag.describe('Destroys storage as well; else it is detached.');
const removeUnit = z.object({
  force: flag.describe('Removes it though its hooks fail.'),
  destroy_storage,
});
const removeRelation = z.object({ force: flag.describe('Removes it though hooks fail.') });
const suspend = z.object({
  message: z.string().max(1_000).default('').describe('Why, as `juju status` is to show it.'),
});
const releaseMachine = z.object({
  force: flag.describe('Removes it with what is on it.'),
  keep: flag.describe('Leaves the instance running.'),
});
const unitAction = z.object({
  action: word.describe('Name of the action.'),
  params: z.record(z.string(), z.unknown()).default({}).describe('Parameters of the action.'),
});

/** By kind and verb. */
export const JUJU_PARAMS = {
  model: {
    create: z.object({
      cloud: word.optional().describe('Cloud; else the one of the controller.'),
      region: word.optional().describe('Region of the cloud; else the one of the controller.'),
      credential: z
        .string()
        .min(1)
        .max(400)
        .optional()
        .describe('`CLOUD/OWNER/NAME`, as in `juju credentials`; else the one of the controller.'),
      config,
    }),
    destroy: z.object({
      destroy_storage: z
        .boolean()
        .optional()
        .describe('Destroys storage, or releases it; has to be said where there is any.'),
      force: flag.describe('Removes it though something in it fails.'),
    }),
    configure,
    set_constraints: z.object({
      constraints: constraints.describe(
        'Constraints of machines, where an application has none, such as `cores=2 mem=4G`.',
      ),
    }),
    deploy_bundle: z.object({
      bundle: path.describe('Path of the YAML of the bundle; paths in it are relative to it.'),
      overlays: z
        .array(path)
        .max(100)
        .default([])
        .describe('Paths of files that are laid over it, one after the other.'),
    }),
  },
  application: {
    deploy,
    scale,
    upgrade,
    configure,
    set_constraints: z.object({
      constraints: constraints.describe(
        'Constraints of machines for units from now on, such as `cores=2 mem=4G`.',
      ),
    }),
    remove: z.object({
      force: flag.describe('Removes it though hooks of its units fail.'),
      destroy_storage,
    }),
  },
  unit: {
    stop: removeUnit,
    remove: removeUnit,
    force_remove: z.object({ destroy_storage }),
    run_action: unitAction,
  },
  relation: {
    break: removeRelation,
    remove: removeRelation,
    suspend,
    resume: suspend,
  },
  'juju-machine': {
    provision: z.object({
      base: base
        .optional()
        .describe('Base, such as `ubuntu@22.04`; else the one that the model wants.'),
      constraints: constraints.optional().describe('Constraints, such as `cores=2 mem=4G`.'),
      to: word
        .optional()
        .describe('Where it is made: a container `lxd:0`, or `zone=a`; else anywhere.'),
    }),
    release: releaseMachine,
    remove: releaseMachine,
  },
  action: {
    run: z.object({
      unit: z
        .string()
        .regex(/^[a-z][a-z0-9-]*\/\d+$/)
        .describe('The unit that runs it, such as `mysql/0`.'),
      ...unitAction.shape,
    }),
  },
  upgrade: {
    download: upgrade.extend({
      application: z
        .string()
        .regex(APPLICATION_NAME)
        .optional()
        .describe('Name of the application; by default `mysql` for an upgrade called `mysql-2`.'),
    }),
  },
} as const satisfies VerbParams;

export type Params<K, V> = Given<typeof JUJU_PARAMS, K, V>;

/** What the verb of an action is given. Throws `JUJU_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader(JUJU_PARAMS, (what) => jujuFault('JUJU_BAD_PARAMS', what));

/** Settings as the API takes them: every value as text. */
export function textSettings(
  settings: Readonly<Record<string, string | number | boolean>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}
