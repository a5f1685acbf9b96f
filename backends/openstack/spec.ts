import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { readCloud } from './clouds-yaml.ts';
import { OpenstackDriver } from './driver.ts';
import { OPENSTACK_PARAMS } from './params.ts';

/** What clouds.yaml leaves open; everything else stands there, or in the OS_* variables. */
export const cloudOptions = z.strictObject({
  cloud: z
    .string()
    .optional()
    .describe('Cloud of clouds.yaml; else OS_CLOUD, else the OS_* variables.'),
  region: z.string().optional().describe('Region; else region_name of the cloud.'),
  interface: z
    .enum(['public', 'internal', 'admin'])
    .optional()
    .describe('Endpoints of the catalogue; else interface of the cloud, else public.'),
});

/** OpenStack, found as its own tools find it: by clouds.yaml and OS_CLOUD, else by OS_* variables. */
export const openstackSpec: DriverSpec<z.infer<typeof cloudOptions>> = {
  name: 'openstack',
  layer: 'iaas',
  describes: 'OpenStack: projects, flavors, images, servers, volumes, compute services',
  options: cloudOptions,
  params: OPENSTACK_PARAMS,
  open: async (options, env) => new OpenstackDriver(await readCloud(options, env)),
};
