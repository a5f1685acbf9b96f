import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, GIB, MIB } from './context.ts';
import { openstackFault } from './faults.ts';
import type { Item } from './lookup.ts';

const KIND = 'image';

const params = z.object({
  /** A file of this machine; its content is sent as it is. */
  file: z.string().optional(),
  disk_format: z.string().default('raw'),
  container_format: z.string().default('bare'),
  visibility: z.enum(['public', 'private', 'shared', 'community']).default('private'),
  min_disk_bytes: z.number().int().nonnegative().default(0),
  min_memory_bytes: z.number().int().nonnegative().default(0),
  /** Such as `kernel_id` or `hw_disk_bus`. */
  properties: z.record(z.string(), z.string()).default({}),
  import_method: z.string().default('glance-direct'),
});
type Params = z.infer<typeof params>;

/** How long glance may take to store one file. */
const UPLOAD_S = 3600;

/** A status of glance as a state of the machine: its store is not seen by the API. */
export function imageState(status: string): string {
  return `${status}+up`;
}

/** Images of glance. */
export class Images extends CollectionKind {
  readonly verbs = [
    ...['create', 'upload', 'save', 'stage', 'import', 'deactivate', 'reactivate', 'delete'],
    'inspect',
  ];

  /** An upload that hangs ends with its image. */
  readonly order = { interrupts: { delete: 'all', inspect: 'all' } } as const;

  constructor(cloud: CloudContext) {
    super(KIND, cloud);
  }

  async perform(act: Act): Promise<Observation> {
    const given = act.params(params);
    const found = await this.find(act.entity, act.signal);
    switch (act.action.verb) {
      case 'create':
        if (!found) await createRecord(act, given);
        return this.observe(act.entity, act.signal);
      case 'upload':
      case 'save':
        return this.#save(act, found ?? (await createRecord(act, given)), given);
      case 'stage':
        await sendFile(act, found ?? (await createRecord(act, given)), given, 'stage');
        return this.untilEnded(act, { ends: ['uploading'], during: ['queued'] });
      case 'import':
        return this.#import(act, found, given);
      case 'deactivate':
      case 'reactivate':
        return this.#switch(act, found);
      case 'delete':
        return this.#delete(act, found);
      default:
        return this.observe(act.entity, act.signal);
    }
  }

  protected observationOf(entity: string, item: Item | undefined): Observation {
    return observationOf(entity, item);
  }

  /** An image that has its data needs no more. */
  async #save(act: Act, image: Item, given: Params): Promise<Observation> {
    if (image['status'] === 'queued') await sendFile(act, image, given, 'file');
    act.began();
    return this.untilEnded(act, { ends: ['active'], during: ['queued', 'saving'] });
  }

  async #import(act: Act, found: Item | undefined, given: Params): Promise<Observation> {
    if (!found) throw act.notFound();
    if (found['status'] === 'uploading') {
      const body = { method: { name: given.import_method } };
      await act.change('image', { method: 'POST', path: `/images/${found['id']}/import`, body });
    }
    act.began();
    return this.untilEnded(act, {
      ends: ['active'],
      during: ['uploading', 'importing', 'saving'],
    });
  }

  async #switch(act: Act, found: Item | undefined): Promise<Observation> {
    if (!found) throw act.notFound();
    const { verb } = act.action;
    await act.change('image', { method: 'POST', path: `/images/${found['id']}/actions/${verb}` });
    const end = verb === 'deactivate' ? 'deactivated' : 'active';
    return this.untilEnded(act, { ends: [end], during: [] });
  }

  async #delete(act: Act, found: Item | undefined): Promise<Observation> {
    if (found) await act.change('image', { method: 'DELETE', path: `/images/${found['id']}` });
    return this.untilEnded(act, { ends: ['absent', 'deleted'], during: ['pending_delete'] });
  }
}

async function createRecord(act: Act, given: Params): Promise<Item> {
  const body = {
    ...given.properties,
    name: act.entity,
    disk_format: given.disk_format,
    container_format: given.container_format,
    visibility: given.visibility,
    min_disk: Math.ceil(given.min_disk_bytes / GIB),
    min_ram: Math.ceil(given.min_memory_bytes / MIB),
  };
  const { value } = await act.change('image', { method: 'POST', path: '/images', body });
  return value as Item;
}

/** Sends a file as it is read; it need not fit into memory. */
async function sendFile(
  act: Act,
  image: Item,
  { file }: Params,
  where: 'file' | 'stage',
): Promise<void> {
  if (file === undefined) throw act.badParams('file is missing');
  const handle = await open(file).catch((cause: { code?: string }) => {
    throw act.badParams(`file ${file} cannot be read: ${cause.code}`);
  });
  const stream = handle.createReadStream({ autoClose: true });
  try {
    const { size } = await handle.stat();
    if (size === 0) throw openstackFault('OPENSTACK_BAD_PARAMS', `file ${file} is empty`);
    await act.change('image', {
      method: 'PUT',
      path: `/images/${image['id']}/${where}`,
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
      data: stream,
      answer_s: UPLOAD_S,
    });
  } finally {
    stream.destroy();
  }
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  return {
    kind: KIND,
    entity,
    state: imageState(String(item['status'])),
    reason: String(item['status']),
    attributes: attributes({
      id: item['id'],
      size_bytes: item['size'],
      disk_format: item['disk_format'],
      container_format: item['container_format'],
      visibility: item['visibility'],
      min_disk_bytes: Number(item['min_disk']) * GIB,
      min_memory_bytes: Number(item['min_ram']) * MIB,
      project: item['owner'],
      checksum: item['os_hash_value'],
    }),
  };
}
