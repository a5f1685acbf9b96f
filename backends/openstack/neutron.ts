import type { z } from 'zod';
import { DriverBackend } from '../driver-backend.ts';
import type { DriverSpec } from '../driver-spec.ts';
import type { Cloud } from './cloud.ts';
import { CloudDriver } from './cloud-driver.ts';
import { readCloud } from './clouds-yaml.ts';
import { floatingIpRow } from './floating-ips.ts';
import { NetworkRows } from './network-rows.ts';
import { networkRow } from './networks.ts';
import { NEUTRON_PARAMS } from './params.ts';
import { Ports } from './ports.ts';
import { routerRow } from './routers.ts';
import { securityGroupRow } from './security-groups.ts';
import { cloudOptions } from './spec.ts';

/**
 * Drives the networks of an OpenStack cloud through neutron, as the same kinds that OVN has: what
 * neutron is asked for is what it makes there.
 */
export class NeutronDriver extends CloudDriver {
  constructor(cloud: Cloud) {
    super({
      name: 'neutron',
      layer: 'sdn',
      cloud,
      services: ['network'],
      params: NEUTRON_PARAMS,
      kinds: (context) => [
        new NetworkRows(networkRow, context),
        new NetworkRows(routerRow, context),
        new NetworkRows(securityGroupRow, context),
        new NetworkRows(floatingIpRow, context),
        new Ports(context),
      ],
    });
  }
}

/** neutron as a backend of the SDN layer. */
export class NeutronBackend extends DriverBackend<NeutronDriver> {
  constructor(cloud: Cloud) {
    super(new NeutronDriver(cloud));
  }
}

/** neutron, found as OpenStack itself is. */
export const neutronSpec: DriverSpec<z.infer<typeof cloudOptions>> = {
  name: 'neutron',
  layer: 'sdn',
  describes:
    'OpenStack neutron: networks with subnets, routers, security groups, floating IPs, ports',
  options: cloudOptions,
  params: NEUTRON_PARAMS,
  open: async (options, env) => new NeutronDriver(await readCloud(options, env)),
};
