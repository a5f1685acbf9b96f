import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { MaasDriver } from './driver.ts';
import { maasFault } from './faults.ts';
import { parseApiKey } from './oauth.ts';
import { MACHINE_PARAMS } from './params.ts';

const options = z.strictObject({
  url: z.string().optional().describe('URL of MAAS; else MAAS_API_URL.'),
  api_key_file: z
    .string()
    .optional()
    .describe('File with the API key, as `maas apikey` prints it; else MAAS_API_KEY.'),
  ca_file: z
    .string()
    .optional()
    .describe('PEM of the authority that signed the certificate of MAAS.'),
});

/**
 * MAAS, found as its Terraform provider finds it: by MAAS_API_URL and MAAS_API_KEY, unless options
 * say otherwise.
 */
export const maasSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'maas',
  layer: 'bare-metal',
  describes: 'MAAS 3.4 and later: machines from commissioning to release, by its REST API',
  options,
  params: { machine: MACHINE_PARAMS },
  open: async ({ url, api_key_file, ca_file }, env) => {
    const text = api_key_file ? await read(api_key_file) : env['MAAS_API_KEY'];
    const key = text === undefined ? undefined : parseApiKey(text);
    const where = url ?? env['MAAS_API_URL'];
    if (!where || !URL.canParse(where)) throw maasFault('MAAS_NOT_CONFIGURED', 'no URL of MAAS');
    if (!key) throw maasFault('MAAS_NOT_CONFIGURED', 'no API key of three parts');
    const ca = ca_file ? { ca: await read(ca_file) } : {};
    return new MaasDriver({ url: new URL(where), key, env, ...ca });
  },
};

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw maasFault('MAAS_NOT_CONFIGURED', `${path}: ${(cause as Error).message}`);
  }
}
