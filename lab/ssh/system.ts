import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { buildArchive } from './archive.ts';
import {
  freePort,
  greeted,
  greeting,
  isGreeting,
  makeKey,
  openWay,
  publicKey,
  SSHD,
  sshdConfig,
} from './sshd.ts';

/** Two hosts: the second is reached through the first, as behind a bastion. */
export const SSH_HOSTS = ['lab-1', 'lab-2'] as const;

/** Two SSH servers on a copy-on-write view of this machine, so that tests may change their host. */
export const sshSystem: LabSystem = {
  name: 'ssh',
  describes: 'two sshd in namespaces of their own, on a copy-on-write root; one behind the other',
  packages: ['openssh-server', 'openssh-client', 'iproute2', 'socat'],

  async prepare(report: LabReport): Promise<void> {
    await report.part('ssh', 'keys', async () => {
      const made = [];
      for (const name of ['client', 'stranger', ...SSH_HOSTS])
        if (await makeKey(at('keys'), name)) made.push(name);
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
    await openWay(run, { holder, door: doorPath(), port, names: ['door', 'gate'] });
    const said = await greeted(doorPath());
    if (!isGreeting(said)) throw silent(said);
  },

  async probe(): Promise<Probe> {
    const said = await greeting(doorPath());
    return isGreeting(said)
      ? { ok: true, says: `${said} behind ${doorPath()}` }
      : { ok: false, why: said };
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

const key = (name: string) => publicKey(at('keys'), name);

/** Ports within the lab's own network namespace. */
const PORTS = { 'lab-1': 22, 'lab-2': 2222 } as const;

/** `port`: where the first host is reached from outside the namespace. */
function configure(port: number): void {
  for (const host of SSH_HOSTS) {
    mkdirSync(at('root', host), { recursive: true, mode: 0o755 });
    writeFileSync(at('root', host, 'authorized_keys'), `${key('client')}\n`, { mode: 0o600 });
    writeFileSync(at('root', host, 'host_key'), readFileSync(at('keys', host)), { mode: 0o600 });
    writeFileSync(at('root', host, 'sshd_config'), sshdConfig(inner(host), PORTS[host]));
  }
  writeFileSync(at('known_hosts'), knownHosts(port));
  writeFileSync(at('config'), clientConfig(port));
}

/** Both hosts by the names that the driver connects to. */
function knownHosts(port: number): string {
  return [`[127.0.0.1]:${port} ${key('lab-1')}`, `[127.0.0.1]:2222 ${key('lab-2')}`, ''].join('\n');
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

function silent(said: string): LabError {
  const advice = `Look into ${at('log')}.`;
  return new LabError('LAB_START_FAILED', `sshd does not answer: ${said}`, advice);
}
