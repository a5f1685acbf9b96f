/**
 * One real compute host: nova's libvirt driver, QEMU without hardware help, Open vSwitch with its
 * userspace datapath, and ovn-controller. Its guests boot the tiny Linux of the libvirt lab.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenstackSession } from '../../backends/openstack/session.ts';
import { command } from '../command.ts';
import { buildGuest } from '../libvirt/guest.ts';
import { ensureImage, ensureZone } from './bootstrap.ts';
import { iniText, type Sections } from './ini.ts';
import type { Namespace } from './namespace.ts';
import { INNER_PORTS, type StackPaths, stackAddress } from './paths.ts';

export const REAL_HOST = 'lv1';
/** The availability zone that only it is in. */
export const REAL_ZONE = 'qemu';
export const REAL_IMAGE = 'tiny-linux';

/** Packages that it needs besides those of the cloud. */
export const REAL_HOST_PACKAGES = [
  ...['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'python3-libvirt', 'qemu-system-x86'],
  ...['qemu-utils', 'openvswitch-switch', 'ovn-host', 'cpio'],
] as const;

const LIBVIRTD = '/usr/sbin/libvirtd';
/** How long nova waits for a guest to hear the power button. */
const SHUTDOWN_TIMEOUT_S = 15;

/** Starts its daemons; nova-compute then registers by itself. */
export async function startRealHost(namespace: Namespace, paths: StackPaths): Promise<void> {
  await startOpenvswitch(namespace, paths);
  await startLibvirtd(namespace, paths);
  const config = join(paths.etc, `compute-${REAL_HOST}.conf`);
  writeFileSync(config, iniText(novaConfig(paths)), { mode: 0o600 });
  mkdirSync(join(paths.var, `nova-${REAL_HOST}/instances`), { recursive: true });
  await namespace.daemon(`nova-compute-${REAL_HOST}`, '/usr/bin/python3', [
    '/usr/bin/nova-compute',
    ...['--config-file', join(paths.etc, 'nova.conf'), '--config-file', config],
  ]);
}

/** The zone of the host, and an image that boots the tiny guest. Called once the host is known. */
export async function seedRealHost(session: OpenstackSession, paths: StackPaths): Promise<void> {
  const { files } = await buildGuest();
  const kernel_id = await ensureImage(session, `${REAL_IMAGE}-kernel`, readFileSync(files.kernel), {
    ...{ disk_format: 'aki', container_format: 'aki' },
  });
  const ramdisk_id = await ensureImage(
    session,
    `${REAL_IMAGE}-ramdisk`,
    readFileSync(files.initrd),
    { disk_format: 'ari', container_format: 'ari' },
  );
  // The guest lives in its memory; nova wants a disk all the same.
  const disk = join(paths.run, 'disk.raw');
  await command('qemu-img', ['create', '-f', 'raw', disk, '1M']);
  await ensureImage(session, REAL_IMAGE, readFileSync(disk), {
    ...{ disk_format: 'raw', container_format: 'bare', kernel_id, ramdisk_id },
    os_command_line: files.cmdline,
    hw_disk_bus: 'ide',
  });
  await ensureZone(session, REAL_ZONE, REAL_HOST);
}

async function startOpenvswitch(namespace: Namespace, paths: StackPaths): Promise<void> {
  const socket = '/run/openvswitch/db.sock';
  const database = join(paths.run, 'ovs/conf.db');
  if (!existsSync(database)) {
    const schema = '/usr/share/openvswitch/vswitch.ovsschema';
    await command('ovsdb-tool', ['create', database, schema]);
  }
  await namespace.daemon('ovsdb-lv1', 'ovsdb-server', [
    ...['ovsdb-server', database, `--remote=punix:${socket}`],
    `--remote=ptcp:${INNER_PORTS.switch}:${stackAddress()}`,
    '--unixctl=/run/openvswitch/ovsdb.ctl',
  ]);
  await namespace.listening(INNER_PORTS.switch);
  const settings = Object.entries({
    'system-id': REAL_HOST,
    hostname: REAL_HOST,
    'ovn-remote': `tcp:${stackAddress()}:${INNER_PORTS.southbound}`,
    'ovn-encap-type': 'geneve',
    'ovn-encap-ip': stackAddress(),
    'ovn-bridge-datapath-type': 'netdev',
    'ovn-bridge': 'br-int',
  }).map(([name, value]) => `external_ids:${name}=${JSON.stringify(value)}`);
  const vsctl = ['--no-wait', `--db=unix:${socket}`];
  await namespace.run('ovs-vsctl', [...vsctl, 'init']);
  await namespace.run('ovs-vsctl', [...vsctl, 'set', 'Open_vSwitch', '.', ...settings]);
  await namespace.daemon('vswitchd-lv1', 'ovs-vswitchd', [
    ...['ovs-vswitchd', `unix:${socket}`, '--disable-system'],
    '--unixctl=/run/openvswitch/vswitchd.ctl',
  ]);
  await namespace.daemon(
    'ovn-controller-lv1',
    'ovn-controller',
    ['ovn-controller', `unix:${socket}`],
    { OVN_RUNDIR: '/run/openvswitch', OVS_RUNDIR: '/run/openvswitch' },
  );
}

async function startLibvirtd(namespace: Namespace, paths: StackPaths): Promise<void> {
  const etc = join(paths.run, 'libvirt-etc');
  writeFileSync(join(etc, 'libvirtd.conf'), LIBVIRTD_CONF);
  writeFileSync(join(etc, 'qemu.conf'), QEMU_CONF);
  for (const folder of ['libvirt-lib/qemu', 'libvirt-log/qemu']) {
    mkdirSync(join(paths.run, folder), { recursive: true });
  }
  // libvirtd asks every emulator what it can do, which takes most of a minute: one is enough.
  const hidden = readdirSync('/usr/bin')
    .filter((name) => name.startsWith('qemu-system-') && name !== 'qemu-system-x86_64')
    .map((name) => `mount --bind /dev/null '/usr/bin/${name}'`);
  await namespace.run('/bin/sh', ['-c', ['set -e', ...hidden].join('\n')]);
  await namespace.daemon('libvirtd-lv1', LIBVIRTD, [
    ...[LIBVIRTD, '--config', '/etc/libvirt/libvirtd.conf'],
    ...['--pid-file', '/run/libvirt/libvirtd.pid'],
  ]);
}

const LIBVIRTD_CONF = `auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
`;

/** No cgroups, no namespaces of libvirt's own and no security labels: a container offers none. */
const QEMU_CONF = `user = "root"
group = "root"
security_driver = "none"
dynamic_ownership = 0
remember_owner = 0
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
`;

function novaConfig(paths: StackPaths): Sections {
  const state = join(paths.var, `nova-${REAL_HOST}`);
  // Everything runs as root: nothing needs to be asked for through sudo.
  const privileged = { helper_command: 'privsep-helper' };
  return {
    DEFAULT: {
      host: REAL_HOST,
      compute_driver: 'libvirt.LibvirtDriver',
      state_path: state,
      instances_path: join(state, 'instances'),
      force_raw_images: true,
      reserved_host_memory_mb: 512,
      use_rootwrap_daemon: false,
      vif_plugging_timeout: 60,
      shutdown_timeout: SHUTDOWN_TIMEOUT_S,
    },
    // A guest that still boots hears nothing of the first request to shut down.
    compute: { shutdown_retry_interval: 2 },
    libvirt: {
      virt_type: 'qemu',
      cpu_mode: 'none',
      connection_uri: 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock',
      images_type: 'raw',
      file_backed_memory: 0,
    },
    os_vif_ovs: { ovsdb_connection: `tcp:${stackAddress()}:${INNER_PORTS.switch}` },
    oslo_concurrency: { lock_path: join(paths.run, `lock-${REAL_HOST}`) },
    vif_plug_ovs_privileged: privileged,
    nova_sys_admin: privileged,
    privsep: privileged,
  };
}
