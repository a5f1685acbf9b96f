import { z } from 'zod';
import type { KindParams } from '../verb-params.ts';

const create = z.object({
  size_bytes: z.number().int().positive().describe('Size, bytes; rounded up to whole GiB.'),
  image: z.string().optional().describe('Image that it is filled from, by name or UUID.'),
  from_snapshot: z
    .string()
    .optional()
    .describe('Snapshot that it is filled from, by name or UUID.'),
  volume_type: z.string().optional().describe('Type; cinder chooses by default.'),
  availability_zone: z
    .string()
    .optional()
    .describe('Where it is to be; cinder chooses by default.'),
});
const ofSnapshot = z.object({
  snapshot: z.string().default('snapshot').describe('Name of the snapshot, or its UUID.'),
});
const ofBackup = z.object({
  backup: z.string().default('backup').describe('Name of the backup, or its UUID.'),
});

export const VOLUME_PARAMS = {
  create,
  download: create,
  attach: z.object({ server: z.string().describe('Server to attach it to, by name or UUID.') }),
  extend: z.object({
    size_bytes: create.shape.size_bytes.describe('The new size, bytes; rounded up to whole GiB.'),
  }),
  upload: z.object({
    image_name: z
      .string()
      .optional()
      .describe('Name of the image that is made; by default that of the volume.'),
    disk_format: z.string().default('raw').describe('Format of that image, such as `qcow2`.'),
  }),
  retype: z.object({ volume_type: z.string().describe('The new type.') }),
  create_snapshot: z.object({
    snapshot: ofSnapshot.shape.snapshot.describe('Name of the snapshot that is made.'),
  }),
  revert: ofSnapshot,
  delete_snapshot: ofSnapshot,
  reset_status: z.object({
    status: z.string().default('available').describe('Status that is set.'),
  }),
  backup: z.object({
    backup: ofBackup.shape.backup.describe('Name of the backup that is made.'),
    incremental: z
      .boolean()
      .default(false)
      .describe('Whether only what changed since the last backup is kept.'),
  }),
  restore_backup: ofBackup,
  delete_backup: ofBackup,
} as const satisfies KindParams;
