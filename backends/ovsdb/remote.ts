import { ovsdbFault } from './faults.ts';

/** Where a database is served, as Open vSwitch's own tools write it (ovsdb(7), connection methods). */
export type Remote =
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'tcp' | 'ssl'; readonly host: string; readonly port: number };

/** The port that IANA assigned to OVSDB, taken when a remote names none. */
const DEFAULT_PORT = 6640;
const NETWORK = /^(tcp|ssl):(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/;

/** Reads `unix:/run/ovn/ovnnb_db.sock` or `ssl:10.0.0.1:6641,ssl:10.0.0.2:6641`. */
export function parseRemotes(text: string): readonly Remote[] {
  return text.split(',').map((each) => parseRemote(each.trim()));
}

function parseRemote(text: string): Remote {
  if (text.startsWith('unix:') && text.length > 5) return { type: 'unix', path: text.slice(5) };
  const [, type, bracketed, plain, digits] = NETWORK.exec(text) ?? [];
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  const host = bracketed ?? plain;
  if (host === undefined || port < 1 || port > 65_535) {
    throw ovsdbFault('OVSDB_BAD_REMOTE', `"${text}"`);
  }
  return { type: type as 'tcp' | 'ssl', host, port };
}

/** The remote as it is written. */
export function remoteText(remote: Remote): string {
  if (remote.type === 'unix') return `unix:${remote.path}`;
  const host = remote.host.includes(':') ? `[${remote.host}]` : remote.host;
  return `${remote.type}:${host}:${remote.port}`;
}
