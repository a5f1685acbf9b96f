/** What verbs are given, by kind. Columns are named as in ovn-nb(5). */
import { isIP } from 'node:net';
import { z } from 'zod';
import { paramsReader, type VerbParams } from '../verb-params.ts';
import { ovnFault } from './faults.ts';

const strings = z.record(z.string(), z.string());
const name = z.string().min(1).max(255);
const mac = z.string().regex(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'a MAC address');
const ip = z.string().refine((text) => isIP(text) !== 0, 'an IP address');
const network = z.string().refine(isNetwork, 'an IP address with the length of its prefix');

const external_ids = strings.optional().describe('As in the column of that name.');
const options = strings.optional().describe('As in the column of that name.');

const SwitchParams = z.object({
  other_config: strings
    .optional()
    .describe('As in the column of that name, such as `subnet: 10.0.0.0/24`.'),
  external_ids,
});

const RouterParams = z.object({
  ports: z
    .array(
      z.strictObject({ name, mac, networks: z.array(network).min(1), switch: name.optional() }),
    )
    .optional()
    .describe(
      'Ports; with a switch, a port of that switch leads to it. Others are left as they are.',
    ),
  routes: z
    .array(z.strictObject({ prefix: network, nexthop: ip, output_port: name.optional() }))
    .optional()
    .describe('All static routes.'),
  options,
  external_ids,
});

const PortParams = z.object({
  addresses: z
    .array(z.string())
    .optional()
    .describe('Such as `52:54:00:00:00:01 10.0.0.2`, `dynamic` or `unknown`.'),
  port_security: z.array(z.string()).optional().describe('Addresses that it may send from.'),
  options,
  enabled: z.boolean().optional().describe('Whether it forwards anything; it does by default.'),
  external_ids,
  dhcp: name.optional().describe('Name of the dhcp-options that answer on it.'),
});

const rule = z.strictObject({
  direction: z.enum(['from-lport', 'to-lport']),
  priority: z.int().min(0).max(32_767),
  match: z.string().min(1),
  action: z.enum(['allow', 'allow-related', 'allow-stateless', 'drop', 'reject']),
  log: z.boolean().optional(),
});
const rules = z.array(rule).describe('All rules of that name.');

const NatParams = z.object({
  type: z.enum(['snat', 'dnat', 'dnat_and_snat']).describe('What is translated.'),
  external_ip: z.string().describe('Address outside.'),
  logical_ip: z.string().describe('Address or network inside.'),
  logical_port: name.optional().describe('Port of that address, to translate on its own chassis.'),
  external_mac: mac.optional().describe('MAC address outside, together with a logical port.'),
});

const vips = strings.describe(
  'Backends by virtual address: `10.0.0.9:80: 10.0.1.2:80,10.0.1.3:80`.',
);

const LoadBalancerParams = z.object({
  vips,
  protocol: z
    .enum(['tcp', 'udp', 'sctp'])
    .optional()
    .describe('Of addresses with a port; `tcp` by default.'),
  switches: z.array(name).optional().describe('Switches that it is added to.'),
  routers: z.array(name).optional().describe('Routers that it is added to.'),
  ip_port_mappings: strings
    .optional()
    .describe('By address of a backend, `PORT:SOURCE_IP`: from where it is probed.'),
  health_checks: z
    .record(z.string(), strings)
    .optional()
    .describe('By virtual address: `interval`, `timeout`, `success_count`, `failure_count`.'),
});

const DhcpParams = z.object({
  cidr: network.describe('Network of the ports that it answers on.'),
  options: strings
    .optional()
    .describe('DHCP options, such as `lease_time`, `router`, `server_id` and `server_mac`.'),
});

/** By kind and verb. */
export const OVN_PARAMS = {
  'logical-switch': { create: SwitchParams, update: SwitchParams },
  'logical-router': { create: RouterParams, update: RouterParams },
  port: {
    create: PortParams.extend({ switch: name.describe('The switch that it belongs to.') }),
    update: PortParams,
    bind: z.object({
      chassis: name.optional().describe('Where it is wanted; any chassis by default.'),
    }),
  },
  acl: {
    create: z
      .object({
        switch: name.optional().describe('What the rules are for, where that is a switch.'),
        port_group: name.optional().describe('What the rules are for, where that is a port group.'),
        rules,
      })
      .refine((on) => (on.switch === undefined) !== (on.port_group === undefined), {
        message: 'a switch or a port_group, one of them',
      }),
    update: z.object({ rules: rules.optional() }),
  },
  nat: {
    create: NatParams.extend({ router: name.describe('The router that translates.') }),
    update: NatParams.partial(),
  },
  'load-balancer': {
    create: LoadBalancerParams,
    update: LoadBalancerParams.partial({ vips: true }),
  },
  'dhcp-options': {
    create: DhcpParams,
    update: DhcpParams.partial({ cidr: true }),
  },
  gateway: {
    claim: z.object({
      chassis: z
        .record(z.string(), z.int().min(0).max(32_767))
        .optional()
        .describe(
          'Priority by chassis: the highest that lives carries the port. As it is by default.',
        ),
    }),
  },
} as const satisfies VerbParams;

/** What a verb is given. Throws `OVN_BAD_PARAMS`, which names each mistake. */
export const paramsOf = paramsReader(OVN_PARAMS, (what) => ovnFault('OVN_BAD_PARAMS', what));

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
