import { existsSync } from 'node:fs';
import { z } from 'zod';
import { LabError } from '../error.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { adminSession, startCluster } from './cluster.ts';
import { gatewayUrl, OSDS } from './conf.ts';
import { gatewayAnswers } from './gateway.ts';
import { labNetwork } from './network.ts';
import { cephPaths } from './paths.ts';

/** The kernel's limit for the path of a unix socket (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
const LONGEST_SOCKET = 'ceph-client.rgw.a.12345678.1234567890123456.asok';

/** A whole Ceph cluster: block, file and object storage on sparse files. */
export const cephSystem: LabSystem = {
  name: 'ceph',
  describes: 'Ceph: 3 mons, 2 mgrs, 6 OSDs in 3 racks, 2 MDSs, object gateway by TLS',
  packages: [
    'ceph-mon',
    'ceph-mgr',
    'ceph-osd',
    'ceph-mds',
    'radosgw',
    'ceph-common',
    'iproute2',
    'openssl',
  ],

  async prepare(_report: LabReport): Promise<void> {},

  async start(run: LabRun): Promise<void> {
    const longest = `${cephPaths().run}/${LONGEST_SOCKET}`;
    if (Buffer.byteLength(longest) > SOCKET_PATH_BYTES_MAX) {
      throw new LabError(
        'LAB_PATH_TOO_LONG',
        `${longest} is longer than a unix socket may be (${SOCKET_PATH_BYTES_MAX} bytes)`,
        'Set STRATA_LAB to a folder with a shorter path.',
      );
    }
    await startCluster(run);
  },

  async probe(): Promise<Probe> {
    if (!existsSync(cephPaths().network)) return { ok: false, why: 'there is no cluster' };
    const session = adminSession();
    try {
      const form = z.object({ num_up_osds: z.number() });
      const { num_up_osds } = await session.json('osd stat', {}, form);
      const url = gatewayUrl(labNetwork());
      if (!(await gatewayAnswers(url))) return { ok: false, why: `nobody answers at ${url}` };
      return { ok: true, says: `${num_up_osds} of ${OSDS.length} OSDs up, gateway at ${url}` };
    } catch (cause) {
      return { ok: false, why: cause instanceof Error ? cause.message : String(cause) };
    } finally {
      await session.close();
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return cephEndpoint();
  },

  example(): string {
    return `CEPH_CONF=${cephPaths().conf} ceph status`;
  },
};

/** The environment variables by which the tools of Ceph and of S3 find the cluster. */
export function cephEndpoint(): Readonly<Record<string, string>> {
  const { conf, credentials, ca } = cephPaths();
  return {
    CEPH_CONF: conf,
    AWS_ENDPOINT_URL_S3: gatewayUrl(labNetwork()),
    AWS_SHARED_CREDENTIALS_FILE: credentials,
    AWS_CA_BUNDLE: ca,
  };
}
