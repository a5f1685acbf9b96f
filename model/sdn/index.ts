import type { KindDefinition } from '../kind.ts';
import { acl } from './acl.ts';
import { bridge } from './bridge.ts';
import { chassis } from './chassis.ts';
import { dhcpOptions } from './dhcp-options.ts';
import { gateway } from './gateway.ts';
import { interface_ } from './interface.ts';
import { loadBalancer } from './load-balancer.ts';
import { logicalRouter } from './logical-router.ts';
import { logicalSwitch } from './logical-switch.ts';
import { nat } from './nat.ts';
import { port } from './port.ts';

/** Every kind of the SDN layer. */
export const KINDS: readonly KindDefinition[] = [
  chassis,
  logicalSwitch,
  logicalRouter,
  port,
  acl,
  nat,
  loadBalancer,
  gateway,
  dhcpOptions,
  bridge,
  interface_,
];
