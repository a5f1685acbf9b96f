import { type ZodType, z } from 'zod';
import { jujuFault } from './faults.ts';

/** Application names (juju/names): parts of letters and digits, none of digits alone. */
export const APPLICATION_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const units = z.int().min(0).max(10_000);
const constraints = z.string().max(1_000);
const force = z.boolean().default(false);
/** `0`, `lxd:0`, `zone=a`: machines, containers on them, or what the cloud understands. */
const to = z.array(z.string().min(1).max(200)).default([]);

/** The name of a charm of Charmhub, or the path of a packed one (`./mysql.charm`). */
const charm = z.string().min(1).max(4_096);

const charmChoice = {
  channel: z.string().max(200).optional(),
  revision: z.int().min(0).optional(),
  /** `ubuntu@22.04`; else what the charm or the model wants. */
  base: z
    .string()
    .regex(/^[a-z]+@[0-9.]+(\/[a-z]+)?$/)
    .optional(),
  force,
};

const SHAPES = {
  deploy: z.object({
    charm,
    ...charmChoice,
    units: units.default(1),
    config: settings.default({}),
    constraints: constraints.optional(),
    to,
    trust: z.boolean().default(false),
    /** Revisions of resources of Charmhub by name; else those that go with the charm. */
    resources: z.record(z.string(), z.int().min(0)).default({}),
    /** Spaces by endpoint; that of the empty name is for all others. */
    bindings: z.record(z.string(), z.string()).default({}),
  }),
  /** Without a charm: the same one of Charmhub. */
  refresh: z.object({ charm: charm.optional(), ...charmChoice }),
  scale: z.object({ units, to, charm: charm.optional() }),
  remove: z.object({ force, destroy_storage: z.boolean().default(false) }),
  configure: z.object({
    config: settings.default({}),
    reset: z.array(z.string().min(1)).default([]),
  }),
  constraints: z.object({ constraints }),
  expose: z.object({}),
  unitAction: z.object({
    action: z.string().min(1).max(200),
    params: z.record(z.string(), z.unknown()).default({}),
  }),
  action: z.object({
    unit: z.string().regex(/^[a-z][a-z0-9-]*\/\d+$/),
    action: z.string().min(1).max(200),
    params: z.record(z.string(), z.unknown()).default({}),
  }),
  suspend: z.object({ message: z.string().max(1_000).default('') }),
  machine: z.object({
    base: charmChoice.base,
    constraints: constraints.optional(),
    to: z.string().min(1).max(200).optional(),
  }),
  release: z.object({ force, keep: z.boolean().default(false) }),
  model: z.object({
    cloud: z.string().min(1).max(200).optional(),
    region: z.string().min(1).max(200).optional(),
    credential: z.string().min(1).max(400).optional(),
    config: settings.default({}),
  }),
  destroy: z.object({ destroy_storage: z.boolean().optional(), force }),
  bundle: z.object({
    /** The path of the bundle's YAML; paths of charms in it are relative to it. */
    bundle: z.string().min(1).max(4_096),
    /** Files that are laid over it, one after the other. */
    overlays: z.array(z.string().min(1).max(4_096)).max(100).default([]),
  }),
  upgrade: z.object({
    charm: charm.optional(),
    ...charmChoice,
    application: z.string().regex(APPLICATION_NAME).optional(),
  }),
} as const;

type Shapes = typeof SHAPES;
export type Params<N extends keyof Shapes> = z.infer<Shapes[N]>;

/** Parameters as a verb needs them; throws `JUJU_BAD_PARAMS` that names the first mistake. */
export function parse<N extends keyof Shapes>(
  shape: N,
  params: unknown,
  entity: string,
): Params<N> {
  const found = (SHAPES[shape] as unknown as ZodType<Params<N>>).safeParse(params);
  if (found.success) return found.data;
  const [{ message, path }] = found.error.issues;
  const what = `${entity}: ${path.join('.') || 'parameters'}: ${message}`;
  throw jujuFault('JUJU_BAD_PARAMS', what);
}

/** Settings as the API takes them: every value as text. */
export function textSettings(
  config: Readonly<Record<string, string | number | boolean>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)]));
}
