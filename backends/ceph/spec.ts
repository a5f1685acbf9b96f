import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { cephPlace } from './config.ts';
import { CephDriver, type CephDriverOptions } from './driver.ts';
import { s3Place } from './s3-config.ts';

const options = z.strictObject({
  conf: z.string().optional(),
  name: z.string().optional(),
  cluster: z.string().optional(),
  keyring: z.string().optional(),
  /** Put before Ceph's programs where they are not installed: `[cephadm, shell, --]`. */
  wrapper: z.array(z.string()).optional(),
  /** The Python that has the modules rados and rbd; the one of the `ceph` command. */
  python: z.string().optional(),
  command_s: z.number().positive().optional(),
  storage_s: z.number().positive().optional(),
  poll_s: z.number().positive().optional(),
  s3: z
    .strictObject({
      endpoint: z.string().optional(),
      region: z.string().optional(),
      ca_file: z.string().optional(),
      profile: z.string().optional(),
    })
    .optional(),
});

export type CephOptions = z.infer<typeof options>;

/** The interpreter that the `ceph` command of distributions names in its first line. */
const PYTHON = '/usr/bin/python3';

/** What the driver is opened with: options, and what the environment says. */
export function cephDriverOptions(given: CephOptions, env: NodeJS.ProcessEnv): CephDriverOptions {
  const { wrapper = [], python = PYTHON, s3 = {}, command_s, storage_s, poll_s } = given;
  return {
    ...{ wrapper, python, env, command_s, storage_s, poll_s },
    place: cephPlace(given, env),
    s3: () => s3Place(s3, env),
  };
}

/** Ceph, found as its own tools find it: ceph.conf, CEPH_CONF, CEPH_ARGS, and a keyring. */
export const cephSpec: DriverSpec<CephOptions> = {
  name: 'ceph',
  layer: 'sds',
  describes: 'Ceph: pools, OSDs, RBD images, CephFS, users; the object gateway by S3',
  options,
  open: async (given, env) => new CephDriver(cephDriverOptions(given, env)),
};
