import { libvirtFault } from './faults.ts';

/** Where to connect, and what to ask libvirtd for. */
export interface LibvirtAddress {
  /** Path of libvirtd's unix socket. */
  readonly socket: string;
  /** The URI that libvirtd itself understands, such as `qemu:///system`. */
  readonly name: string;
}

/** The URI to use when none is given: libvirt's own variable, else the system's QEMU. */
export function defaultLibvirtUri(
  environment: Readonly<Record<string, string | undefined>>,
): string {
  return environment['LIBVIRT_DEFAULT_URI'] || 'qemu:///system';
}

/** Where libvirtd of the system listens unless the URI says otherwise. */
const SYSTEM_SOCKET = '/run/libvirt/libvirt-sock';
/** The kernel's limit for a unix socket's path (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Reads a libvirt connection URI: `DRIVER:///PATH` and `DRIVER+unix:///PATH?socket=FILE`. Throws
 * `LIBVIRT_BAD_URI`. A remote host is reached through a forwarded socket (`ssh -L`), named here.
 */
export function parseLibvirtUri(uri: string): LibvirtAddress {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    throw libvirtFault('LIBVIRT_BAD_URI', `"${uri}" is no URI`);
  }
  const [driver, transport = 'unix'] = url.protocol.slice(0, -1).split('+');
  if (transport !== 'unix' || url.host !== '') {
    // Not the whole URI: it may hold a user's name and password.
    throw libvirtFault('LIBVIRT_BAD_URI', `${url.protocol} with a host is no unix socket`);
  }
  const socket = url.searchParams.get('socket') ?? defaultSocket(url.pathname);
  if (!socket.startsWith('/') || Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
    throw libvirtFault(
      'LIBVIRT_BAD_URI',
      `socket "${socket}" must be an absolute path of at most ${SOCKET_PATH_BYTES_MAX} bytes`,
    );
  }
  return { socket, name: `${driver}://${url.pathname}` };
}

function defaultSocket(path: string): string {
  const folder = process.env['XDG_RUNTIME_DIR'];
  return path === '/session' && folder ? `${folder}/libvirt/libvirt-sock` : SYSTEM_SOCKET;
}
