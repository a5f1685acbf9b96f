import { join } from 'node:path';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { parseRemotes } from '../ovsdb/remote.ts';
import { OvsDriver } from './driver.ts';
import { OVS_PARAMS } from './params.ts';

const options = z.strictObject({
  db: z
    .string()
    .optional()
    .describe('As `ovs-vsctl --db`: `ssl:10.0.0.5:6640`; else the socket in OVS_RUNDIR.'),
  private_key: z
    .string()
    .optional()
    .describe('PEM file of our key, as --private-key of the tools.'),
  certificate: z.string().optional().describe('PEM file of our certificate, as --certificate.'),
  ca_cert: z.string().optional().describe('PEM file of the authority to trust, as --ca-cert.'),
});

/** Where ovs-vsctl(8) looks when nothing is said. */
const RUN_FOLDER = '/var/run/openvswitch';

/** The Open vSwitch of one host, found as ovs-vsctl finds it: `--db`, else OVS_RUNDIR. */
export const ovsSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ovs',
  layer: 'sdn',
  describes: 'Open vSwitch of one host: bridges and interfaces, by its database (OVSDB)',
  options,
  params: OVS_PARAMS,
  async open({ db, private_key, certificate, ca_cert }, env) {
    const folder = env['OVS_RUNDIR'] ?? RUN_FOLDER;
    const tls = { private_key, certificate, ca_cert };
    return new OvsDriver({ remotes: parseRemotes(db ?? `unix:${join(folder, 'db.sock')}`), tls });
  },
};
