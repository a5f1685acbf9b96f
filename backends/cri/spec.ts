import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { CriDriver } from './driver.ts';
import { DEFAULT_ENDPOINTS, socketPath } from './endpoint.ts';

const options = z.strictObject({
  /** Socket of the runtime, as crictl takes it. */
  endpoint: z.string().optional(),
  /** What the runtime's host is called in the scenario. */
  host: z.string().optional(),
});

/** A CRI runtime, found as crictl finds it: CONTAINER_RUNTIME_ENDPOINT, else the usual sockets. */
export const criSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'cri',
  layer: 'container',
  describes: 'containerd, CRI-O: sandboxes, containers and images of one host, by CRI v1',
  options,
  open: async ({ endpoint, host }, env) => {
    const found = DEFAULT_ENDPOINTS.find((each) => existsSync(socketPath(each)));
    const chosen = endpoint ?? env['CONTAINER_RUNTIME_ENDPOINT'] ?? found ?? DEFAULT_ENDPOINTS[0];
    return new CriDriver({ endpoint: chosen, host, env });
  },
};
