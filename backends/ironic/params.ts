/** What the verbs on a machine take; those that are not here take nothing. Names are those of the API. */
import { z } from 'zod';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import { Secret } from '../secret.ts';
import { paramsReader } from '../verb-params.ts';
import { ironicFault } from './faults.ts';

const values = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const text = z.string().optional();

const properties = values
  .optional()
  .describe('What is known of its hardware, such as `cpu_arch` and `local_gb`.');
const resource_class = text.describe('Class of resources that nova schedules it by.');
const instance_info = values
  .optional()
  .describe('What is deployed, such as `image_source` and `image_checksum`.');

export const MACHINE_PARAMS = {
  create: z.object({
    driver: z.string().min(1).describe('Driver of Ironic, such as `ipmi` or `redfish`.'),
    driver_info: values
      .default({})
      .describe('What the driver wants, such as `ipmi_address`; never a password.'),
    driver_secrets_env: z
      .record(z.string(), z.string())
      .default({})
      .describe('Keys of `driver_info` with the environment variables that hold their values.'),
    properties,
    resource_class,
    conductor_group: text.describe(
      'Group of conductors that manage it; those of no group by default.',
    ),
    network_interface: text.describe('How it is networked, such as `noop` or `flat`.'),
  }),
  update: z.object({
    instance_info,
    properties,
    resource_class,
    automated_clean: z
      .boolean()
      .optional()
      .describe('Whether it is cleaned before it is available again.'),
  }),
  deploy: z.object({
    instance_info,
    configdrive: text.describe('Config drive: an image in gzip and base64, or its URL.'),
  }),
  clean: z.object({
    clean_steps: z
      .array(z.record(z.string(), z.unknown()))
      .default([])
      .describe('What to do, such as `{ interface: deploy, step: erase_devices_metadata }`.'),
  }),
  enter_rescue_mode: z.object({
    rescue_password_env: z
      .string()
      .default('IRONIC_RESCUE_PASSWORD')
      .describe('Environment variable with the password of the rescue system.'),
  }),
  set_boot_device: z.object({
    device: z
      .enum(['pxe', 'disk', 'cdrom', 'bios', 'safe', 'wanboot'])
      .describe('What it boots from.'),
    persistent: z.boolean().default(false).describe('Whether it stays so after the next boot.'),
  }),
  set_maintenance: z.object({
    maintenance: z.boolean().describe('Whether Ironic leaves it alone.'),
    maintenance_reason: text.describe('Why, for humans.'),
  }),
} as const;

/** What a verb is given. Throws `IRONIC_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader({ [MACHINE_KIND]: MACHINE_PARAMS }, (what) =>
  ironicFault('IRONIC_BAD_PARAMS', what),
);

/** A secret from the environment. */
export function secretOf(variable: string, env: NodeJS.ProcessEnv): Secret {
  const value = env[variable];
  if (value) return new Secret(value);
  throw ironicFault('IRONIC_BAD_PARAMS', `the environment variable ${variable} is not set`);
}
