/** The networks of a cloud: what neutron lists as logical switches with an address range. */
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { text } from './hosts.ts';
import { Names } from './names.ts';

export interface Network {
  /** As the cloud calls it. */
  readonly entity: string;
  /** As the scenario does. */
  readonly name: string;
  readonly cidr: string;
  readonly external: boolean;
}

const range = z.union([z.cidrv4(), z.cidrv6()]);

export function networksOf(seen: readonly Observation[]): readonly Network[] {
  const names = new Names();
  return seen.flatMap(({ kind, entity, attributes = {} }) => {
    const cidr = range.safeParse(text(attributes, 'cidr'));
    if (kind !== 'logical-switch' || !cidr.success) return [];
    const external = attributes['external'] === true;
    return [{ entity, name: names.of(entity), cidr: cidr.data, external }];
  });
}
