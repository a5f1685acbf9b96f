import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { FaultError } from '../fault.ts';
import { Secret } from '../secret.ts';
import { ovsdbFault } from './faults.ts';
import { type Remote, remoteText } from './remote.ts';

/** The PEM files of a TLS client, by the names of the tools' options. */
export interface TlsFiles {
  readonly private_key?: string;
  readonly certificate?: string;
  readonly ca_cert?: string;
  /**
   * The name that the server's certificate must carry. Open vSwitch's own certificates carry no
   * host names and its tools look only at who signed them; so do we, unless this is given.
   */
  readonly server_name?: string;
}

interface TlsMaterial {
  readonly key?: Secret;
  readonly cert?: Buffer;
  readonly ca: Buffer;
}

/** Connects to a remote. Throws `OVSDB_UNREACHABLE`, `OVSDB_TLS_REJECTED`, `OVSDB_BAD_CREDENTIALS`. */
export async function dial(
  remote: Remote,
  tls: TlsFiles,
  connect_s: number,
  signal: AbortSignal,
): Promise<Socket> {
  if (remote.type === 'unix') {
    return opened(connect(remote.path), 'connect', remote, connect_s, signal);
  }
  const { host, port } = remote;
  if (remote.type === 'tcp') {
    return opened(connect({ host, port }), 'connect', remote, connect_s, signal);
  }
  const { key, cert, ca } = await material(tls);
  const { server_name } = tls;
  const socket = secured(remote, () =>
    connectTls({
      ...{ host, port, ca, cert, key: key?.reveal() },
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(server_name === undefined
        ? { checkServerIdentity: () => undefined }
        : { servername: server_name }),
    }),
  );
  return opened(socket, 'secureConnect', remote, connect_s, signal);
}

/** Whether an error of a socket is about certificates or the handshake. */
export function isTlsError(cause: NodeJS.ErrnoException): boolean {
  return /CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_|ERR_SSL|ERR_OSSL/.test(cause.code ?? '');
}

function secured(remote: Remote, make: () => Socket): Socket {
  try {
    return make();
  } catch (cause) {
    // OpenSSL's words about a key or a certificate that does not parse; they quote nothing of it.
    throw ovsdbFault('OVSDB_BAD_CREDENTIALS', `${remoteText(remote)}: ${messageOf(cause)}`);
  }
}

async function material(tls: TlsFiles): Promise<TlsMaterial> {
  if (tls.ca_cert === undefined) {
    throw ovsdbFault('OVSDB_BAD_CREDENTIALS', 'no CA certificate is named');
  }
  const [ca, cert, key] = await Promise.all([
    file(tls.ca_cert),
    tls.certificate === undefined ? undefined : file(tls.certificate),
    tls.private_key === undefined ? undefined : file(tls.private_key),
  ]);
  return { ca, cert, key: key && new Secret(key.toString('utf8')) };
}

async function file(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw ovsdbFault('OVSDB_BAD_CREDENTIALS', messageOf(cause));
  }
}

function opened(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  remote: Remote,
  connect_s: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.off('error', failed);
    };
    const fail = (fault: FaultError) => {
      stop();
      socket.on('error', () => {}); // whatever it still says, it is over
      socket.destroy();
      reject(fault);
    };
    const unreachable = (why: string) =>
      fail(ovsdbFault('OVSDB_UNREACHABLE', `${remoteText(remote)}: ${why}`));
    const failed = (cause: NodeJS.ErrnoException) => {
      if (!isTlsError(cause)) return unreachable(cause.message);
      const upstream = { upstream: cause.code };
      fail(ovsdbFault('OVSDB_TLS_REJECTED', `${remoteText(remote)}: ${cause.message}`, upstream));
    };
    const abort = () => unreachable('given up');
    const timer = setTimeout(() => unreachable(`no answer in ${connect_s} s`), connect_s * 1000);
    signal.addEventListener('abort', abort);
    socket.on('error', failed);
    socket.once(event, () => {
      stop();
      resolve(socket);
    });
    if (signal.aborted) abort();
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
