/** The whole model: every kind of entity of the nine layers, and the edges between them. */
import { KINDS as BARE_METAL } from './bare-metal/index.ts';
import { KINDS as CAAS } from './caas/index.ts';
import { KINDS as CONTAINER } from './container/index.ts';
import { KINDS as HYPERVISOR } from './hypervisor/index.ts';
import { KINDS as IAAS } from './iaas/index.ts';
import type { KindDefinition } from './kind.ts';
import { KINDS as OPERATING_SYSTEM } from './operating-system/index.ts';
import { KINDS as ORCHESTRATION } from './orchestration/index.ts';
import { KINDS as SDN } from './sdn/index.ts';
import { KINDS as SDS } from './sds/index.ts';

export { STACK } from './stack.ts';

export const KINDS: readonly KindDefinition[] = [
  ...BARE_METAL,
  ...OPERATING_SYSTEM,
  ...HYPERVISOR,
  ...SDN,
  ...SDS,
  ...IAAS,
  ...CONTAINER,
  ...CAAS,
  ...ORCHESTRATION,
];
