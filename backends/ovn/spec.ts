import { join } from 'node:path';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { OvsHost } from '../ovs/host.ts';
import { parseRemotes, type Remote } from '../ovsdb/remote.ts';
import { tlsFromOptions } from '../ovsdb/tls-options.ts';
import { OvnDriver } from './driver.ts';
import { OVN_PARAMS } from './params.ts';

const options = z.strictObject({
  northbound: z
    .string()
    .optional()
    .describe('Remotes, `ssl:10.0.0.1:6641,ssl:10.0.0.2:6641`; else OVN_NB_DB.'),
  southbound: z
    .string()
    .optional()
    .describe('The same of the southbound database; else OVN_SB_DB.'),
  private_key: z
    .string()
    .optional()
    .describe('PEM file of our key, as --private-key of the tools.'),
  certificate: z.string().optional().describe('PEM file of our certificate, as --certificate.'),
  ca_cert: z.string().optional().describe('PEM file of the authority to trust, as --ca-cert.'),
  server_name: z
    .string()
    .optional()
    .describe('Name in the certificate of the servers, where it is not their address.'),
  hosts: z
    .string()
    .optional()
    .describe(
      'Open vSwitch of chassis, `hv1=tcp:10.0.0.1:6640`, by spaces: ports are plugged there.',
    ),
  silent_s: z
    .number()
    .positive()
    .optional()
    .describe('A controller that is behind for so many seconds counts as silent.'),
});

/** Where OVN's tools look when nothing is said (ovn-nbctl(8)). */
const RUN_FOLDER = '/var/run/ovn';

/** OVN, found as its own tools find it: OVN_NB_DB, OVN_SB_DB and OVN_NBCTL_OPTIONS. */
export const ovnSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ovn',
  layer: 'sdn',
  describes: 'OVN: logical networks, by the northbound and southbound databases (OVSDB)',
  options,
  params: OVN_PARAMS,
  async open(given, env) {
    const folder = env['OVN_RUNDIR'] ?? RUN_FOLDER;
    const { northbound = env['OVN_NB_DB'], southbound = env['OVN_SB_DB'], silent_s } = given;
    const tls = { ...tlsFromOptions(env['OVN_NBCTL_OPTIONS']), ...filesOf(given) };
    const hosts = [...hostRemotes(given.hosts ?? '')].map(
      ([chassis, remotes]) => [chassis, new OvsHost({ remotes, tls })] as const,
    );
    return new OvnDriver({
      northbound: parseRemotes(northbound ?? `unix:${join(folder, 'ovnnb_db.sock')}`),
      southbound: parseRemotes(southbound ?? `unix:${join(folder, 'ovnsb_db.sock')}`),
      ...{ tls, silent_s, hosts: new Map(hosts) },
    });
  },
};

/** Reads `CHASSIS=REMOTE`, separated by spaces. Throws `OVSDB_BAD_REMOTE`. */
export function hostRemotes(text: string): ReadonlyMap<string, readonly Remote[]> {
  const pairs = text.split(/\s+/).filter(Boolean);
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, Math.max(at, 0)), parseRemotes(pair.slice(at + 1))] as const;
    }),
  );
}

function filesOf({ private_key, certificate, ca_cert, server_name }: z.infer<typeof options>) {
  return {
    ...(private_key === undefined ? {} : { private_key }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(ca_cert === undefined ? {} : { ca_cert }),
    ...(server_name === undefined ? {} : { server_name }),
  };
}
