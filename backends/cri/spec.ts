import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { CriDriver } from './driver.ts';
import { DEFAULT_ENDPOINTS, socketPath } from './endpoint.ts';
import { CRI_PARAMS } from './params.ts';

const options = z.strictObject({
  endpoint: z
    .string()
    .optional()
    .describe('Unix socket of the runtime; else CONTAINER_RUNTIME_ENDPOINT, else the usual ones.'),
  host: z.string().optional().describe("What the runtime's host is called; else its host name."),
});

/** A CRI runtime, found as crictl finds it: CONTAINER_RUNTIME_ENDPOINT, else the usual sockets. */
export const criSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'cri',
  layer: 'container',
  describes: 'containerd, CRI-O: sandboxes, containers and images of one host, by CRI v1',
  options,
  params: CRI_PARAMS,
  open: async ({ endpoint, host }, env) => {
    const found = DEFAULT_ENDPOINTS.find((each) => existsSync(socketPath(each)));
    const chosen = endpoint ?? env['CONTAINER_RUNTIME_ENDPOINT'] ?? found ?? DEFAULT_ENDPOINTS[0];
    return new CriDriver({ endpoint: chosen, host, env });
  },
};
