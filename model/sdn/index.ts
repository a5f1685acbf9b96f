import type { KindDefinition } from '../kind.ts';
import { acl } from './acl.ts';
import { chassis } from './chassis.ts';
import { gateway } from './gateway.ts';
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
];
