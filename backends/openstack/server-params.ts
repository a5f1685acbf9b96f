import { z } from 'zod';

/**
 * Parameters of the verbs of a server; flavors, images and networks by name or UUID. What a verb
 * does not need it does not look at, so that one set may serve all verbs of a server.
 */
export const serverParams = z.object({
  flavor: z.string().optional(),
  image: z.string().optional(),
  /** Networks to be on; `auto`: what the project has; `none`. */
  networks: z.union([z.enum(['auto', 'none']), z.array(z.string())]).default('auto'),
  /** Ports that are there already; they come before `networks`. */
  ports: z.array(z.string()).default([]),
  /** Boots from a new volume of this size instead of a disk on the host. */
  boot_volume_bytes: z.number().int().positive().optional(),
  availability_zone: z.string().optional(),
  /** The host to go to, for those whom policy lets choose; else the scheduler does. */
  host: z.string().optional(),
  key_name: z.string().optional(),
  security_groups: z.array(z.string()).optional(),
  user_data: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  reboot_type: z.enum(['SOFT', 'HARD']).default('SOFT'),
  rescue_image: z.string().optional(),
  snapshot_name: z.string().default('snapshot'),
  /** What `reset_state` sets. */
  state: z.enum(['active', 'error']).optional(),
  lock_reason: z.string().optional(),
});
