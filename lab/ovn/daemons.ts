import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import type { LabRun } from '../system.ts';
import {
  CENTRAL_ADDRESS,
  chassisAddress,
  nodeFolder,
  ovsRemote,
  SOUTHBOUND_PORT,
} from './paths.ts';
import { listening } from './sockets.ts';

const OVSDB_SERVER = '/usr/sbin/ovsdb-server';
const VSWITCHD = '/usr/sbin/ovs-vswitchd';
const NORTHD = '/usr/bin/ovn-northd';
const CONTROLLER = '/usr/bin/ovn-controller';

const SCHEMAS = {
  nb: '/usr/share/ovn/ovn-nb.ovsschema',
  sb: '/usr/share/ovn/ovn-sb.ovsschema',
  conf: '/usr/share/openvswitch/vswitch.ovsschema',
} as const;

const WAIT_S = 30;

/** Starts the northbound database, which owns the namespaces of the center, the southbound one and northd. */
export async function startCentral(run: LabRun): Promise<number> {
  const folder = nodeFolder('central');
  const at = (name: string) => join(folder, name);
  await Promise.all([makeDatabase(folder, 'nb'), makeDatabase(folder, 'sb')]);
  const underlay = [
    'set -e',
    'ip link set lo up',
    'ip link add br-ul type bridge',
    `ip addr add ${CENTRAL_ADDRESS}/24 dev br-ul`,
    'ip link set br-ul up',
    `exec ${databaseServer(folder, 'nb').map(quoted).join(' ')}`,
  ].join('\n');
  const center = await run.daemon('nb', OVSDB_SERVER, [
    ...['unshare', '--mount', '--net', '--', '/bin/sh', '-c', underlay],
  ]);
  await run.daemon('sb', OVSDB_SERVER, [
    ...within(center, ['--mount', '--net']),
    ...databaseServer(folder, 'sb'),
    `--remote=ptcp:${SOUTHBOUND_PORT}:${CENTRAL_ADDRESS}`,
  ]);
  await Promise.all([listening(at('nb.sock')), listening(at('sb.sock'))]);
  await command('ovn-nbctl', [`--db=unix:${at('nb.sock')}`, `--timeout=${WAIT_S}`, 'init']);
  await command('ovn-sbctl', [`--db=unix:${at('sb.sock')}`, `--timeout=${WAIT_S}`, 'init']);
  await startNorthd(run, center);
  return center;
}

/** Also used to start it again after a test stopped it. */
export function startNorthd(run: LabRun, center: number): Promise<number> {
  const at = (name: string) => join(nodeFolder('central'), name);
  return run.daemon('northd', NORTHD, [
    ...within(center, ['--mount', '--net']),
    ...[NORTHD, `--ovnnb-db=unix:${at('nb.sock')}`, `--ovnsb-db=unix:${at('sb.sock')}`],
    ...[`--unixctl=${at('northd.ctl')}`, ...quiet(at('northd.log'))],
  ]);
}

/** Starts one chassis: a network namespace joined to the underlay, Open vSwitch and ovn-controller. */
export async function startChassis(run: LabRun, center: number, chassis: string): Promise<void> {
  const folder = nodeFolder(chassis);
  await makeDatabase(folder, 'conf');
  const link = `u-${chassis}`;
  const inside = [
    'set -e',
    'ip link set lo up',
    // That of a chassis that was killed may take a moment to go with its namespace.
    `nsenter --target ${center} --net ip link del ${link} 2>/dev/null || true`,
    `nsenter --target ${center} --net ip link add ${link} type veth peer name eth0 netns $$`,
    `nsenter --target ${center} --net ip link set ${link} master br-ul up`,
    // Checksums left to hardware that is not there would never be filled in by a userspace switch.
    `nsenter --target ${center} --net ethtool -K ${link} tx off >/dev/null`,
    'ethtool -K eth0 tx off >/dev/null',
    'ip link set eth0 up',
    `exec ${databaseServer(folder, 'conf', 'db.sock').map(quoted).join(' ')}`,
  ].join('\n');
  const host = await run.daemon(`${chassis}-ovsdb`, OVSDB_SERVER, [
    ...[...within(center, ['--mount']), 'unshare', '--net', '--', '/bin/sh', '-c', inside],
  ]);
  await listening(join(folder, 'db.sock'));
  await vsctl(chassis, [
    '--no-wait',
    'init',
    '--',
    'set',
    'Open_vSwitch',
    '.',
    ...settings(chassis, await switchVersion()),
  ]);
  await run.daemon(`${chassis}-vswitchd`, VSWITCHD, [
    ...runningIn(folder),
    ...within(host, ['--mount', '--net']),
    ...[VSWITCHD, ovsRemote(chassis), `--unixctl=${join(folder, 'vswitchd.ctl')}`],
    ...quiet(join(folder, 'vswitchd.log')),
  ]);
  await vsctl(chassis, BRIDGES);
  await joinUnderlay(host, chassis);
  await startController(run, host, chassis);
}

