import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { FaultError } from '../../backends/fault.ts';
import { readCloud } from '../../backends/openstack/clouds-yaml.ts';
import { OpenstackSession } from '../../backends/openstack/session.ts';
import { LabError } from '../error.ts';
import { cacheFolder, readJson, writeJson } from '../folder.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { registerServices, seed } from './bootstrap.ts';
import { addFakeChassis, COMPUTES, startCompute } from './computes.ts';
import { writeConfig } from './config.ts';
import { createDatabases } from './databases.ts';
import { REAL_HOST, REAL_HOST_PACKAGES, seedRealHost, startRealHost } from './hypervisor.ts';
import { createDatabaseFolder, startMariadb, startOvn, startRabbitmq } from './infra.ts';
import type { Namespace } from './namespace.ts';
import { apiUrl, INNER_PORTS, type StackPaths, SYSTEM, stackPaths } from './paths.ts';
import { startForwarder, startKeystone, startPlacement, startServices } from './services.ts';
import { restoreSnapshot, saveSnapshot } from './snapshot.ts';

const READY_LOOKS = 600;
const READY_LOOK_MS = 500;

/** OpenStack of Debian 12 (Zed): a whole small cloud with three fake compute hosts. */
export const openstackSystem: LabSystem = {
  name: SYSTEM,
  describes: 'keystone, glance, placement, nova with three computes, neutron with OVN, cinder',
  packages: [
    ...['mariadb-server-core', 'mariadb-client-core', 'rabbitmq-server', 'ovn-central'],
    ...['keystone', 'glance-api', 'placement-api', 'neutron-server'],
    ...['nova-api', 'nova-conductor', 'nova-scheduler', 'nova-compute', 'nova-compute-ironic'],
    ...['cinder-api', 'cinder-scheduler', 'cinder-volume', 'cinder-backup'],
    ...REAL_HOST_PACKAGES,
    ...['uwsgi-core', 'uwsgi-plugin-python3', 'python3-openstackclient', 'zstd', 'iproute2'],
  ],

  async prepare(report: LabReport): Promise<void> {
    const paths = stackPaths();
    await report.part(SYSTEM, 'configuration', async () => {
      writeConfig(paths, password());
      writeFileSync(paths.cloudsYaml, stringify(cloudsYaml()), { mode: 0o600 });
      return paths.cloudsYaml;
    });
  },

  async start(run: LabRun): Promise<void> {
    const paths = stackPaths();
    for (const folder of [paths.run, paths.log]) mkdirSync(folder, { recursive: true });
    const part = (name: string, work: () => Promise<string | undefined>) =>
      run.report.part(SYSTEM, name, work);
    let isRestored = false;
    let namespace: Namespace | undefined;
    await part('MariaDB', async () => {
      isRestored = await restoreSnapshot(paths);
      await createDatabaseFolder(paths);
      namespace = await startMariadb(run, paths);
      await namespace.listening(INNER_PORTS.mariadb);
      return isRestored ? 'from the snapshot' : 'empty';
    });
    if (!namespace) throw new Error('unreachable');
    await startCloud(namespace, paths, isRestored, part);
  },

  async probe(): Promise<Probe> {
    try {
      const up = await withSession(computesUp);
      return { ok: true, says: `${up.length} compute services are up (${up.join(', ')})` };
    } catch (thrown) {
      return { ok: false, why: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return { OS_CLIENT_CONFIG_FILE: stackPaths().cloudsYaml, OS_CLOUD: 'lab' };
  },

  example(): string {
    return `OS_CLIENT_CONFIG_FILE=${stackPaths().cloudsYaml} OS_CLOUD=lab openstack server list`;
  },
};

type Part = (name: string, work: () => Promise<string | undefined>) => Promise<void>;

async function startCloud(
  namespace: Namespace,
  paths: StackPaths,
  isRestored: boolean,
  part: Part,
): Promise<void> {
  await startForwarder(namespace);
  // The broker takes longest to start, and the databases do not need it.
  const broker = startRabbitmq(namespace, paths).then(() =>
    namespace.listening(INNER_PORTS.rabbitmq),
  );
  broker.catch(() => {}); // awaited below
  await part('OVN', async () => {
    await startOvn(namespace, paths);
    await addFakeChassis(namespace);
    return undefined;
  });
  if (!isRestored) {
    await part('databases', async () => {
      await createDatabases(namespace, paths, password());
      return undefined;
    });
  }
  await part('keystone, placement', async () => {
    await Promise.all([startKeystone(namespace, paths), startPlacement(namespace, paths)]);
    if (!isRestored) await withSession(register);
    return undefined;
  });
  // The services look for the broker until it is there; what takes them long is their own start.
  await part('RabbitMQ, services', async () => {
    await Promise.all([broker, startServices(namespace, paths)]);
    await Promise.all(COMPUTES.map(({ host }) => startCompute(namespace, host)));
    return undefined;
  });
  await part('computes', () => withSession(ready));
  await part('flavors, image, network', async () => {
    await withSession(seed);
    return undefined;
  });
  if (!isRestored) {
    await part('snapshot', async () => {
      await saveSnapshot(namespace, paths);
      return paths.snapshot;
    });
  }
}

async function register(session: OpenstackSession): Promise<void> {
  await untilTrue('keystone answers', async () => (await session.whoAmI()).roles.length > 0);
  await registerServices(session, password());
}

/** A session sees the catalogue as it was when it signed in: each part gets one of its own. */
async function withSession<T>(work: (session: OpenstackSession) => Promise<T>): Promise<T> {
  const session = await openSession('lab');
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Waits until servers can be made: every host reports and is known to placement and its cell. */
async function ready(session: OpenstackSession): Promise<string> {
  await untilTrue('every compute service is up', async () => {
    const up = await computesUp(session);
    return COMPUTES.every(({ host }) => up.includes(host));
  });
  await untilTrue('every compute host is mapped to its cell', async () => {
    const { hypervisors } = await session.get('compute', '/os-hypervisors');
    return (hypervisors as unknown[]).length >= COMPUTES.length;
  });
  await untilTrue('cinder makes backups', async () => {
    const { services } = await session.get('volume', '/os-services', { binary: 'cinder-backup' });
    return (services as { state: string }[]).some(({ state }) => state === 'up');
  });
  // A service counts as up before the scheduler knows what it has room for.
  await untilTrue('the scheduler of cinder knows a backend', async () => {
    const { pools } = await session.get('volume', '/scheduler-stats/get_pools');
    return (pools as unknown[]).length > 0;
  });
  return `${COMPUTES.length} hosts`;
}

async function computesUp(session: OpenstackSession): Promise<readonly string[]> {
  const { services } = await session.get('compute', '/os-services', { binary: 'nova-compute' });
  return (services as { host: string; state: string }[])
    .filter(({ state }) => state === 'up')
    .map(({ host }) => host)
    .sort();
}

/** A service that still starts refuses or fails; that is looked over until patience ends. */
async function untilTrue(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let why = '';
  for (let look = 0; look < READY_LOOKS; look++) {
    try {
      if (await isSo()) return;
      why = 'not yet';
    } catch (thrown) {
      if (!(thrown instanceof FaultError)) throw thrown;
      why = thrown.message;
    }
    await new Promise((resolve) => setTimeout(resolve, READY_LOOK_MS));
  }
  throw new LabError('LAB_START_FAILED', `${what}: ${why}`, `Look into ${stackPaths().log}.`);
}

/** Signed in to a cloud of the lab's clouds.yaml, whatever the user's environment says. */
export async function openSession(cloud: LabCloud): Promise<OpenstackSession> {
  const env = { OS_CLIENT_CONFIG_FILE: stackPaths().cloudsYaml };
  return new OpenstackSession({ cloud: await readCloud({ cloud }, env) });
}

/** `lab` is the administrator's, `demo` that of a plain user. */
export type LabCloud = 'lab' | 'demo';

function cloudsYaml(): object {
  const cloud = (username: string, project_name: string) => ({
    auth: {
      auth_url: apiUrl('keystone', '/v3'),
      username,
      password: password(),
      project_name,
      user_domain_name: 'Default',
      project_domain_name: 'Default',
    },
    region_name: 'RegionOne',
    interface: 'public',
  });
  return { clouds: { lab: cloud('admin', 'admin'), demo: cloud('demo', 'demo') } };
}

/** The one password of the lab: of keystone's users, in the snapshot as well. */
function password(): string {
  const file = join(cacheFolder(SYSTEM), 'password.json');
  const known = readJson<{ password: string }>(file);
  if (known) return known.password;
  const made = { password: randomBytes(12).toString('hex') };
  writeJson(file, made);
  // A snapshot with another password is of no use.
  if (existsSync(stackPaths().snapshot)) rmSync(stackPaths().snapshot);
  return made.password;
}

/**
 * Adds the real compute host to the running cloud. It is not part of `start`: few need it, and its
 * guests are QEMU machines.
 */
export async function addRealHost(namespace: Namespace): Promise<void> {
  const paths = stackPaths();
  await startRealHost(namespace, paths);
  await withSession(async (session) => {
    await untilTrue('the real compute host is up', async () => {
      const { hypervisors } = await session.get('compute', '/os-hypervisors');
      const isMapped = (hypervisors as unknown[]).length > COMPUTES.length;
      return isMapped && (await computesUp(session)).includes(REAL_HOST);
    });
    await seedRealHost(session, paths);
  });
}
