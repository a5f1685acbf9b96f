/** The ways to libvirtd: a unix socket of this machine, or one of another machine through SSH. */
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { FaultError } from '../fault.ts';
import { resolveTarget, type SshConfigOptions, type SshTarget } from '../ssh/config.ts';
import { SshConnection } from '../ssh/connection.ts';
import { libvirtFault } from './faults.ts';
import type { LibvirtAddress, RemoteHost } from './uri.ts';

/** A way that is open. */
export interface Line {
  readonly stream: Duplex;
  /** Hangs up; resolves when no socket is left. */
  hangUp(): Promise<void>;
}

/**
 * Reaches libvirtd's socket. Throws `LIBVIRT_UNREACHABLE`, and for a remote host what SSH says, such
 * as `SSH_HOST_KEY_UNKNOWN` or `SSH_AUTH`.
 */
export function dial(
  address: LibvirtAddress,
  ssh: SshConfigOptions,
  connect_s: number,
  signal: AbortSignal,
): Promise<Line> {
  const { host, socket } = address;
  if (host === undefined) return dialHere(socket, connect_s, signal);
  return dialThere(sshTarget(host, ssh), socket, signal);
}

/** Where SSH finds a remote host: as `ssh` itself would, but for what the URI says. */
function sshTarget(host: RemoteHost, ssh: SshConfigOptions): SshTarget {
  return resolveTarget(host.alias, { ...ssh, keyFile: host.keyFile, knownHosts: host.knownHosts });
}

function dialHere(path: string, connect_s: number, signal: AbortSignal): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const closed = new Promise<void>((gone) => socket.once('close', () => gone()));
    const fail = (why: string) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(libvirtFault('LIBVIRT_UNREACHABLE', `${path}: ${why}`));
    };
    const abort = () => fail('given up');
    const timer = setTimeout(() => fail(`no answer in ${connect_s} s`), connect_s * 1000);
    signal.addEventListener('abort', abort);
    if (signal.aborted) return abort();
    socket.once('error', (cause) => fail(cause.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners('error');
      const hangUp = () => {
        socket.destroy();
        return closed;
      };
      resolve({ stream: socket, hangUp });
    });
  });
}

async function dialThere(target: SshTarget, path: string, signal: AbortSignal): Promise<Line> {
  const connection = await SshConnection.open(target, signal);
  try {
    const stream = await connection.socket(path);
    // A channel does not always hear that the connection under it is over.
    connection.ended.then(() => stream.destroy());
    return { stream, hangUp: () => connection.close() };
  } catch (cause) {
    await connection.close();
    const said = cause instanceof FaultError ? cause.fault.message : String(cause);
    throw libvirtFault('LIBVIRT_UNREACHABLE', `${path} on ${target.alias}: ${said}`);
  }
}
