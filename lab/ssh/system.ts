import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { buildArchive } from './archive.ts';

const SSHD = '/usr/sbin/sshd';
const SOCAT = '/usr/bin/socat';
/** Two hosts: the second is reached through the first, as behind a bastion. */
export const SSH_HOSTS = ['lab-1', 'lab-2'] as const;
const SOCKET_LOOKS = 100;
const SOCKET_LOOK_MS = 50;

/** Two SSH servers on a copy-on-write view of this machine, so that tests may change their host. */
export const sshSystem: LabSystem = {
  name: 'ssh',
  describes: 'two sshd in namespaces of their own, on a copy-on-write root; one behind the other',
  packages: ['openssh-server', 'openssh-client', 'iproute2', 'socat'],

  async prepare(report: LabReport): Promise<void> {
    await report.part('ssh', 'keys', async () => {
      const made = [];
      for (const name of ['client', 'stranger', ...SSH_HOSTS])
        if (await makeKey(name)) made.push(name);
      return made.length > 0 ? `made for ${made.join(', ')}` : 'all there';
    });
  },

  async start(run: LabRun): Promise<void> {
    await buildArchive(at('root', 'archive'));
    const [first, second] = SSH_HOSTS;
    const port = await freePort();
    configure(port);
    const holder = await run.daemon(first, SSHD, [
      ...['unshare', '--mount', '--net', '--uts', '--'],
      ...['/bin/sh', '-c', rootScript(first)],
    ]);
    await run.daemon(second, SSHD, [
      ...['nsenter', '--target', String(holder), '--mount', '--net', '--root', '--wd', '--'],
      ...[SSHD, '-D', '-e', '-f', `${inner(second)}/sshd_config`],
    ]);
    // From outside the network namespace: a unix socket that leads to the first one's port.
    await run.daemon('door', SOCAT, [
      ...['nsenter', '--target', String(holder), '--net', '--', 'unshare', '--mount', '--', SOCAT],
      ...[`UNIX-LISTEN:${doorPath()},fork,unlink-early`, 'TCP:127.0.0.1:22'],
    ]);
    await run.daemon('gate', SOCAT, [
      ...['unshare', '--mount', '--', SOCAT],
      ...[`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, `UNIX-CONNECT:${doorPath()}`],
    ]);
    await answering();
  },

  async probe(): Promise<Probe> {
    const banner = await greeting();
    return banner.startsWith('SSH-2.0')
      ? { ok: true, says: `${banner.trim()} behind ${doorPath()}` }
      : { ok: false, why: banner };
  },

  endpoint(): Readonly<Record<string, string>> {
    return { config: at('config'), hosts: SSH_HOSTS.join(',') };
  },

  example(): string {
    return `npx strata doctor --driver "ssh:hosts=${SSH_HOSTS[0]},config=${at('config')}"`;
  },
};

const at = (...names: readonly string[]) => join(systemFolder('ssh'), ...names);

/** The unix socket that leads to the first host's port. */
export const doorPath = () => at('door');

/** Where the folder is seen within the copy-on-write root. */
const inner = (host: string) => `/strata-lab/${host}`;

async function makeKey(name: string): Promise<boolean> {
  const folder = at('keys');
  const path = join(folder, name);
  if (existsSync(path)) return false;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await command('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  return true;
}

const publicKey = (name: string) =>
  readFileSync(at('keys', `${name}.pub`), 'utf8')
    .trim()
    .split(' ')
    .slice(0, 2)
    .join(' ');

/** Ports within the lab's own network namespace. */
const PORTS = { 'lab-1': 22, 'lab-2': 2222 } as const;

/** A port of the loopback interface that nobody uses now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** `port`: where the first host is reached from outside the namespace. */
function configure(port: number): void {
  for (const host of SSH_HOSTS) {
    mkdirSync(at('root', host), { recursive: true, mode: 0o755 });
    writeFileSync(at('root', host, 'authorized_keys'), `${publicKey('client')}\n`, { mode: 0o600 });
    writeFileSync(at('root', host, 'host_key'), readFileSync(at('keys', host)), { mode: 0o600 });
    writeFileSync(at('root', host, 'sshd_config'), sshdConfig(host));
  }
  writeFileSync(at('known_hosts'), knownHosts(port));
  writeFileSync(at('config'), clientConfig(port));
}

function sshdConfig(host: keyof typeof PORTS): string {
  const folder = inner(host);
  return [
    `ListenAddress 127.0.0.1:${PORTS[host]}`,
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

/** Both hosts by the names that the driver connects to. */
function knownHosts(port: number): string {
  return [
    `[127.0.0.1]:${port} ${publicKey('lab-1')}`,
    `[127.0.0.1]:2222 ${publicKey('lab-2')}`,
    '',
  ].join('\n');
}

function clientConfig(port: number): string {
  return [
    'Host lab-1',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    'Host lab-2',
    '  HostName 127.0.0.1',
    '  Port 2222',
    '  ProxyJump lab-1',
    'Host *',
    '  User root',
    `  IdentityFile ${at('keys', 'client')}`,
    '  IdentityAgent none',
    `  UserKnownHostsFile ${at('known_hosts')}`,
    '  GlobalKnownHostsFile /dev/null',
    '  ConnectTimeout 10',
    '',
  ].join('\n');
}

/**
 * Makes a root that shows this machine and keeps its changes in memory, and becomes sshd in it. The
 * kernel's file systems are shared; what is written elsewhere is gone when the lab goes down.
 */
function rootScript(host: string): string {
  const merged = quoted(at('merged'));
  const upper = quoted(at('upper'));
  return [
    'set -e',
    `hostname ${host}`,
    'ip link set lo up',
    `mkdir -p ${merged} ${upper}`,
    `mount -t tmpfs -o size=512m tmpfs ${upper}`,
    `mkdir ${['data', 'work', 'dpkg', 'apt', 'cache'].map((name) => `${upper}/${name}`).join(' ')}`,
    `mount -t overlay -o lowerdir=/,upperdir=${upper}/data,workdir=${upper}/work overlay ${merged}`,
    ...['proc', 'sys', 'dev'].map((name) => `mount --rbind /${name} ${merged}/${name}`),
    `mkdir -p ${merged}/strata-lab ${merged}/run/sshd`,
    `mount --bind ${quoted(at('root'))} ${merged}/strata-lab`,
    ...ownPackages(upper, merged),
    // There is no network: the only archive is the lab's own.
    `rm -f ${merged}/etc/apt/sources.list.d/*`,
    `echo 'deb [trusted=yes] file:/strata-lab/archive ./' > ${merged}/etc/apt/sources.list`,
    `chroot ${merged} apt-get -qq update`,
    `exec chroot ${merged} ${SSHD} -D -e -f ${inner(host)}/sshd_config`,
  ].join('\n');
}

/**
 * What dpkg and apt know is the root's own: a view would follow what is installed on this machine
 * meanwhile, under the hands of an apt at work. Without the machine's lists apt is also quick.
 */
function ownPackages(upper: string, merged: string): readonly string[] {
  return [
    `cp -a /var/lib/dpkg/. ${upper}/dpkg`,
    // Left by a dpkg that was at work.
    `rm -rf ${upper}/dpkg/updates`,
    `mkdir -p ${upper}/dpkg/updates ${upper}/apt/lists/partial ${upper}/cache/archives/partial`,
    `mount --bind ${upper}/dpkg ${merged}/var/lib/dpkg`,
    `mount --bind ${upper}/apt ${merged}/var/lib/apt`,
    `mount --bind ${upper}/cache ${merged}/var/cache/apt`,
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function answering(): Promise<void> {
  let said = '';
  for (let look = 0; look < SOCKET_LOOKS; look++) {
    said = await greeting();
    if (said.startsWith('SSH-2.0')) return;
    await new Promise((resolve) => setTimeout(resolve, SOCKET_LOOK_MS));
  }
  throw new LabError(
    'LAB_START_FAILED',
    `sshd does not answer: ${said}`,
    `Look into ${at('log')}.`,
  );
}

/** The first line that the first host says, or why it says none. */
function greeting(): Promise<string> {
  return new Promise((resolve) => {
    const client = createConnection(doorPath());
    const end = (text: string) => {
      client.destroy();
      resolve(text);
    };
    client.setTimeout(2_000, () => end('no answer in 2 s'));
    client.once('data', (data) => end(data.toString()));
    client.once('close', () => end('it hung up'));
    client.once('error', (cause) => end(cause.message));
  });
}
