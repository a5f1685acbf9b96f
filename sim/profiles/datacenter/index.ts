/** The timing profile `datacenter`, put together from its layers. */
import type { ProfileTimings } from '../../profile.ts';
import { DATACENTER_BARE_METAL } from './bare-metal.ts';
import { DATACENTER_CAAS } from './caas.ts';
import { DATACENTER_CONTAINER } from './container.ts';
import { DATACENTER_HYPERVISOR } from './hypervisor.ts';
import { DATACENTER_IAAS } from './iaas.ts';
import { DATACENTER_OPERATING_SYSTEM } from './operating-system.ts';
import { DATACENTER_ORCHESTRATION } from './orchestration.ts';
import { DATACENTER_POWER } from './power.ts';
import { DATACENTER_SDN } from './sdn.ts';
import { DATACENTER_SDS } from './sds.ts';

export const DATACENTER: ProfileTimings = {
  ...DATACENTER_BARE_METAL,
  ...DATACENTER_OPERATING_SYSTEM,
  ...DATACENTER_HYPERVISOR,
  ...DATACENTER_SDN,
  ...DATACENTER_SDS,
  ...DATACENTER_IAAS,
  ...DATACENTER_CONTAINER,
  ...DATACENTER_CAAS,
  ...DATACENTER_ORCHESTRATION,
  ...DATACENTER_POWER,
};
