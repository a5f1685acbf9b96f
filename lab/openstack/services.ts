/** The daemons of OpenStack itself. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../folder.ts';
import type { Namespace } from './namespace.ts';
import { PORTS, type StackPaths, stackAddress } from './paths.ts';

const PYTHON = '/usr/bin/python3';

/** keystone and placement: WSGI programs under uWSGI. */
export async function startKeystone(namespace: Namespace, paths: StackPaths): Promise<void> {
  const config = `--config-file ${join(paths.etc, 'keystone.conf')}`;
  await wsgi(namespace, 'keystone', '/usr/bin/keystone-wsgi-public', { config });
  await namespace.listening(PORTS.keystone);
}

export async function startPlacement(namespace: Namespace, paths: StackPaths): Promise<void> {
  const env = { OS_PLACEMENT_CONFIG_DIR: paths.etc };
  await wsgi(namespace, 'placement', '/usr/bin/placement-api', { env });
  await namespace.listening(PORTS.placement);
}

export async function startServices(namespace: Namespace, paths: StackPaths): Promise<void> {
  const config = (name: string) => ['--config-file', join(paths.etc, name)];
  const python = (name: string, file: string) =>
    namespace.daemon(name, PYTHON, [`/usr/bin/${name}`, ...config(file)]);
  await python('glance-api', 'glance-api.conf');
  await python('neutron-server', 'neutron.conf');
  await python('nova-conductor', 'nova.conf');
  await python('nova-scheduler', 'nova.conf');
  await python('nova-api', 'nova.conf');
  await startCinder(namespace, paths);
  for (const port of [PORTS.glance, PORTS.neutron, PORTS.nova]) await namespace.listening(port);
}

async function startCinder(namespace: Namespace, paths: StackPaths): Promise<void> {
  const config = ['--config-file', join(paths.etc, 'cinder.conf')];
  const modules = join(paths.run, 'python');
  mkdirSync(modules, { recursive: true });
  for (const folder of ['volumes', 'backups']) {
    mkdirSync(join(paths.var, 'cinder', folder), { recursive: true });
  }
  copyFileSync(script('sparse_volume.py'), join(modules, 'sparse_volume.py'));
  await wsgi(namespace, 'cinder', '/usr/bin/cinder-wsgi', { config: config.join(' ') });
  await namespace.daemon('cinder-scheduler', PYTHON, ['/usr/bin/cinder-scheduler', ...config]);
  await namespace.daemon('cinder-backup', PYTHON, ['/usr/bin/cinder-backup', ...config]);
  await namespace.daemon('cinder-volume', PYTHON, ['/usr/bin/cinder-volume', ...config], {
    PYTHONPATH: modules,
  });
}

interface Wsgi {
  /** Arguments of the program itself. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * How many processes of one thread each: what these programs lock with is eventlet's, and a second
 * thread that waits for it blocks all of them ("cannot switch to a different thread"). keystone caches
 * in its process, so a second one would not hear of changes.
 */
const PROCESSES = { keystone: 1, placement: 2, cinder: 2 } as const;

function wsgi(
  namespace: Namespace,
  name: keyof typeof PROCESSES,
  program: string,
  { config, env }: Wsgi,
): Promise<number> {
  return namespace.daemon(
    `${name}-api`,
    'uwsgi',
    [
      ...['uwsgi', '--plugin', 'python3', '--http-socket', `${stackAddress()}:${PORTS[name]}`],
      ...['--wsgi-file', program, '--processes', String(PROCESSES[name]), '--enable-threads'],
      ...['--master', '--lazy-apps', '--need-app', '--die-on-term', '--buffer-size', '65535'],
      // uWSGI closes kept connections without saying so, and nova's next call on one fails.
      ...['--add-header', 'Connection: close'],
      ...(config === undefined ? [] : ['--pyargv', config]),
    ],
    env,
  );
}

/** Lets clients outside the namespace reach the API, at the same address and ports. */
export async function startForwarder(namespace: Namespace): Promise<void> {
  await namespace.outside('forwarder', PYTHON, [
    PYTHON,
    script('forward.py'),
    ...[String(namespace.holder), stackAddress(), ...Object.values(PORTS).map(String)],
  ]);
}

/** A Python program beside this file: the compiler leaves those where they are. */
function script(name: string): string {
  return join(projectFolder(import.meta.dirname), 'lab/openstack', name);
}
