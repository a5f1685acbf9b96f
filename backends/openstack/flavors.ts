import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, GIB, MIB } from './context.ts';
import type { Item } from './lookup.ts';

const KIND = 'flavor';

/** Memory is rounded up to MiB and disk to GiB, as nova counts them. */
const params = z.object({
  vcpus: z.number().int().positive(),
  memory_bytes: z.number().int().positive(),
  disk_bytes: z.number().int().nonnegative().default(0),
  public: z.boolean().default(true),
  extra_specs: z.record(z.string(), z.string()).optional(),
});

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
  const given = act.params(params);
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
