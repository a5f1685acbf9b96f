import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';

const flavor = z.string().describe('Flavor, by name or UUID.');
const host = z.string().optional();
const going = z.object({
  host: host.describe('The host to go to; the scheduler chooses by default.'),
});

const create = z.object({
  flavor,
  image: z.string().describe('Image of its first disk, by name or UUID.'),
  networks: z
    .union([z.enum(['auto', 'none']), z.array(z.string())])
    .default('auto')
    .describe('Networks to be on, by name or UUID; `auto`: what the project has.'),
  ports: z
    .array(z.string())
    .default([])
    .describe('Ports that are there already, by name or UUID; they come before `networks`.'),
  boot_volume_bytes: z
    .number()
    .int()
    .positive()
    .optional()
    .describe(
      'Boots from a new volume of this size, bytes in whole GiB, not from a disk of the host.',
    ),
  availability_zone: z.string().optional().describe('Where it is to run.'),
  host: host.describe('The host to run on; the scheduler chooses by default.'),
  key_name: z.string().optional().describe('Key pair of the user, for SSH.'),
  security_groups: z
    .array(z.string())
    .optional()
    .describe('Of its new ports, by name or UUID; `default` of the project by default.'),
  user_data: z.string().optional().describe('What cloud-init in the guest reads, as plain text.'),
  metadata: z.record(z.string(), z.string()).optional().describe('Kept with it, for users.'),
});

const resize = z.object({ flavor: flavor.describe('The new flavor, by name or UUID.') });
const snapshot = z.object({
  snapshot_name: z.string().default('snapshot').describe('Name of the image that is made.'),
});

/**
 * Also by the verb of the first step of an act, which begins it. The verbs of its later steps take
 * nothing.
 */
export const SERVER_PARAMS = {
  create,
  schedule: create,
  rescue: z.object({
    rescue_image: z
      .string()
      .optional()
      .describe('Image to boot from, by name or UUID; nova chooses by default.'),
  }),
  rebuild: z.object({ image: z.string().describe('Image of the new disk, by name or UUID.') }),
  evacuate: going,
  migrate: going,
  live_migrate: going,
  resize,
  prepare_resize: z.object({
    flavor: resize.shape.flavor.optional().describe('As of `resize`; `migrate` without one.'),
    ...going.shape,
  }),
  request_reboot: z.object({
    reboot_type: z
      .enum(['SOFT', 'HARD'])
      .default('SOFT')
      .describe('`SOFT` asks the guest; `HARD` cuts its power.'),
  }),
  snapshot,
  request_snapshot: snapshot,
  reset_state: z.object({
    state: z.enum(['active', 'error']).default('active').describe('State that is set.'),
  }),
  lock: z.object({ lock_reason: z.string().optional().describe('Why it is locked.') }),
} as const satisfies KindParams;
