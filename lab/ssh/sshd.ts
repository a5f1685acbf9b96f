/** One sshd of the lab within a network namespace, and the way to it from outside. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { command } from '../command.ts';
import type { LabRun } from '../system.ts';

export const SSHD = '/usr/sbin/sshd';
const SOCAT = '/usr/bin/socat';
const LOOKS = 600;
const LOOK_MS = 50;

/** Makes a key pair `folder/NAME`; does nothing when it is there. */
export async function makeKey(folder: string, name: string): Promise<boolean> {
  const path = join(folder, name);
  if (existsSync(path)) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return true;
}

/** Type and key of a pair, as authorized_keys and known_hosts write them. */
export function publicKey(folder: string, name: string): string {
  return readFileSync(join(folder, `${name}.pub`), 'utf8')
    .trim()
    .split(' ')
    .slice(0, 2)
    .join(' ');
}

/** `folder`: holds host_key and authorized_keys, as sshd sees it. */
export function sshdConfig(folder: string, port: number): string {
  return [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${folder}/host_key`,
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    `PidFile ${folder}/pid`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    'AllowStreamLocalForwarding yes',
    '',
  ].join('\n');
}

export interface Way {
  /** A process within the network namespace. */
  readonly holder: number;
  /** A unix socket that leads to port 22 within. */
  readonly door: string;
  /** A loopback port outside that leads to the door. */
  readonly port: number;
  /** Names of the two daemons. */
  readonly names: readonly [string, string];
}

/** Leads from a unix socket and from a loopback port to sshd; returns when it greets. */
export async function openWay(run: LabRun, { holder, door, port, names }: Way): Promise<void> {
  await run.daemon(names[0], SOCAT, [
    ...['nsenter', '--target', String(holder), '--net', '--', 'unshare', '--mount', '--', SOCAT],
    ...[`UNIX-LISTEN:${door},fork,unlink-early`, 'TCP:127.0.0.1:22'],
  ]);
  await run.daemon(names[1], SOCAT, [
    ...['unshare', '--mount', '--', SOCAT],
    ...[`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${door}`],
  ]);
}

/** Waits until sshd greets behind a door; returns the last thing it said. */
export async function greeted(door: string): Promise<string> {
  let said = '';
  for (let look = 0; look < LOOKS; look++) {
    said = await greeting(door);
    if (isGreeting(said)) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return said;
}

export const isGreeting = (said: string) => said.startsWith('SSH-2.0');

/** The first line that sshd says behind a door, or why it says none. */
export function greeting(door: string): Promise<string> {
  return new Promise((resolve) => {
    const client = createConnection(door);
    const end = (text: string) => {
      client.destroy();
      resolve(text);
    };
    client.setTimeout(2_000, () => end('no answer in 2 s'));
    client.once('data', (data) => end(data.toString().trim()));
    client.once('close', () => end('it hung up'));
    client.once('error', (cause) => end(cause.message));
  });
}

/** A port of the loopback interface that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
