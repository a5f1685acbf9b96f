import { join } from 'node:path';
import { systemFolder } from '../folder.ts';

/** Where everything of the lab's cluster is. */
export interface CephPaths {
  readonly base: string;
  readonly conf: string;
  readonly adminKeyring: string;
  readonly monKeyring: string;
  readonly monmap: string;
  /** Admin sockets of the daemons. */
  readonly run: string;
  readonly log: string;
  readonly data: string;
  /** The certificate authority that signed the gateway's certificate. */
  readonly ca: string;
  readonly certificate: string;
  readonly certificateKey: string;
  /** S3 credentials, as the tools of AWS read them. */
  readonly credentials: string;
  /** The address range that was chosen. */
  readonly network: string;
}

export function cephPaths(): CephPaths {
  const base = systemFolder('ceph');
  const at = (name: string) => join(base, name);
  return {
    base,
    conf: at('ceph.conf'),
    adminKeyring: at('ceph.client.admin.keyring'),
    monKeyring: at('mon.keyring'),
    monmap: at('monmap'),
    run: at('run'),
    log: at('log'),
    data: at('data'),
    ca: at('ca.pem'),
    certificate: at('rgw.pem'),
    certificateKey: at('rgw.key'),
    credentials: at('aws-credentials'),
    network: at('network.json'),
  };
}

/** The folder of one daemon's own data, such as `data/osd.3`. */
export function daemonData(name: string): string {
  return join(cephPaths().data, name);
}
