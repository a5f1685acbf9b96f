/** What the verbs of the drivers of a cloud take, by kind and verb. */
import type { VerbParams } from '../verb-params.ts';
import { COMPUTE_SERVICE_PARAMS } from './compute-services.ts';
import { FLAVOR_PARAMS } from './flavors.ts';
import { FLOATING_IP_PARAMS } from './floating-ips.ts';
import { IMAGE_PARAMS } from './images.ts';
import { NETWORK_PARAMS } from './networks.ts';
import { PORT_PARAMS } from './ports.ts';
import { PROJECT_PARAMS } from './projects.ts';
import { ROUTER_PARAMS } from './routers.ts';
import { SECURITY_GROUP_PARAMS } from './security-groups.ts';
import { SERVER_PARAMS } from './server-params.ts';
import { VOLUME_PARAMS } from './volume-params.ts';

export const OPENSTACK_PARAMS = {
  project: PROJECT_PARAMS,
  flavor: FLAVOR_PARAMS,
  image: IMAGE_PARAMS,
  'compute-service': COMPUTE_SERVICE_PARAMS,
  volume: VOLUME_PARAMS,
  server: SERVER_PARAMS,
} as const satisfies VerbParams;

export const NEUTRON_PARAMS = {
  'logical-switch': NETWORK_PARAMS,
  'logical-router': ROUTER_PARAMS,
  acl: SECURITY_GROUP_PARAMS,
  nat: FLOATING_IP_PARAMS,
  port: PORT_PARAMS,
} as const satisfies VerbParams;
