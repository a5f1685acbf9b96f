import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, systemFolder, writeJson } from '../folder.ts';
import type { LabRun } from '../system.ts';
import type { Acceleration } from './acceleration.ts';

/**
 * The hypervisors of the lab: two, so that a guest can migrate from one to the other. libvirtd looks
 * its own name up now and then, and no name server can be reached from inside.
 */
export const HYPERVISORS = ['strata-lab-1', 'strata-lab-2'] as const;
export type HypervisorName = (typeof HYPERVISORS)[number];

const VIRTLOGD = '/usr/sbin/virtlogd';
const LIBVIRTD = '/usr/sbin/libvirtd';

/** The folders of one isolated hypervisor; each is bound over libvirt's fixed place for it. */
export interface HypervisorPaths {
  readonly run: string;
  readonly lib: string;
  readonly cache: string;
  readonly log: string;
  readonly etc: string;
  readonly console: string;
  readonly socket: string;
}

export function hypervisorPaths(host: HypervisorName = HYPERVISORS[0]): HypervisorPaths {
  const at = (name: string) => join(systemFolder('libvirt'), host.slice(-1), name);
  return {
    run: at('run'),
    lib: at('lib'),
    cache: at('cache'),
    log: at('log'),
    etc: at('etc'),
    console: at('console'),
    socket: join(at('run'), 'libvirt-sock'),
  };
}

/** Starts virtlogd, which owns the namespaces, and libvirtd within them; returns libvirtd's pid. */
export async function startDaemons(
  run: LabRun,
  host: HypervisorName,
  acceleration: Acceleration,
): Promise<number> {
  const paths = hypervisorPaths(host);
  configure(paths, host);
  // What libvirtd remembers of its emulator may be from before KVM was hidden, or shown again.
  rmSync(paths.cache, { recursive: true, force: true });
  mkdirSync(paths.cache);
  const holder = await run.daemon(daemonName('virtlogd', host), VIRTLOGD, [
    ...['unshare', '--mount', '--net', '--uts', '--'],
    ...['/bin/sh', '-c', namespaceScript(paths, host, acceleration)],
  ]);
  return startLibvirtd(run, holder, host);
}

/** Starts libvirtd in the namespaces of `holder`; also used to start it again after a kill. */
export function startLibvirtd(
  run: LabRun,
  holder: number,
  host: HypervisorName = HYPERVISORS[0],
): Promise<number> {
  return run.daemon(daemonName('libvirtd', host), LIBVIRTD, [
    ...['nsenter', '--target', String(holder), '--mount', '--net', '--uts', '--'],
    ...[LIBVIRTD, '--config', '/etc/libvirt/libvirtd.conf'],
    ...['--pid-file', '/run/libvirt/libvirtd.pid'],
  ]);
}

/** As `lab:status` shows it, such as `libvirtd` and `libvirtd-2`. */
export function daemonName(program: string, host: HypervisorName): string {
  return host === HYPERVISORS[0] ? program : `${program}-${host.slice(-1)}`;
}

function configure(paths: HypervisorPaths, host: HypervisorName): void {
  const folders = [paths.run, paths.lib, paths.cache, paths.log, paths.etc, paths.console];
  const inner = ['images', 'qemu', 'boot'].map((name) => join(paths.lib, name));
  for (const folder of [
    ...folders,
    ...inner,
    join(paths.log, 'qemu'),
    join(paths.etc, 'qemu/networks'),
  ]) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  }
  writeFileSync(join(paths.etc, 'libvirtd.conf'), libvirtdConf(hostUuid(host)));
  writeFileSync(join(paths.etc, 'qemu.conf'), QEMU_CONF);
  writeFileSync(join(paths.etc, 'virtlogd.conf'), '');
  writeFileSync(join(paths.etc, 'nothing'), '');
  writeFileSync(join(paths.etc, 'hosts'), `127.0.0.1 localhost ${host}\n`);
  for (const [name, line] of Object.entries(ACCOUNTS)) {
    const own = readFileSync(`/etc/${name}`, 'utf8').trimEnd();
    writeFileSync(join(paths.etc, name), `${own}\n${line}\n`);
  }
}

/**
 * libvirtd does not start unless Debian's account for QEMU exists, though `QEMU_CONF` uses root;
 * it comes with libvirt-daemon-system, which wants systemd. So it exists in the namespace only.
 */
const ACCOUNTS = {
  passwd: 'libvirt-qemu:x:64055:64055:QEMU:/nonexistent:/usr/sbin/nologin',
  group: 'libvirt-qemu:x:64055:',
};

function libvirtdConf(uuid: string): string {
  return `host_uuid = "${uuid}"\nauth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n`;
}

/** No cgroups, no namespaces of libvirt's own and no security labels: a container offers none. */
const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
dynamic_ownership = 0
cgroup_controllers = [ ]
namespaces = [ ]
`;

/** A hypervisor keeps its identity over restarts: managed saves and migration depend on it. */
function hostUuid(host: HypervisorName): string {
  const file = join(systemFolder('libvirt'), `${host}.json`);
  const known = readJson<{ uuid: string }>(file);
  if (known) return known.uuid;
  const uuid = randomUUID();
  writeJson(file, { uuid });
  return uuid;
}

/**
 * Runs in the new namespaces and becomes virtlogd. libvirtd asks every emulator it finds what it
 * can do, which takes most of a minute on its first start, so all but the one in use are hidden.
 * So is a /dev/kvm that does not work: libvirt would offer it, and guests would hang.
 */
function namespaceScript(
  paths: HypervisorPaths,
  host: HypervisorName,
  acceleration: Acceleration,
): string {
  const binds = [
    [paths.run, '/run/libvirt'],
    [paths.lib, '/var/lib/libvirt'],
    [paths.log, '/var/log/libvirt'],
    [paths.cache, '/var/cache/libvirt'],
    [paths.etc, '/etc/libvirt'],
  ];
  const noKvm = acceleration === 'qemu' && existsSync('/dev/kvm');
  const nothing = quoted(join(paths.etc, 'nothing'));
  return [
    'set -e',
    `hostname ${host}`,
    'ip link set lo up',
    ...[...Object.keys(ACCOUNTS), 'hosts'].map(
      (name) => `mount --bind ${quoted(join(paths.etc, name))} /etc/${name}`,
    ),
    ...binds.map(([, target]) => `mkdir -p ${target}`),
    ...binds.map(([source, target]) => `mount --bind ${quoted(source)} ${target}`),
    ...otherEmulators().map((path) => `mount --bind /dev/null ${quoted(path)}`),
    // libvirt asks whether it may write to it; root is refused only by a read-only file.
    ...(noKvm ? [`mount --bind ${nothing} /dev/kvm`, 'mount -o remount,bind,ro /dev/kvm'] : []),
    `exec ${VIRTLOGD} --config /etc/libvirt/virtlogd.conf --pid-file /run/libvirt/virtlogd.pid`,
  ].join('\n');
}

function otherEmulators(): readonly string[] {
  if (!existsSync('/usr/bin/qemu-system-x86_64')) return [];
  return readdirSync('/usr/bin')
    .filter((name) => name.startsWith('qemu-system-') && name !== 'qemu-system-x86_64')
    .map((name) => `/usr/bin/${name}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
