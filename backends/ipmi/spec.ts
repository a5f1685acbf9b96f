import { z } from 'zod';
import { readInventory } from '../bare-metal/inventory.ts';
import type { DriverSpec } from '../driver-spec.ts';
import { entry } from './controllers.ts';
import { IpmiDriver } from './driver.ts';
import { ipmiFault } from './faults.ts';
import { MACHINE_PARAMS } from './params.ts';

const options = z.strictObject({
  inventory: z
    .string()
    .optional()
    .describe('YAML file: `machines: [{name, address, ...}]`, with what `enlist` takes.'),
  ipmitool: z.string().optional().describe('The program, if it is not in the search path.'),
});

/** Machines by IPMI; passwords are found where ipmitool finds them, in IPMI_PASSWORD. */
export const ipmiSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ipmi',
  layer: 'bare-metal',
  describes: 'IPMI 2.0: power, boot device, sensors and event log of machines, by ipmitool',
  options,
  params: { machine: MACHINE_PARAMS },
  open: async ({ inventory, ipmitool }, env) => {
    const program = ipmitool ? { program: ipmitool } : {};
    const machines = inventory ? await read(inventory) : [];
    return new IpmiDriver({ inventory: machines, env, ipmitool: program });
  },
};

async function read(path: string) {
  try {
    return await readInventory(path, entry);
  } catch (cause) {
    throw ipmiFault('IPMI_BAD_INVENTORY', `${path}: ${(cause as Error).message}`);
  }
}
