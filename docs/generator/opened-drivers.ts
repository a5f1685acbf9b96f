/**
 * Every driver, opened on systems that are not there: for what it says of itself. A driver connects
 * when it is first asked for something, so nothing is reached.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActOrder } from '../../backends/act-order.ts';
import { DRIVERS } from '../../backends/catalogue.ts';
import type { Driver } from '../../backends/driver.ts';
import type { DriverSpec } from '../../backends/driver-spec.ts';
import type { DriverName } from '../../model/drivers.ts';

/** The verbs of a driver, by kind, in the order of `kinds`. */
export type VerbsByKind = ReadonlyMap<string, readonly string[]>;

interface Place {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

const NOWHERE = '127.0.0.1:1';

/** Where each driver finds its system: what its own tools would need at least. */
const PLACES: Readonly<Record<DriverName, (folder: string) => Place>> = {
  maas: () => ({ env: { MAAS_API_URL: `http://${NOWHERE}/MAAS`, MAAS_API_KEY: 'a:b:c' } }),
  ironic: () => ({ env: { OS_AUTH_TYPE: 'none', OS_ENDPOINT: `http://${NOWHERE}` } }),
  ipmi: () => ({}),
  redfish: () => ({}),
  ssh: (folder) => ({
    options: { hosts: 'host', config: fileIn(folder, 'config', 'Host host\n') },
  }),
  libvirt: (folder) => ({ options: { uri: `qemu:///system?socket=${join(folder, 'socket')}` } }),
  ovn: () => ({}),
  ovs: () => ({}),
  neutron: cloud,
  openstack: cloud,
  ceph: (folder) => ({ options: { conf: fileIn(folder, 'ceph.conf', '[global]\n') } }),
  cri: (folder) => ({ options: { endpoint: `unix://${join(folder, 'socket')}`, host: 'host' } }),
  kubernetes: (folder) => ({
    options: {
      kubeconfig: jsonIn(folder, 'kubeconfig', {
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
        clusters: [{ name: 'k', cluster: { server: `https://${NOWHERE}` } }],
        users: [{ name: 'u', user: {} }],
      }),
    },
  }),
  juju: (folder) => {
    const c = { uuid: '00000000-0000-4000-8000-000000000000', 'api-endpoints': [NOWHERE] };
    jsonIn(folder, 'controllers.yaml', { 'current-controller': 'c', controllers: { c } });
    const account = { user: 'admin', password: 'unused' };
    jsonIn(folder, 'accounts.yaml', { controllers: { c: account } });
    return { env: { JUJU_DATA: folder } };
  },
};

function cloud(folder: string): Place {
  const auth = { auth_url: `http://${NOWHERE}/v3`, username: 'u', password: 'unused' };
  const clouds = { c: { auth: { ...auth, project_name: 'p' } } };
  return { env: { OS_CLIENT_CONFIG_FILE: jsonIn(folder, 'clouds.yaml', { clouds }) } };
}

/** YAML reads JSON as well. */
function jsonIn(folder: string, name: string, content: unknown): string {
  return fileIn(folder, name, JSON.stringify(content));
}

function fileIn(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Opens a driver on a system that is not there, for as long as `use` takes. */
export async function withDriver<T>(name: DriverName, use: (driver: Driver) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'strata-docs-'));
  try {
    const spec: DriverSpec = await DRIVERS[name]();
    const { options = {}, env = {} } = PLACES[name](folder);
    const driver = await spec.open(spec.options.parse(options), env);
    const said = use(driver);
    await driver.close();
    return said;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a driver offers for each of these kinds; kinds without a verb are left out. */
export function verbsByKind(name: DriverName, kinds: readonly string[]): Promise<VerbsByKind> {
  return withDriver(name, (driver) => {
    const verbs = kinds.map((kind) => [kind, driver.verbs(kind)] as const);
    return new Map(verbs.filter(([, offered]) => offered.length > 0));
  });
}

/** How acts on one entity stand to one another, for the kinds that have exceptions. */
export function ordersByKind(
  name: DriverName,
  kinds: readonly string[],
): Promise<ReadonlyMap<string, ActOrder>> {
  return withDriver(name, (driver) => {
    const orders = kinds.map((kind) => [kind, driver.order?.(kind) ?? {}] as const);
    return new Map(orders.filter(([, order]) => Object.keys(order).length > 0));
  });
}
