import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, GIB, MIB } from './context.ts';
import type { Item } from './lookup.ts';

const KIND = 'flavor';

export const FLAVOR_PARAMS = {
  create: z.object({
    vcpus: z.number().int().positive().describe('Virtual CPUs.'),
    memory_bytes: z.number().int().positive().describe('Memory, bytes; rounded up to whole MiB.'),
    disk_bytes: z
      .number()
      .int()
      .nonnegative()
      .default(0)
      .describe('Disk on the host, bytes; rounded up to whole GiB.'),
    public: z.boolean().default(true).describe('Whether every project may use it.'),
    extra_specs: z
      .record(z.string(), z.string())
      .optional()
      .describe('What it asks of hosts, such as `hw:cpu_policy`.'),
  }),
} as const satisfies KindParams;

/** Flavors of nova; they cannot be changed, only made and deleted. */
export class Flavors extends CollectionKind {
  readonly verbs = ['create', 'delete', 'inspect'];

  constructor(cloud: CloudContext) {
    super(KIND, cloud);
  }

  async perform(act: Act): Promise<Observation> {
    const { verb } = act.action;
    const found = await this.find(act.entity, act.signal);
    if (verb === 'create' && !found) await create(act);
    if (verb === 'delete' && found) {
      await act.change('compute', { method: 'DELETE', path: `/flavors/${found['id']}` });
    }
    return this.observe(act.entity, act.signal);
  }

  protected observationOf(entity: string, item: Item | undefined): Observation {
    return observationOf(entity, item);
  }
}

async function create(act: Act): Promise<void> {
  const given = act.params(FLAVOR_PARAMS.create);
  const flavor = {
    name: act.entity,
    vcpus: given.vcpus,
    ram: Math.ceil(given.memory_bytes / MIB),
    disk: Math.ceil(given.disk_bytes / GIB),
    'os-flavor-access:is_public': given.public,
  };
  const { value } = await act.change('compute', {
    method: 'POST',
    path: '/flavors',
    body: { flavor },
  });
  if (!given.extra_specs) return;
  const { id } = (value as { flavor: Item }).flavor;
  const path = `/flavors/${id}/os-extra_specs`;
  await act.change('compute', { method: 'POST', path, body: { extra_specs: given.extra_specs } });
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  const state = item['os-flavor-access:is_public'] === false ? 'private' : 'public';
  return {
    ...{ kind: KIND, entity, state, reason: state },
    attributes: attributes({
      id: item['id'],
      vcpus: item['vcpus'],
      memory_bytes: Number(item['ram']) * MIB,
      disk_bytes: Number(item['disk']) * GIB,
    }),
  };
}
