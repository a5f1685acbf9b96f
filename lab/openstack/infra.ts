/** What the services stand on: MariaDB, RabbitMQ, and OVN's databases with northd. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import type { LabRun } from '../system.ts';
import { clean, holding, Namespace } from './namespace.ts';
import { INNER_PORTS, type StackPaths, stackAddress } from './paths.ts';

const MARIADBD = '/usr/sbin/mariadbd';

/** Makes an empty database folder, unless one is there. */
export async function createDatabaseFolder(paths: StackPaths): Promise<void> {
  const data = join(paths.var, 'mysql');
  if (existsSync(join(data, 'mysql'))) return;
  mkdirSync(data, { recursive: true });
  const [env, ...args] = clean();
  await command(env, [
    ...args,
    ...['mariadb-install-db', '--no-defaults', `--datadir=${data}`, '--user=root'],
    ...['--skip-test-db', '--auth-root-authentication-method=normal'],
  ]);
}

/** Starts MariaDB in new namespaces. Nobody outside them reaches it: it asks for no password. */
export async function startMariadb(run: LabRun, paths: StackPaths): Promise<Namespace> {
  const pid = await run.daemon(
    'mariadb',
    MARIADBD,
    holding(mounts(paths), [
      ...[MARIADBD, '--no-defaults', '--user=root', `--datadir=${join(paths.var, 'mysql')}`],
      ...[`--bind-address=${stackAddress()}`, `--port=${INNER_PORTS.mariadb}`],
      ...[`--socket=${join(paths.run, 'mysql.sock')}`, '--skip-grant-tables'],
      ...['--skip-name-resolve', '--max-connections=400', '--performance-schema=OFF'],
      // What is lost with the machine is made again: nothing is worth waiting for the disk.
      ...['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sync-binlog=0'],
      ...['--innodb-buffer-pool-size=96M', '--innodb-log-file-size=32M'],
      ...['--character-set-server=utf8mb3', '--collation-server=utf8mb3_general_ci'],
    ]),
  );
  return new Namespace(run, pid);
}

export async function startRabbitmq(namespace: Namespace, paths: StackPaths): Promise<void> {
  const data = join(paths.run, 'rabbitmq');
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'enabled_plugins'), '[].\n');
  writeFileSync(
    join(data, 'rabbitmq.conf'),
    // The limit on guest is about who may reach it; here nobody outside the namespace can.
    'log.console = true\nlog.file = false\nloopback_users = none\n',
  );
  await namespace.daemon('rabbitmq', beam(), ['/usr/lib/rabbitmq/bin/rabbitmq-server'], {
    HOME: data,
    RABBITMQ_NODENAME: 'rabbit@localhost',
    RABBITMQ_NODE_IP_ADDRESS: stackAddress(),
    RABBITMQ_NODE_PORT: String(INNER_PORTS.rabbitmq),
    RABBITMQ_MNESIA_BASE: join(data, 'mnesia'),
    RABBITMQ_LOG_BASE: data,
    RABBITMQ_PID_FILE: join(data, 'pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(data, 'enabled_plugins'),
    RABBITMQ_CONFIG_FILE: join(data, 'rabbitmq'),
    // Keeps the wrapper from waiting beside the broker: it becomes the broker.
    RABBITMQ_ALLOW_INPUT: '1',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '+S 1:1 +sbwt none -noinput -kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_ADDRESS: '127.0.0.1',
  });
}

/** The Erlang machine, whose folder bears its version. */
function beam(): string {
  const erlang = '/usr/lib/erlang';
  const [version] = readdirSync(erlang).filter((name) => name.startsWith('erts-'));
  return join(erlang, version, 'bin/beam.smp');
}