/** Also used to start it again after a test killed it. `host` is a process of the chassis. */
export function startController(run: LabRun, host: number, chassis: string): Promise<number> {
  const folder = nodeFolder(chassis);
  return run.daemon(`${chassis}-controller`, CONTROLLER, [
    // It takes no --unixctl: its control socket is OVN_RUNDIR/ovn-controller.PID.ctl.
    ...runningIn(folder),
    ...within(host, ['--mount', '--net']),
    ...[CONTROLLER, ovsRemote(chassis), ...quiet(join(folder, 'controller.log'))],
  ]);
}

/** Runs `ovs-vsctl` on a chassis' database. */
export async function vsctl(chassis: string, args: readonly string[]): Promise<string> {
  const all = [`--db=${ovsRemote(chassis)}`, `--timeout=${WAIT_S}`, ...args];
  return (await command('ovs-vsctl', all)).toString();
}

/** br-phy carries the tunnels' address, since a userspace tunnel ends in the switch itself. */
const BRIDGES: readonly string[] = [
  ...['--', '--may-exist', 'add-br', 'br-phy'],
  ...['--', 'set', 'bridge', 'br-phy', 'datapath_type=netdev', 'fail-mode=standalone'],
  ...['--', '--may-exist', 'add-port', 'br-phy', 'eth0'],
  ...['--', '--may-exist', 'add-br', 'br-int'],
  ...['--', 'set', 'bridge', 'br-int', 'datapath_type=netdev', 'fail-mode=secure'],
];

function settings(chassis: string, version: string): readonly string[] {
  return [
    `external_ids:system-id=${chassis}`,
    `external_ids:hostname=${chassis}`,
    `external_ids:rundir=${nodeFolder(chassis)}`,
    `external_ids:ovn-remote=tcp:${CENTRAL_ADDRESS}:${SOUTHBOUND_PORT}`,
    'external_ids:ovn-encap-type=geneve',
    `external_ids:ovn-encap-ip=${chassisAddress(chassis)}`,
    'external_ids:ovn-bridge-datapath-type=netdev',
    'external_ids:ovn-monitor-all=true',
    // Debian's own start script leaves the version here.
    `ovs_version=${version}`,
  ];
}

async function switchVersion(): Promise<string> {
  const said = (await command(VSWITCHD, ['--version'])).toString();
  return /\) (\d[\w.]*)/.exec(said)?.[1] ?? 'unknown';
}

/** Gives the tunnels their address. A switch that was started again takes a moment to make br-phy. */
async function joinUnderlay(host: number, chassis: string): Promise<void> {
  const script = [
    'for look in $(seq 500); do ip link show br-phy >/dev/null 2>&1 && break; sleep 0.02; done',
    `ip addr replace ${chassisAddress(chassis)}/24 dev br-phy`,
    'ip link set br-phy up',
  ].join(' && ');
  const [program, ...args] = [...within(host, ['--net']), '/bin/sh', '-c', script];
  await command(program, args);
}

async function makeDatabase(folder: string, name: keyof typeof SCHEMAS): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.db`);
  if (!existsSync(file)) await command('ovsdb-tool', ['create', file, SCHEMAS[name]]);
}

function databaseServer(folder: string, name: string, socket = `${name}.sock`): readonly string[] {
  const at = (file: string) => join(folder, file);
  return [
    ...[OVSDB_SERVER, at(`${name}.db`), `--remote=punix:${at(socket)}`],
    ...[`--unixctl=${at(`${name}.ctl`)}`, ...quiet(at(`${name}.log`))],
  ];
}

function quiet(log: string): readonly string[] {
  return ['-vconsole:off', `--log-file=${log}`];
}

function within(pid: number, namespaces: readonly string[]): readonly string[] {
  return ['nsenter', '--target', String(pid), ...namespaces, '--'];
}

/** Where a chassis' daemons find each other's sockets, instead of Debian's own places. */
function runningIn(folder: string): readonly string[] {
  return ['env', `OVS_RUNDIR=${folder}`, `OVN_RUNDIR=${folder}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
