import { Secret } from '../secret.ts';
import { cephFault } from './faults.ts';

/** Where the cluster's configuration is, and as whom to come: as Ceph's own tools take them. */
export interface CephPlace {
  /** Path of ceph.conf; empty: where librados looks for it (CEPH_CONF, /etc/ceph/CLUSTER.conf). */
  readonly conf: string;
  /** The cephx user, such as `client.admin`. */
  readonly name: string;
  readonly cluster: string;
  readonly keyring?: string;
}

export interface CephPlaceOptions {
  readonly conf?: string;
  readonly name?: string;
  readonly cluster?: string;
  readonly keyring?: string;
}

const DEFAULT_NAME = 'client.admin';
const DEFAULT_CLUSTER = 'ceph';

/**
 * Options come first, then what CEPH_ARGS says, then Ceph's defaults. Only what librados must be
 * told when it is opened is read from CEPH_ARGS here; librados itself reads the rest of it.
 */
export function cephPlace(options: CephPlaceOptions, env: NodeJS.ProcessEnv): CephPlace {
  const args = parseCephArgs(env['CEPH_ARGS'] ?? '');
  const name = options.name ?? args.name ?? DEFAULT_NAME;
  if (!/^client\.\S+$/.test(name)) {
    const what = `user '${name}' is not of the form client.NAME`;
    throw cephFault('CEPH_BAD_CONFIG', what);
  }
  return {
    conf: options.conf ?? args.conf ?? env['CEPH_CONF'] ?? '',
    name,
    cluster: options.cluster ?? args.cluster ?? DEFAULT_CLUSTER,
    ...(options.keyring === undefined ? {} : { keyring: options.keyring }),
  };
}

/** The names of an argument: `-n client.x`, `--name client.x`, `--name=client.x`. */
const ARGUMENTS: Readonly<Record<string, 'conf' | 'name' | 'id' | 'cluster'>> = {
  '-c': 'conf',
  '--conf': 'conf',
  '-n': 'name',
  '--name': 'name',
  '--id': 'id',
  '--user': 'id',
  '--cluster': 'cluster',
};

/** A key of the user itself, instead of a keyring. */
const KEY = /--key[=\s]+(\S+)/g;

function parseCephArgs(text: string): CephPlaceOptions {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const found: { conf?: string; name?: string; cluster?: string } = {};
  for (const [, key] of text.matchAll(KEY)) new Secret(key); // hidden from now on; librados reads it
  for (let i = 0; i < words.length; i++) {
    const [flag, attached] = splitOnce(words[i]);
    const which = Object.hasOwn(ARGUMENTS, flag) ? ARGUMENTS[flag] : undefined;
    if (!which) continue;
    const value = attached ?? words[++i];
    if (value === undefined)
      throw cephFault('CEPH_BAD_CONFIG', `${flag} of CEPH_ARGS has no value`);
    if (which === 'id') found.name = `client.${value}`;
    else found[which] = value;
  }
  return found;
}

function splitOnce(word: string): readonly [string, string?] {
  const at = word.indexOf('=');
  return word.startsWith('--') && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word];
}
