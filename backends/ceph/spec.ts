import { z } from 'zod';
import type { DriverSpec } from '../driver-spec.ts';
import { cephPlace } from './config.ts';
import { CephDriver, type CephDriverOptions } from './driver.ts';
import { CEPH_PARAMS } from './params.ts';
import { s3Place } from './s3-config.ts';

const options = z.strictObject({
  conf: z.string().optional().describe('Path of ceph.conf; default: CEPH_CONF, /etc/ceph.'),
  name: z.string().optional().describe('The user, such as client.strata; default: client.admin.'),
  cluster: z.string().optional().describe('Name of the cluster; default: ceph.'),
  keyring: z.string().optional().describe("Path of the user's keyring; default: by ceph.conf."),
  wrapper: z
    .string()
    .optional()
    .describe("Put before Ceph's programs where they are not installed: cephadm shell --"),
  python: z.string().optional().describe('The Python that the ceph command runs in.'),
  command_s: z.number().positive().optional().describe('Time for a command; default 15.'),
  storage_s: z.number().positive().optional().describe('Time for work on an image; default 60.'),
  poll_s: z
    .number()
    .positive()
    .optional()
    .describe('How often the cluster is looked at; default 1.'),
  s3_endpoint: z.string().optional().describe('URL of the gateway; default: AWS_ENDPOINT_URL_S3.'),
  s3_region: z.string().optional().describe('Signed with; default: AWS_REGION.'),
  s3_ca_file: z.string().optional().describe('CA certificates to trust; default: AWS_CA_BUNDLE.'),
  s3_profile: z.string().optional().describe('Of the credentials file; default: AWS_PROFILE.'),
});

export type CephOptions = z.infer<typeof options>;

/** The interpreter that the `ceph` command of distributions names in its first line. */
const PYTHON = '/usr/bin/python3';

/** What the driver is opened with: options, and what the environment says. */
export function cephDriverOptions(given: CephOptions, env: NodeJS.ProcessEnv): CephDriverOptions {
  const { wrapper = '', python = PYTHON, command_s, storage_s, poll_s } = given;
  const { s3_endpoint: endpoint, s3_region: region, s3_ca_file: ca_file } = given;
  return {
    ...{ python, env: withoutGatewayKeys(env), command_s, storage_s, poll_s },
    wrapper: wrapper.split(/\s+/).filter((word) => word !== ''),
    place: cephPlace(given, env),
    s3: () => s3Place({ endpoint, region, ca_file, profile: given.s3_profile }, env),
  };
}

/** The client of the cluster has no use for the keys of the gateway, and is not told them. */
function withoutGatewayKeys(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { AWS_SECRET_ACCESS_KEY: _key, AWS_SESSION_TOKEN: _token, ...others } = env;
  return others;
}

/** Ceph, found as its own tools find it: ceph.conf, CEPH_CONF, CEPH_ARGS, and a keyring. */
export const cephSpec: DriverSpec<CephOptions> = {
  name: 'ceph',
  layer: 'sds',
  describes: 'Ceph: pools, OSDs, RBD images, CephFS, users; the object gateway by S3',
  options,
  params: CEPH_PARAMS,
  open: async (given, env) => new CephDriver(cephDriverOptions(given, env)),
};
