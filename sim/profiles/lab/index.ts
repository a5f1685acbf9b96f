/** The timing profile `lab`, put together from its layers. */
import type { ProfileTimings } from '../../profile.ts';
import { LAB_BARE_METAL } from './bare-metal.ts';
import { LAB_CAAS } from './caas.ts';
import { LAB_CONTAINER } from './container.ts';
import { LAB_HYPERVISOR } from './hypervisor.ts';
import { LAB_IAAS } from './iaas.ts';
import { LAB_OPERATING_SYSTEM } from './operating-system.ts';
import { LAB_ORCHESTRATION } from './orchestration.ts';
import { LAB_POWER } from './power.ts';
import { LAB_SDN } from './sdn.ts';
import { LAB_SDS } from './sds.ts';

export const LAB: ProfileTimings = {
  ...LAB_BARE_METAL,
  ...LAB_OPERATING_SYSTEM,
  ...LAB_HYPERVISOR,
  ...LAB_SDN,
  ...LAB_SDS,
  ...LAB_IAAS,
  ...LAB_CONTAINER,
  ...LAB_CAAS,
  ...LAB_ORCHESTRATION,
  ...LAB_POWER,
};
