import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { readAccess } from './access.ts';
import { JujuDriver } from './driver.ts';
import { JUJU_PARAMS } from './params.ts';

const options = z.strictObject({
  controller: z.string().min(1).optional().describe('Else JUJU_CONTROLLER, else the current one.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('`MODEL` or `OWNER/MODEL`; else JUJU_MODEL, else the current one.'),
});

/** Juju, found as its client finds it: JUJU_DATA or ~/.local/share/juju, with the account there. */
export const jujuSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'juju',
  layer: 'orchestration',
  describes: 'Juju: models, applications, units, relations, machines and actions, by its API',
  options,
  params: JUJU_PARAMS,
  open: async (choice, env) => new JujuDriver({ access: await readAccess(choice, env) }),
};
