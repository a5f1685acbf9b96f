import type { KindDefinition } from '../kind.ts';
import { domain } from './domain.ts';
import { hypervisor } from './hypervisor.ts';
import { migration } from './migration.ts';
import { snapshot } from './snapshot.ts';
import { storagePool } from './storage-pool.ts';
import { storageVolume } from './storage-volume.ts';
import { virtualNetwork } from './virtual-network.ts';

/** Every kind of the hypervisor layer. */
export const KINDS: readonly KindDefinition[] = [
  hypervisor,
  domain,
  storagePool,
  storageVolume,
  snapshot,
  migration,
  virtualNetwork,
];
