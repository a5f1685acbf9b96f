import { open } from 'node:fs/promises';
import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import type { KindParams } from '../verb-params.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, GIB, MIB } from './context.ts';
import { openstackFault } from './faults.ts';
import type { Item } from './lookup.ts';

const KIND = 'image';

const create = z.object({
  disk_format: z.string().default('raw').describe('Format of the data, such as `qcow2`.'),
  container_format: z.string().default('bare').describe('What the data is wrapped in.'),
  visibility: z
    .enum(['public', 'private', 'shared', 'community'])
    .default('private')
    .describe('Who may use it.'),
  min_disk_bytes: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe('Disk that a server of it needs, bytes; rounded up to whole GiB.'),
  min_memory_bytes: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe('Memory that a server of it needs, bytes; rounded up to whole MiB.'),
  properties: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further properties, such as `kernel_id` or `hw_disk_bus`.'),
});
/** The rest is for an image that is not there yet. */
const upload = z.object({
  file: z.string().describe('File of this machine; its content is sent as it is.'),
  ...create.shape,
});

export const IMAGE_PARAMS = {
  create,
  upload,
  save: upload,
  stage: upload,
  import: z.object({
    import_method: z
      .string()
      .default('glance-direct')
      .describe('How glance takes what was staged.'),
  }),
} as const satisfies KindParams;

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
    const found = await this.find(act.entity, act.signal);
    switch (act.action.verb) {
      case 'create':
        if (!found) await createRecord(act, act.params(IMAGE_PARAMS.create));
        return this.observe(act.entity, act.signal);
      case 'upload':
      case 'save':
        return this.#save(act, found);
      case 'stage':
        await send(act, found, 'stage');
        return this.untilEnded(act, { ends: ['uploading'], during: ['queued'] });
      case 'import':
        return this.#import(act, found);
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
  async #save(act: Act, found: Item | undefined): Promise<Observation> {
    if (!found || found['status'] === 'queued') await send(act, found, 'file');
    act.began();
    return this.untilEnded(act, { ends: ['active'], during: ['queued', 'saving'] });
  }

  async #import(act: Act, found: Item | undefined): Promise<Observation> {
    if (!found) throw act.notFound();
    if (found['status'] === 'uploading') {
      const { import_method: name } = act.params(IMAGE_PARAMS.import);
      const body = { method: { name } };
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

async function createRecord(act: Act, given: z.infer<typeof create>): Promise<Item> {
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

/** Sends the data of an image, whose record is made unless it is there. */
async function send(act: Act, found: Item | undefined, where: 'file' | 'stage'): Promise<void> {
  const given = act.params(IMAGE_PARAMS.upload);
  await sendFile(act, found ?? (await createRecord(act, given)), given.file, where);
}

/** Sends a file as it is read; it need not fit into memory. */
async function sendFile(
  act: Act,
  image: Item,
  file: string,
  where: 'file' | 'stage',
): Promise<void> {
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
