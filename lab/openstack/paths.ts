import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheFolder, labFolder, systemFolder } from '../folder.ts';

export const SYSTEM = 'openstack';

/** Where the API of each service listens; the same within the namespace and, forwarded, outside. */
export const PORTS = {
  keystone: 5000,
  nova: 8774,
  cinder: 8776,
  placement: 8778,
  glance: 9292,
  neutron: 9696,
} as const;

/** What only the services themselves talk to, within the namespace. */
export const INNER_PORTS = {
  mariadb: 3306,
  rabbitmq: 5672,
  northbound: 6641,
  southbound: 6642,
  /** Open vSwitch of the real compute host. */
  switch: 6640,
} as const;

/** The folders of one cloud. `var` is what a snapshot keeps. */
export interface StackPaths {
  readonly etc: string;
  readonly run: string;
  readonly log: string;
  readonly var: string;
  readonly cloudsYaml: string;
  readonly snapshot: string;
}

export function stackPaths(): StackPaths {
  const base = systemFolder(SYSTEM);
  return {
    etc: join(base, 'etc'),
    run: join(base, 'run'),
    log: join(base, 'log'),
    var: join(base, 'var'),
    cloudsYaml: join(base, 'clouds.yaml'),
    // The address stands in the catalogue, which is in the database.
    snapshot: join(cacheFolder(SYSTEM), `${stackAddress()}.tar.zst`),
  };
}

/**
 * The loopback address of this lab's cloud. Every address of 127.0.0.0/8 is the machine itself, so
 * labs in different folders take different ones and do not meet.
 */
export function stackAddress(): string {
  const [a, b, c] = createHash('sha256').update(labFolder()).digest();
  return `127.${64 + (a % 128)}.${b}.${1 + (c % 254)}`;
}

export function apiUrl(service: keyof typeof PORTS, path = ''): string {
  return `http://${stackAddress()}:${PORTS[service]}${path}`;
}
