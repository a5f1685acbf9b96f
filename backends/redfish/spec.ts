import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readInventory } from '../bare-metal/inventory.ts';
import type { DriverSpec } from '../driver-spec.ts';
import { RedfishDriver } from './driver.ts';
import { redfishFault } from './faults.ts';
import { entry } from './machines.ts';
import { MACHINE_PARAMS } from './params.ts';

const options = z.strictObject({
  inventory: z
    .string()
    .optional()
    .describe('YAML file: `machines: [{name, url, ...}]`, with what `enlist` takes.'),
  ca_file: z
    .string()
    .optional()
    .describe('PEM of the authorities that signed the certificates of the services.'),
});

/** Machines by Redfish; passwords are in the environment variables that the inventory names. */
export const redfishSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'redfish',
  layer: 'bare-metal',
  describes: 'Redfish: power, boot device and inventory of machines, by REST',
  options,
  params: { machine: MACHINE_PARAMS },
  open: async ({ inventory, ca_file }, env) => {
    try {
      const machines = inventory ? await readInventory(inventory, entry) : [];
      const ca = ca_file ? { ca: await readFile(ca_file, 'utf8') } : {};
      return new RedfishDriver({ inventory: machines, env, ...ca });
    } catch (cause) {
      throw redfishFault('REDFISH_BAD_INVENTORY', (cause as Error).message);
    }
  },
};
