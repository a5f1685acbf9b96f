import { compareVersions } from '../diagnose.ts';
import { isObject, openstackFault } from './faults.ts';

/** What the drivers need of a service that has microversions, and the newest they know. */
export interface MicroversionNeed {
  /** As in the header OpenStack-API-Version. */
  readonly header: string;
  readonly min: string;
  readonly max: string;
  /** Why not less. */
  readonly because: string;
}

export const MICROVERSIONS: Readonly<Record<string, MicroversionNeed>> = {
  compute: {
    header: 'compute',
    min: '2.53',
    max: '2.93',
    because: 'compute services have UUIDs since 2.53 (Pike)',
  },
  volume: {
    header: 'volume',
    min: '3.42',
    max: '3.70',
    because: 'an attached volume can be extended since 3.42 (Pike)',
  },
  placement: {
    header: 'placement',
    min: '1.17',
    max: '1.39',
    because: 'allocation candidates can be limited and need traits since 1.17 (Queens)',
  },
};

/** The microversions that a service offers. */
export interface Offer {
  readonly min: string;
  readonly max: string;
}

/** Reads the version document of nova, cinder or placement. Undefined when it has none. */
export function readOffer(document: unknown): Offer | undefined {
  if (!isObject(document)) return undefined;
  const { version, versions } = document;
  const listed: readonly unknown[] = Array.isArray(versions) ? versions : [version];
  const [current] = listed
    .filter(isObject)
    .filter((each) => each['status'] === 'CURRENT' || each['status'] === undefined)
    .map((each) => ({
      min: each['min_version'],
      max: each['max_version'] ?? each['version'],
    }))
    .filter((each): each is Offer => isVersion(each.min) && isVersion(each.max));
  return current;
}

/** The newest that both sides know. Throws OPENSTACK_UNSUPPORTED_VERSION. */
export function negotiate(need: MicroversionNeed, offer: Offer | undefined): string {
  const { header, min, max, because } = need;
  const offered = offer === undefined ? 'no microversions' : `${offer.min} to ${offer.max}`;
  if (offer && compareVersions(offer.max, min) >= 0 && compareVersions(offer.min, max) <= 0) {
    return compareVersions(offer.max, max) < 0 ? offer.max : max;
  }
  throw openstackFault(
    'OPENSTACK_UNSUPPORTED_VERSION',
    `${header} offers ${offered}; ${min} to ${max} can be used: ${because}`,
  );
}

export function atLeast(version: string, min: string): boolean {
  return compareVersions(version, min) >= 0;
}

function isVersion(value: unknown): value is string {
  return typeof value === 'string' && /^\d+\.\d+$/.test(value);
}
