/** Where a host is and how to sign in, from the places where OpenSSH itself looks. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import SSHConfig from 'ssh-config';
import { Secret } from '../secret.ts';
import { sshFault } from './faults.ts';

export interface SshTarget {
  /** As in the scenario: an alias of ~/.ssh/config, or an address. */
  readonly alias: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Private keys, in the order in which they are tried. */
  readonly keys: readonly Secret[];
  /** Socket of the agent; undefined without one. */
  readonly agent: string | undefined;
  readonly knownHosts: readonly string[];
  readonly connect_s: number;
  /** Hosts to go through, the nearest first. */
  readonly jumps: readonly SshTarget[];
}

export interface SshConfigOptions {
  /** Path of the configuration file; default ~/.ssh/config. */
  readonly config?: string;
  /** A private key, and a file of known hosts, that count instead of the configured ones. */
  readonly keyFile?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

const CONNECT_S = 10;
const JUMPS_MAX = 8;
const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const DEFAULT_KNOWN_HOSTS = ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'];
const SYSTEM_KNOWN_HOSTS = '/etc/ssh/ssh_known_hosts';

/** `USER@HOST:PORT`; an IPv6 address stands in brackets when a port follows. */
const HOST = /^(?:([^@]+)@)?(?:(\[[^\]]+\]|[^:]+)(?::(\d+))?|([^[]*:.*:.*))$/;

type Computed = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Reads what is needed to reach a host. Throws `SSH_BAD_CONFIG`. */
export function resolveTarget(alias: string, options: SshConfigOptions = {}): SshTarget {
  const path = options.config ?? join(homedir(), '.ssh', 'config');
  const parsed = parse(path, options.config !== undefined);
  const target = targetOf(alias, parsed, options.env ?? process.env, 0);
  const { keyFile, knownHosts } = options;
  return {
    ...target,
    ...(keyFile === undefined ? {} : { keys: [new Secret(readText(expanded(keyFile)))] }),
    ...(knownHosts === undefined ? {} : { knownHosts: [existing(expanded(knownHosts))] }),
  };
}

function parse(path: string, mustExist: boolean): SSHConfig {
  if (!existsSync(path)) {
    if (mustExist) throw sshFault('SSH_BAD_CONFIG', `${path} does not exist`);
    return SSHConfig.parse('');
  }
  const text = readText(path);
  try {
    return SSHConfig.parse(text);
  } catch (cause) {
    throw sshFault('SSH_BAD_CONFIG', `${path}: ${(cause as Error).message}`);
  }
}

function targetOf(
  alias: string,
  config: SSHConfig,
  env: NodeJS.ProcessEnv,
  depth: number,
): SshTarget {
  const [, user, named, port, bare] = HOST.exec(alias) ?? [];
  const name = named ?? bare;
  if (name === undefined) throw sshFault('SSH_BAD_CONFIG', `"${alias}" is no host`);
  const own = config.compute(name, { ignoreCase: true }) as Computed;
  const one = (key: string) =>
    (Array.isArray(own[key]) ? own[key][0] : own[key]) as string | undefined;
  if (one('stricthostkeychecking') === 'no') {
    throw sshFault('SSH_BAD_CONFIG', `${alias}: StrictHostKeyChecking no; keys are always checked`);
  }
  const agent = one('identityagent') ?? env['SSH_AUTH_SOCK'];
  return {
    alias,
    host: withoutBrackets((one('hostname') ?? name).replaceAll('%h', name)),
    port: portOf(port ?? one('port'), alias),
    user: user ?? one('user') ?? userInfo().username,
    keys: keysOf(own),
    agent: agent === 'none' || agent === '' ? undefined : agent && expanded(agent),
    knownHosts: knownHostsOf(one('userknownhostsfile'), one('globalknownhostsfile')),
    connect_s: Number(one('connecttimeout') ?? CONNECT_S) || CONNECT_S,
    jumps: jumpsOf(one('proxyjump'), config, env, depth),
  };
}

function portOf(text: string | undefined, alias: string): number {
  const port = Number(text ?? 22);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw sshFault('SSH_BAD_CONFIG', `${alias}: "${text}" is no port`);
}

function keysOf(own: Computed): readonly Secret[] {
  const written = own['identityfile'];
  const files =
    written === undefined
      ? DEFAULT_KEYS.map((name) => join(homedir(), '.ssh', name))
      : [written].flat().map((path) => expanded(String(path)));
  return files.filter((path) => existsSync(path)).map((path) => new Secret(readText(path)));
}

function knownHostsOf(user: string | undefined, global: string | undefined): readonly string[] {
  const own = user?.split(/\s+/) ?? DEFAULT_KNOWN_HOSTS;
  return [...own, ...(global?.split(/\s+/) ?? [SYSTEM_KNOWN_HOSTS])]
    .map(expanded)
    .filter((path) => existsSync(path));
}

function jumpsOf(
  written: string | undefined,
  config: SSHConfig,
  env: NodeJS.ProcessEnv,
  depth: number,
): readonly SshTarget[] {
  if (written === undefined || written === 'none') return [];
  if (depth >= JUMPS_MAX) throw sshFault('SSH_BAD_CONFIG', 'ProxyJump leads back to itself');
  // A jump host's own ProxyJump counts for the first of them, as in OpenSSH.
  return written.split(',').flatMap((alias, i) => {
    const jump = targetOf(alias.trim(), config, env, depth + 1);
    return i === 0 ? [...jump.jumps, { ...jump, jumps: [] }] : [{ ...jump, jumps: [] }];
  });
}

function expanded(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function existing(path: string): string {
  if (existsSync(path)) return path;
  throw sshFault('SSH_BAD_CONFIG', `${path} does not exist`);
}

/** A file of the configuration. Throws `SSH_BAD_CONFIG`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw sshFault('SSH_BAD_CONFIG', (cause as Error).message);
  }
}
