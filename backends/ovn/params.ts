/** What verbs are given, by kind. Columns are named as in ovn-nb(5). */
import { isIP } from 'node:net';
import { z } from 'zod';
import { mistakes } from '../mistake.ts';
import { ovnFault } from './faults.ts';

const strings = z.record(z.string(), z.string());
const name = z.string().min(1).max(255);
const mac = z.string().regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'a MAC address');
const ip = z.string().refine((text) => isIP(text) !== 0, 'an IP address');
const network = z.string().refine(isNetwork, 'an IP address with the length of its prefix');

export const SwitchParams = z.strictObject({
  other_config: strings.optional(),
  external_ids: strings.optional(),
});

export const RouterParams = z.strictObject({
  ports: z
    .array(
      z.strictObject({ name, mac, networks: z.array(network).min(1), switch: name.optional() }),
    )
    .optional(),
  routes: z
    .array(z.strictObject({ prefix: network, nexthop: ip, output_port: name.optional() }))
    .optional(),
  options: strings.optional(),
  external_ids: strings.optional(),
});

export const PortParams = z.strictObject({
  switch: name.optional(),
  addresses: z.array(z.string()).optional(),
  port_security: z.array(z.string()).optional(),
  options: strings.optional(),
  enabled: z.boolean().optional(),
  external_ids: strings.optional(),
  /** The name of a dhcp-options entity. */
  dhcp: name.optional(),
  /** Where `bind` wants it. */
  chassis: name.optional(),
});

export const AclParams = z
  .object({
    switch: name.optional(),
    port_group: name.optional(),
    rules: z
      .array(
        z.strictObject({
          direction: z.enum(['from-lport', 'to-lport']),
          priority: z.int().min(0).max(32_767),
          match: z.string().min(1),
          action: z.enum(['allow', 'allow-related', 'allow-stateless', 'drop', 'reject']),
          log: z.boolean().optional(),
        }),
      )
      .optional(),
  })
  .refine((acl) => !(acl.switch && acl.port_group), 'a switch or a port_group, not both');

export const NatParams = z.strictObject({
  router: name.optional(),
  type: z.enum(['snat', 'dnat', 'dnat_and_snat']).optional(),
  external_ip: z.string().optional(),
  logical_ip: z.string().optional(),
  logical_port: name.optional(),
  external_mac: mac.optional(),
});

export const LoadBalancerParams = z.strictObject({
  vips: strings.optional(),
  protocol: z.enum(['tcp', 'udp', 'sctp']).optional(),
  switches: z.array(name).optional(),
  routers: z.array(name).optional(),
  /** By backend address, `PORT:SOURCE_IP`: from where it is probed (ovn-nb(5)). */
  ip_port_mappings: strings.optional(),
  /** By virtual address: `interval`, `timeout`, `success_count`, `failure_count`. */
  health_checks: z.record(z.string(), strings).optional(),
});

export const DhcpParams = z.strictObject({ cidr: network.optional(), options: strings.optional() });

export const GatewayParams = z.strictObject({
  /** Priority by chassis name; the highest that lives carries the port. */
  chassis: z.record(z.string(), z.int().min(0).max(32_767)).optional(),
});

/** Throws `OVN_BAD_PARAMS`, which names each parameter that is wrong. */
export function parsed<S extends z.ZodType>(
  schema: S,
  entity: string,
  params: unknown,
): z.infer<S> {
  const result = schema.safeParse(params);
  if (result.success) return result.data;
  throw ovnFault('OVN_BAD_PARAMS', `${entity}: ${mistakes(result.error.issues)}`);
}

/** A parameter that this verb needs. Throws `OVN_BAD_PARAMS`. */
export function required<T>(value: T | undefined, what: string, entity: string): T {
  if (value !== undefined) return value;
  throw ovnFault('OVN_BAD_PARAMS', `${entity}: ${what} is missing`);
}

/** A record as a column's map; undefined stays so, and leaves the column as it is. */
export function map(record: Readonly<Record<string, string>> | undefined) {
  return record && new Map(Object.entries(record));
}

/** Without the properties that are undefined: columns that are not named keep their value. */
export function given<T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

function isNetwork(text: string): boolean {
  const [address, length, more] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    more === undefined &&
    isIP(address) !== 0 &&
    /^\d{1,3}$/.test(length ?? '') &&
    Number(length) <= bits
  );
}
