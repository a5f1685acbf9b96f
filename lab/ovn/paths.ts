import { join } from 'node:path';
import { systemFolder } from '../folder.ts';

/** The chassis of the lab; three are the fewest whose gateways fail over (BFD needs a third). */
export const CHASSIS: readonly string[] = ['hv1', 'hv2', 'hv3'];

/** The underlay between the chassis: addresses reserved for documentation (RFC 5737). */
export const CENTRAL_ADDRESS = '192.0.2.1';
export const SOUTHBOUND_PORT = 6642;

export function chassisAddress(chassis: string): string {
  return `192.0.2.${11 + CHASSIS.indexOf(chassis)}`;
}

/** The folder of the central databases, or of one chassis: its databases, sockets and logs. */
export function nodeFolder(node: string): string {
  return join(systemFolder('ovn'), node);
}

export function northboundRemote(): string {
  return `unix:${join(nodeFolder('central'), 'nb.sock')}`;
}

export function southboundRemote(): string {
  return `unix:${join(nodeFolder('central'), 'sb.sock')}`;
}

/** The database of a chassis' Open vSwitch. */
export function ovsRemote(chassis: string): string {
  return `unix:${join(nodeFolder(chassis), 'db.sock')}`;
}
