/** What the verbs on a machine take; those that are not here take nothing. */
import { z } from 'zod';
import { PLACE } from '../bare-metal/inventory.ts';
import { MACHINE_KIND } from '../bare-metal/machine-feed.ts';
import { paramsReader } from '../verb-params.ts';
import { ipmiFault } from './faults.ts';

/** What goes to ipmitool as the value of an option must not look like one. */
const word = z.string().regex(/^[^-\s]\S*$/, 'one word');

export const MACHINE_PARAMS = {
  enlist: z.object({
    address: word.describe('Address or name of its management controller.'),
    port: z.int().min(1).max(65_535).default(623).describe('UDP port of the controller.'),
    user: word.default('admin').describe('Who signs in.'),
    password_env: z
      .string()
      .min(1)
      .default('IPMI_PASSWORD')
      .describe('Environment variable with the password.'),
    ...PLACE,
  }),
  set_boot_device: z.object({
    device: z
      .enum(['none', 'pxe', 'disk', 'safe', 'diag', 'cdrom', 'bios'])
      .describe('What it boots from; `none` takes back what was set.'),
    persistent: z.boolean().default(false).describe('Whether it stays so after the next boot.'),
    efi: z.boolean().default(false).describe('Whether it boots by EFI.'),
  }),
} as const;

/** What a verb is given. Throws `IPMI_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader({ [MACHINE_KIND]: MACHINE_PARAMS }, (what) =>
  ipmiFault('IPMI_BAD_PARAMS', what),
);
