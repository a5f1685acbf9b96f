import type { Cloud } from './cloud.ts';
import { isObject, openstackFault } from './faults.ts';

/** The services that the drivers use. */
export type Service =
  | 'identity'
  | 'compute'
  | 'image'
  | 'network'
  | 'volume'
  | 'placement'
  | 'baremetal';

interface ServiceFacts {
  /** Names that catalogues give it, the official one first (service-types.openstack.org). */
  readonly types: readonly string[];
  /** What its paths begin with, where the catalogue leaves it out. */
  readonly version?: string;
}

export const SERVICES: Readonly<Record<Service, ServiceFacts>> = {
  identity: { types: ['identity'], version: 'v3' },
  compute: { types: ['compute'] },
  image: { types: ['image'], version: 'v2' },
  network: { types: ['network'], version: 'v2.0' },
  volume: { types: ['block-storage', 'volumev3', 'block-store', 'volume'] },
  placement: { types: ['placement'] },
  baremetal: { types: ['baremetal', 'bare-metal'] },
};

/** The catalogue of a token, as keystone gives it; what is not well-formed is left out. */
export interface CatalogEntry {
  readonly type: string;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly interface: string;
  readonly region: string;
  readonly url: string;
}

export function readCatalog(value: unknown): readonly CatalogEntry[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((entry) => ({
    type: String(entry['type']),
    endpoints: (Array.isArray(entry['endpoints']) ? entry['endpoints'] : [])
      .filter(isObject)
      .filter(({ url }) => typeof url === 'string' && URL.canParse(url))
      .map((each) => ({
        interface: String(each['interface']),
        region: String(each['region_id'] ?? each['region'] ?? ''),
        url: String(each['url']),
      })),
  }));
}

/** Where a service is, without a slash at the end. Throws OPENSTACK_NO_ENDPOINT. */
export function endpointOf(
  service: Service,
  cloud: Cloud,
  catalog: readonly CatalogEntry[],
): string {
  const { types, version } = SERVICES[service];
  const url = overriddenIn(cloud, service, types) ?? listedIn(catalog, cloud, types);
  if (url !== undefined) return versioned(url.replace(/\/+$/, ''), version);
  if (service === 'identity') return versioned(cloud.auth_url, version);
  const where = `${cloud.interface}${cloud.region === undefined ? '' : ` in ${cloud.region}`}`;
  const known = catalog.map(({ type }) => type).join(', ') || 'none';
  throw openstackFault('OPENSTACK_NO_ENDPOINT', `${service} (${where}); services: ${known}`);
}

function overriddenIn(cloud: Cloud, service: string, types: readonly string[]): string | undefined {
  return [service, ...types].map((type) => cloud.endpoints[type]).find((url) => url !== undefined);
}

function listedIn(
  catalog: readonly CatalogEntry[],
  cloud: Cloud,
  types: readonly string[],
): string | undefined {
  for (const type of types) {
    const endpoints = catalog.filter((entry) => entry.type === type).flatMap((e) => e.endpoints);
    const found = endpoints.find(
      (each) =>
        each.interface === cloud.interface &&
        (cloud.region === undefined || each.region === cloud.region),
    );
    if (found) return found.url;
  }
  return undefined;
}

const VERSION_IN_PATH = /\/v\d+(\.\d+)?(\/|$)/;

function versioned(url: string, version: string | undefined): string {
  return version === undefined || VERSION_IN_PATH.test(url) ? url : `${url}/${version}`;
}

/** Where the version document of an endpoint is: the address up to its version. */
export function versionRoot(url: string): string {
  const match = VERSION_IN_PATH.exec(url);
  return match ? `${url.slice(0, match.index)}${match[0].replace(/\/$/, '')}/` : `${url}/`;
}
