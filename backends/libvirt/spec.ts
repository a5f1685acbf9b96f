import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { DOMAIN_PARAMS } from './domain-params.ts';
import { LibvirtDriver } from './driver.ts';
import { MIGRATION_PARAMS } from './kinds/migrations.ts';
import { NETWORK_PARAMS } from './kinds/networks.ts';
import { POOL_PARAMS } from './kinds/storage-pools.ts';
import { VOLUME_PARAMS } from './kinds/storage-volumes.ts';

const options = z.strictObject({
  uri: z
    .string()
    .optional()
    .describe('Connection URI; else LIBVIRT_DEFAULT_URI, else qemu:///system.'),
  ssh_config: z
    .string()
    .optional()
    .describe('SSH configuration file for qemu+ssh://HOST/system; else ~/.ssh/config.'),
});

const DEFAULT_URI = 'qemu:///system';

/** libvirt, found as its own tools find it: by URI, else LIBVIRT_DEFAULT_URI. */
export const libvirtSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'libvirt',
  layer: 'hypervisor',
  describes: 'libvirt: QEMU/KVM domains, by its RPC protocol',
  options,
  params: {
    domain: DOMAIN_PARAMS,
    'storage-pool': POOL_PARAMS,
    'storage-volume': VOLUME_PARAMS,
    migration: MIGRATION_PARAMS,
    'virtual-network': NETWORK_PARAMS,
  },
  open: async ({ uri, ssh_config }, env) =>
    new LibvirtDriver({
      uri: uri ?? env['LIBVIRT_DEFAULT_URI'] ?? DEFAULT_URI,
      ssh: { config: ssh_config, env },
    }),
};
