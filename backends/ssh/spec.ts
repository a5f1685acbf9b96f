import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { resolveTarget } from './config.ts';
import { SshDriver } from './driver.ts';
import { FILE_PARAMS } from './files.ts';

const options = z.strictObject({
  hosts: z
    .string()
    .min(1)
    .describe('Hosts, separated by commas or spaces: aliases of ~/.ssh/config, or USER@HOST:PORT.'),
  config: z.string().optional().describe('SSH configuration file; else ~/.ssh/config.'),
});

/** Linux hosts, reached as `ssh` itself would reach them. */
export const sshSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ssh',
  layer: 'operating-system',
  describes: 'Linux hosts by SSH: system, units, packages, files',
  options,
  params: { file: FILE_PARAMS },
  open: async ({ hosts, config }, env) => {
    const aliases = hosts.split(/[\s,]+/).filter((alias) => alias !== '');
    return new SshDriver({
      targets: aliases.map((alias) => resolveTarget(alias, { config, env })),
    });
  },
};
