/** What an action may say beside the machine's name, and the form that MAAS gets for it. */
import { z } from 'zod';
import { Secret } from '../secret.ts';
import type { Form } from './client.ts';
import { maasFault } from './faults.ts';

const names = z.array(z.string().min(1)).min(1);
const flag = z.boolean().optional();
const text = z.string().optional();

/** By verb; verbs that are not here take nothing. Names are those of the API. */
const PARAMS = {
  create: z.strictObject({
    architecture: z.string().default('amd64/generic'),
    mac_addresses: names,
    power_type: z.string().default('manual'),
    /** What the power driver wants, such as `power_address` and `power_user`. */
    power: z.record(z.string(), z.string()).default({}),
    /** The environment variable that holds the BMC's password; never the password. */
    power_pass_env: text,
    /** Commission at once; MAAS' own default is yes. */
    commission: z.boolean().default(false),
    domain: text,
    description: text,
  }),
  commission: z.strictObject({
    enable_ssh: flag,
    skip_bmc_config: flag,
    skip_networking: flag,
    skip_storage: flag,
    commissioning_scripts: names.optional(),
    testing_scripts: names.optional(),
  }),
  test: z.strictObject({ enable_ssh: flag, testing_scripts: names.optional() }),
  allocate: z.strictObject({ agent_name: text, comment: text }),
  deploy: z.strictObject({
    /** MAAS finds the operating system that has the series. */
    distro_series: text,
    hwe_kernel: text,
    /** Cloud-init's user data, as text. */
    user_data: text,
    ephemeral_deploy: flag,
    agent_name: text,
    comment: text,
  }),
  release: z.strictObject({ comment: text, force: flag }),
  erase: z.strictObject({ comment: text, secure_erase: flag, quick_erase: flag, force: flag }),
  power_on: z.strictObject({ comment: text }),
  power_off: z.strictObject({ stop_mode: z.enum(['hard', 'soft']).optional(), comment: text }),
  mark_broken: z.strictObject({ comment: text }),
  mark_fixed: z.strictObject({ comment: text }),
  abort: z.strictObject({ comment: text }),
  lock: z.strictObject({ comment: text }),
  unlock: z.strictObject({ comment: text }),
  override_failed_testing: z.strictObject({ comment: text }),
  tag: z.strictObject({ tag: z.string().min(1) }),
  untag: z.strictObject({ tag: z.string().min(1) }),
  update: z.strictObject({ zone: text, pool: text, description: text }),
  link_subnet: z.strictObject({
    interface: z.number().int(),
    subnet: z.number().int(),
    mode: z.enum(['AUTO', 'DHCP', 'STATIC', 'LINK_UP']).default('AUTO'),
  }),
  set_owner_data: z.strictObject({ data: z.record(z.string(), z.string()) }),
} as const;

export type ParamsOf<Verb extends keyof typeof PARAMS> = z.infer<(typeof PARAMS)[Verb]>;

/**
 * Checks an action's parameters. A scenario may give all actions of a machine the same ones, so
 * what another verb knows is no mistake, and is left out.
 */
export function paramsOf<Verb extends keyof typeof PARAMS>(
  verb: Verb,
  given: Readonly<Record<string, unknown>>,
): ParamsOf<Verb> {
  const schema = PARAMS[verb];
  const own = Object.entries(given).filter(([name]) => name in schema.shape || !KNOWN.has(name));
  const read = schema.safeParse(Object.fromEntries(own));
  if (read.success) return read.data as ParamsOf<Verb>;
  const [{ path, message }] = read.error.issues;
  throw maasFault('MAAS_BAD_PARAMS', `${[verb, ...path].join('.')}: ${message}`);
}

const KNOWN = new Set(Object.values(PARAMS).flatMap((schema) => Object.keys(schema.shape)));

/** The form of a verb whose parameters MAAS takes as they are. */
export function formOf(verb: string, given: Readonly<Record<string, unknown>>): Form {
  if (!Object.hasOwn(PARAMS, verb)) return {};
  const params = paramsOf(verb as keyof typeof PARAMS, given) as Record<string, unknown>;
  const fields = Object.entries(params).flatMap(([name, value]): [string, Form[string]][] => {
    if (value === undefined) return [];
    if (name === 'user_data') return [[name, Buffer.from(String(value)).toString('base64')]];
    // Scripts are one field with commas between them.
    if (Array.isArray(value)) return [[name, value.join(',')]];
    return [[name, value as string | number | boolean]];
  });
  return Object.fromEntries(fields);
}

/** The form that creates a machine; the password comes from the environment. */
export function creationForm(
  hostname: string,
  params: ParamsOf<'create'>,
  env: NodeJS.ProcessEnv,
): Form {
  const { power, power_pass_env, mac_addresses, ...plain } = params;
  const fields = Object.entries(power).map(([name, value]) => [`power_parameters_${name}`, value]);
  const own = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    hostname,
    mac_addresses,
    ...(Object.fromEntries([...own, ...fields]) as Form),
    ...(power_pass_env
      ? { power_parameters_power_pass: password(power_pass_env, env).reveal() }
      : {}),
  };
}

function password(variable: string, env: NodeJS.ProcessEnv): Secret {
  const value = env[variable];
  if (value) return new Secret(value);
  throw maasFault('MAAS_BAD_PARAMS', `create.power_pass_env: ${variable} is not set`);
}
