import { libvirtFault } from './faults.ts';

/** Where to connect, and what to ask libvirtd for. */
export interface LibvirtAddress {
  /** The machine that libvirtd's socket is on; undefined for this one. */
  readonly host: RemoteHost | undefined;
  /** Path of libvirtd's unix socket. */
  readonly socket: string;
  /** The URI that libvirtd itself understands, such as `qemu:///system`. */
  readonly name: string;
}

/** A machine reached by SSH. What the URI does not say is taken from SSH's own configuration. */
export interface RemoteHost {
  /** `USER@HOST:PORT`, or an alias of ~/.ssh/config. */
  readonly alias: string;
  /** Private key that is used instead of the configured ones. */
  readonly keyFile: string | undefined;
  readonly knownHosts: string | undefined;
}

/** The URI to use when none is given: libvirt's own variable, else the system's QEMU. */
export function defaultLibvirtUri(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return environment['LIBVIRT_DEFAULT_URI'] || 'qemu:///system';
}

/** Where libvirtd of the system listens unless the URI says otherwise. */
const SYSTEM_SOCKET = '/run/libvirt/libvirt-sock';
/** The same on a machine that may be older than /run; libvirt looks there over netcat, too. */
const REMOTE_SYSTEM_SOCKET = '/var/run/libvirt/libvirt-sock';
/** The kernel's limit for a unix socket's path (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
const TRANSPORTS = ['unix', 'ssh', 'libssh', 'libssh2'];

/**
 * Reads a libvirt connection URI: `DRIVER:///PATH`, `DRIVER+unix:///PATH?socket=FILE` and
 * `DRIVER+ssh://[USER@]HOST[:PORT]/PATH`, of whose parameters `socket`, `keyfile` and `known_hosts`
 * count. Throws `LIBVIRT_BAD_URI`. See https://libvirt.org/uri.html.
 */
export function parseLibvirtUri(uri: string): LibvirtAddress {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw libvirtFault('LIBVIRT_BAD_URI', `"${uri}" is no URI`);
  }
  const [driver, transport = url.host === '' ? 'unix' : 'tls'] = url.protocol
    .slice(0, -1)
    .split('+');
  // Not the whole URI: it may hold a user's name and password.
  if (!TRANSPORTS.includes(transport)) {
    throw libvirtFault('LIBVIRT_BAD_URI', `transport ${transport} is not one of ${TRANSPORTS}`);
  }
  if ((transport === 'unix') !== (url.host === '')) {
    throw libvirtFault('LIBVIRT_BAD_URI', `${url.protocol} with${url.host ? '' : 'out'} a host`);
  }
  const host = transport === 'unix' ? undefined : remoteHost(url);
  const socket = url.searchParams.get('socket') ?? defaultSocket(url.pathname, host);
  if (!socket.startsWith('/') || Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
    throw libvirtFault(
      'LIBVIRT_BAD_URI',
      `socket "${socket}" must be an absolute path of at most ${SOCKET_PATH_BYTES_MAX} bytes`,
    );
  }
  return { host, socket, name: `${driver}://${url.pathname}` };
}

function remoteHost(url: URL): RemoteHost {
  if (url.password !== '') {
    throw libvirtFault('LIBVIRT_BAD_URI', 'a password in a URI is seen by everybody: use a key');
  }
  const given = (name: string) => url.searchParams.get(name) ?? undefined;
  const verify = given('known_hosts_verify');
  const isBlind = (given('no_verify') ?? '0') !== '0' || verify === 'ignore' || verify === 'auto';
  if (isBlind) throw libvirtFault('LIBVIRT_BAD_URI', 'the keys of hosts are always checked');
  const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
  const alias = `${user}${url.host}`;
  return { alias, keyFile: given('keyfile'), knownHosts: given('known_hosts') };
}

function defaultSocket(path: string, host: RemoteHost | undefined): string {
  if (path !== '/session') return host === undefined ? SYSTEM_SOCKET : REMOTE_SYSTEM_SOCKET;
  if (host !== undefined) {
    throw libvirtFault('LIBVIRT_BAD_URI', `a session of ${host.alias} needs ?socket=FILE`);
  }
  const folder = process.env['XDG_RUNTIME_DIR'];
  return folder ? `${folder}/libvirt/libvirt-sock` : SYSTEM_SOCKET;
}
