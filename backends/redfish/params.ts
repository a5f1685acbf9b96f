/** What the verbs on a machine take; those that are not here take nothing. */
import { z } from 'zod';
import { PLACE } from '../bare-metal/inventory.ts';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import { paramsReader } from '../verb-params.ts';
import { redfishFault } from './faults.ts';

export const MACHINE_PARAMS = {
  enlist: z.object({
    url: z
      .url({ protocol: /^https?$/ })
      .describe('Where its service is, such as `https://bmc7.example`.'),
    system: z
      .string()
      .min(1)
      .optional()
      .describe('Id of its system; a service with one system need not be told.'),
    user: z.string().optional().describe('Who signs in; nobody by default.'),
    password_env: z
      .string()
      .min(1)
      .default('REDFISH_PASSWORD')
      .describe('Environment variable with the password.'),
    ...PLACE,
  }),
  set_boot_device: z.object({
    // By the names that IPMI and Ironic use.
    device: z
      .enum(['none', 'pxe', 'disk', 'cdrom', 'bios', 'http'])
      .describe('What it boots from; `none` takes back what was set.'),
    persistent: z.boolean().default(false).describe('Whether it stays so after the next boot.'),
    mode: z
      .enum(['UEFI', 'Legacy'])
      .optional()
      .describe('How it boots from there; as it is set by default.'),
  }),
} as const;

export type BootDevice = z.infer<typeof MACHINE_PARAMS.set_boot_device>['device'];

/** What a verb is given. Throws `REDFISH_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader({ [MACHINE_KIND]: MACHINE_PARAMS }, (what) =>
  redfishFault('REDFISH_BAD_PARAMS', what),
);
