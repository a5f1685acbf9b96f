/** The verbs on a machine, as targets of Ironic's provision and power states. */
import { z } from 'zod';
import { type ActOrder, each } from '../act-order.ts';
import { mistake } from '../mistake.ts';
import { Secret } from '../secret.ts';
import { ironicFault } from './faults.ts';

/** One request of a provision state, and where it ends well. */
export interface Step {
  readonly target: string;
  readonly until: readonly string[];
}

const MANAGE: Step = { target: 'manage', until: ['manageable'] };
const PROVIDE: Step = { target: 'provide', until: ['available'] };
const DELETE: Step = { target: 'deleted', until: ['available'] };
const INSPECT: Step = { target: 'inspect', until: ['manageable'] };

export interface ProvisionVerb {
  /** Carried out one after the other; those that the node has behind it are left out. */
  readonly steps: readonly Step[];
  /** Provision states after which nothing is left to do. */
  readonly already?: readonly string[];
  /** Set on the node first. */
  readonly patch?: Readonly<Record<string, unknown>>;
}

/** By the names that the machine requests them by, and Ironic's own for the others. */
export const PROVISION_VERBS: Readonly<Record<string, ProvisionVerb>> = {
  /** From enrolled to available: verified, cleaned. */
  commission: { steps: [MANAGE, PROVIDE] },
  deploy: { steps: [{ target: 'active', until: ['active'] }] },
  release: { steps: [DELETE], already: ['available'] },
  /** A release whose cleaning wipes the disks, whatever is Ironic's default. */
  erase: { steps: [DELETE], already: ['available'], patch: { automated_clean: true } },
  enter_rescue_mode: { steps: [{ target: 'rescue', until: ['rescue'] }], already: ['rescue'] },
  exit_rescue_mode: { steps: [{ target: 'unrescue', until: ['active'] }] },
  abort: { steps: [{ target: 'abort', until: [] }] },
  manage: { steps: [MANAGE], already: ['manageable'] },
  provide: { steps: [PROVIDE], already: ['available'] },
  inspect_hardware: { steps: [INSPECT] },
  clean: { steps: [{ target: 'clean', until: ['manageable'] }] },
  adopt: { steps: [{ target: 'adopt', until: ['active'] }], already: ['active'] },
  rebuild: { steps: [{ target: 'rebuild', until: ['active'] }] },
};

export interface PowerVerb {
  readonly target: string;
  readonly until: 'power on' | 'power off';
  /** A reboot is one even when the power is on already. */
  readonly always?: true;
}

export const POWER_VERBS: Readonly<Record<string, PowerVerb>> = {
  power_on: { target: 'power on', until: 'power on' },
  power_off: { target: 'power off', until: 'power off' },
  soft_off: { target: 'soft power off', until: 'power off' },
  reboot: { target: 'rebooting', until: 'power on', always: true },
};

export const MACHINE_VERBS: readonly string[] = [
  ...['create', 'delete', 'inspect', 'update', 'set_boot_device', 'set_maintenance'],
  ...Object.keys(PROVISION_VERBS),
  ...Object.keys(POWER_VERBS),
];

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const values = z.record(z.string(), scalar);
const text = z.string().optional();

/** By verb; verbs that are not here take nothing. Names are those of the API. */
const PARAMS = {
  create: z.object({
    driver: z.string().min(1),
    /** Such as `ipmi_address`; never a password. */
    driver_info: values.default({}),
    /** Keys of `driver_info` with the environment variables that hold their values. */
    driver_secrets_env: z.record(z.string(), z.string()).default({}),
    properties: values.optional(),
    resource_class: text,
    conductor_group: text,
    network_interface: text,
  }),
  update: z.object({
    instance_info: values.optional(),
    properties: values.optional(),
    resource_class: text,
    automated_clean: z.boolean().optional(),
  }),
  deploy: z.object({ instance_info: values.optional(), configdrive: text }),
  clean: z.object({
    clean_steps: z.array(z.record(z.string(), z.unknown())).default([]),
  }),
  enter_rescue_mode: z.object({
    /** The environment variable with the password of the rescue system. */
    rescue_password_env: z.string().default('IRONIC_RESCUE_PASSWORD'),
  }),
  set_boot_device: z.object({
    device: z.enum(['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot']),
    persistent: z.boolean().default(false),
  }),
  set_maintenance: z.object({ maintenance: z.boolean(), maintenance_reason: text }),
} as const;

export function paramsOf<Verb extends keyof typeof PARAMS>(
  verb: Verb,
  given: Readonly<Record<string, unknown>>,
): z.infer<(typeof PARAMS)[Verb]> {
  const read = PARAMS[verb].safeParse(given);
  if (read.success) return read.data as z.infer<(typeof PARAMS)[Verb]>;
  throw ironicFault('IRONIC_BAD_PARAMS', mistake(read.error.issues[0], verb));
}

/** A secret from the environment. */
export function secretOf(variable: string, env: NodeJS.ProcessEnv): Secret {
  const value = env[variable];
  if (value) return new Secret(value);
  throw ironicFault('IRONIC_BAD_PARAMS', `the environment variable ${variable} is not set`);
}

/** Ironic lets a node be called off, given back and switched while it waits for its agent. */
const LONG = Object.keys(PROVISION_VERBS).filter((verb) => verb !== 'abort');

export const MACHINE_ORDER: ActOrder = {
  interrupts: {
    abort: LONG,
    ...each(['release', 'erase'], ['deploy', 'rebuild']),
    ...each(['power_on', 'power_off', 'reboot'], [...LONG, 'soft_off']),
    ...each(['inspect', 'set_maintenance'], 'all'),
  },
};