export async function startOvn(namespace: Namespace, paths: StackPaths): Promise<void> {
  const address = stackAddress();
  const data = join(paths.var, 'ovn');
  mkdirSync(data, { recursive: true });
  const databases = [
    {
      name: 'northbound',
      schema: 'ovn-nb',
      port: INNER_PORTS.northbound,
      init: ['ovn-nbctl', '--no-wait'],
    },
    { name: 'southbound', schema: 'ovn-sb', port: INNER_PORTS.southbound, init: ['ovn-sbctl'] },
  ];
  for (const { name, schema, port, init } of databases) {
    const file = join(data, `${name}.db`);
    if (!existsSync(file)) {
      await command('ovsdb-tool', ['create', file, `/usr/share/ovn/${schema}.ovsschema`]);
    }
    await namespace.daemon(`ovsdb-${name}`, 'ovsdb-server', [
      ...['ovsdb-server', file, `--remote=ptcp:${port}:${address}`],
      `--unixctl=${join(paths.run, `${name}.ctl`)}`,
    ]);
    await namespace.listening(port);
    const [tool, ...options] = init;
    await namespace.run(tool, [`--db=tcp:${address}:${port}`, ...options, 'init']);
  }
  await namespace.daemon('northd', 'ovn-northd', [
    'ovn-northd',
    `--ovnnb-db=tcp:${address}:${INNER_PORTS.northbound}`,
    `--ovnsb-db=tcp:${address}:${INNER_PORTS.southbound}`,
    `--unixctl=${join(paths.run, 'northd.ctl')}`,
  ]);
}

/** Folders of the cloud laid over the fixed places that programs use, in its namespace only. */
function mounts(paths: StackPaths): readonly string[] {
  const folders = [
    ['/run/openvswitch', 'ovs'],
    ['/run/libvirt', 'libvirt'],
    ['/var/lib/libvirt', 'libvirt-lib'],
    ['/var/log/libvirt', 'libvirt-log'],
    ['/var/cache/libvirt', 'libvirt-cache'],
    ['/etc/libvirt', 'libvirt-etc'],
  ];
  for (const [, name] of folders) mkdirSync(join(paths.run, name), { recursive: true });
  const context = join(paths.run, 'cinder-context.py');
  writeFileSync(context, cinderContext());
  for (const [name, line] of Object.entries(LIBVIRT_ACCOUNTS)) {
    const own = readFileSync(`/etc/${name}`, 'utf8').trimEnd();
    writeFileSync(join(paths.run, name), `${own}\n${line}\n`);
  }
  return [
    ...Object.keys(LIBVIRT_ACCOUNTS).map(
      (name) => `mount --bind '${join(paths.run, name)}' /etc/${name}`,
    ),
    ...folders.map(([target]) => `mkdir -p ${target}`),
    ...folders.map(([target, name]) => `mount --bind '${join(paths.run, name)}' ${target}`),
    `mount --bind '${context}' ${CINDER_CONTEXT}`,
  ];
}

/** libvirtd does not start without Debian's account for QEMU, which another package makes. */
const LIBVIRT_ACCOUNTS = {
  passwd: 'libvirt-qemu:x:64055:64055:QEMU:/nonexistent:/usr/sbin/nologin',
  group: 'libvirt-qemu:x:64055:',
};

const CINDER_CONTEXT = '/usr/lib/python3/dist-packages/cinder/context.py';

/**
 * Debian 12's oslo.messaging does not pass `read_deleted` on, and its cinder refuses a context
 * without it: every call between cinder's services would fail. So it is mended, for the lab only.
 */
function cinderContext(): string {
  const source = readFileSync(CINDER_CONTEXT, 'utf8');
  const mended = source.replace(
    /^( +)self\.read_deleted = read_deleted$/m,
    "$1self.read_deleted = read_deleted or 'no'",
  );
  if (mended !== source) return mended;
  throw new LabError(
    'LAB_START_FAILED',
    `${CINDER_CONTEXT} is not the one of Debian 12`,
    'The lab is made for Debian 12 (bookworm).',
  );
}
