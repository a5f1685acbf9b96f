import { join } from 'node:path';
import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { parseRemotes } from '../ovsdb/remote.ts';
import { OvsDriver } from './driver.ts';

const options = z.strictObject({
  /** As `ovs-vsctl --db`: `unix:/var/run/openvswitch/db.sock`, `ssl:10.0.0.5:6640`. */
  db: z.string().optional(),
  private_key: z.string().optional(),
  certificate: z.string().optional(),
  ca_cert: z.string().optional(),
});

/** Where ovs-vsctl(8) looks when nothing is said. */
const RUN_FOLDER = '/var/run/openvswitch';

/** The Open vSwitch of one host, found as ovs-vsctl finds it: `--db`, else OVS_RUNDIR. */
export const ovsSpec: DriverSpec<z.infer<typeof options>> = {
  name: 'ovs',
  layer: 'sdn',
  describes: 'Open vSwitch of one host: bridges and interfaces, by its database (OVSDB)',
  options,
  async open({ db, private_key, certificate, ca_cert }, env) {
    const folder = env['OVS_RUNDIR'] ?? RUN_FOLDER;
    const tls = { private_key, certificate, ca_cert };
    return new OvsDriver({ remotes: parseRemotes(db ?? `unix:${join(folder, 'db.sock')}`), tls });
  },
};
