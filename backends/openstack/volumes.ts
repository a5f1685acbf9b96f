import { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, everywhere, GIB } from './context.ts';
import { isObject, openstackFault } from './faults.ts';
import { find, type Item, idOf, listAll } from './lookup.ts';
import { type Ending, untilEnded } from './settle.ts';
import { BACKUP_VERBS, backupSettled } from './volume-backups.ts';
import { messageAbout } from './volume-messages.ts';

const KIND = 'volume';

/** Sizes are rounded up to whole GiB, as cinder counts them. */
const params = z.object({
  size_bytes: z.number().int().positive().optional(),
  /** Filled from an image, a snapshot or another volume. */
  image: z.string().optional(),
  from_snapshot: z.string().optional(),
  volume_type: z.string().optional(),
  availability_zone: z.string().optional(),
  server: z.string().optional(),
  snapshot: z.string().default('snapshot'),
  backup: z.string().default('backup'),
  incremental: z.boolean().default(false),
  /** Of the image that `upload` makes. */
  image_name: z.string().optional(),
  disk_format: z.string().default('raw'),
  /** What `reset_status` sets. */
  status: z.string().default('available'),
});
type Params = z.infer<typeof params>;

/** cinder's words that the machine knows by another name. */
const STATUS_NAMES: Readonly<Record<string, string>> = {
  managing: 'creating',
  unmanaging: 'deleting',
  error_managing: 'error',
};

/** A status of cinder as a state of the machine: its backend is not seen by the API. */
export function volumeState(status: string): string {
  return `${STATUS_NAMES[status] ?? status}+up`;
}

interface VolumeVerb {
  /** Makes the call. Not called when the volume is already in one of `joins`. */
  readonly ask: (act: Act, volume: Item, given: Params) => Promise<void>;
  readonly ending: Ending;
  readonly joins?: readonly string[];
}

const action =
  (body: (given: Params, act: Act) => object): VolumeVerb['ask'] =>
  async (act, volume, given) => {
    const path = `/volumes/${volume['id']}/action`;
    await act.change('volume', { method: 'POST', path, body: body(given, act) });
  };

const VERBS: Readonly<Record<string, VolumeVerb>> = {
  delete: {
    ask: async (act, volume) => {
      await act.change('volume', { method: 'DELETE', path: `/volumes/${volume['id']}` });
    },
    ending: { ends: ['absent'], during: ['deleting', 'available', 'error'] },
    joins: ['deleting'],
  },
  attach: {
    ask: async (act, volume, given) => {
      const path = `/servers/${await serverOf(act, given)}/os-volume_attachments`;
      const body = { volumeAttachment: { volumeId: volume['id'] } };
      await act.change('compute', { method: 'POST', path, body });
    },
    ending: { ends: ['in-use'], during: ['reserved', 'attaching'] },
    joins: ['attaching'],
  },
  detach: {
    ask: async (act, volume) => {
      const [attachment] = listOf(volume['attachments']);
      if (!attachment) throw notAttached(act);
      const path = `/servers/${attachment['server_id']}/os-volume_attachments/${volume['id']}`;
      await act.change('compute', { method: 'DELETE', path });
    },
    // nova lets some time pass before it tells cinder.
    ending: { ends: ['available'], during: ['in-use', 'detaching'] },
    joins: ['detaching'],
  },
  extend: {
    ask: action((given, act) => ({ 'os-extend': { new_size: sizeOf(act, given) } })),
    ending: { ends: ['available', 'in-use'], during: ['extending'] },
    joins: ['extending'],
  },
  upload: {
    ask: action((given, act) => ({
      'os-volume_upload_image': {
        image_name: given.image_name ?? act.entity,
        disk_format: given.disk_format,
        container_format: 'bare',
        force: true,
      },
    })),
    ending: { ends: ['available', 'in-use'], during: ['uploading'] },
    joins: ['uploading'],
  },
  retype: {
    ask: action((given, act) => {
      if (given.volume_type === undefined) throw act.badParams('volume_type is missing');
      return { 'os-retype': { new_type: given.volume_type, migration_policy: 'on-demand' } };
    }),
    ending: { ends: ['available', 'in-use'], during: ['retyping'] },
    joins: ['retyping'],
  },
  revert: {
    ask: async (act, volume, given) => {
      const snapshot_id = await snapshotOf(act, volume, given);
      await action(() => ({ revert: { snapshot_id } }))(act, volume, given);
    },
    ending: { ends: ['available'], during: ['reverting'] },
    joins: ['reverting'],
  },
  reset_status: {
    ask: action(({ status }) => ({ 'os-reset_status': { status } })),
    ending: { ends: ['available', 'error', 'in-use'], during: [] },
  },
};

const CREATING: Ending = { ends: ['available'], during: ['creating', 'downloading'] };

/** Volumes of cinder, with their snapshots and attachments. */
export class Volumes extends CollectionKind {
  readonly isFast = true;
  readonly verbs = [
    ...['create', 'download', ...Object.keys(VERBS)],
    ...['create_snapshot', 'delete_snapshot', ...Object.keys(BACKUP_VERBS), 'inspect'],
  ];
  /** What a volume hangs in is ended by setting its status. */
  readonly order = { interrupts: { reset_status: 'all', inspect: 'all' } } as const;

  constructor(cloud: CloudContext) {
    super(KIND, cloud);
  }

  async perform(act: Act): Promise<Observation> {
    const { verb } = act.action;
    const given = act.params(params);
    const volume = await this.find(act.entity, act.signal);
    if (verb === 'inspect') return observationOf(act.entity, volume);
    if (verb === 'create' || verb === 'download') return this.#create(act, volume, given);
    if (!volume && verb === 'delete') return absent(KIND, act.entity);
    if (!volume) throw act.notFound();
    if (verb === 'create_snapshot') return this.#createSnapshot(act, volume, given);
    if (verb === 'delete_snapshot') return this.#deleteSnapshot(act, volume, given);
    const { ask, ending, joins } = VERBS[verb] ?? BACKUP_VERBS[verb];
    if (joins?.includes(String(volume['status']))) act.began();
    else await ask(act, volume, given);
    act.began();
    const seen = await this.untilEnded(act, ending);
    if (verb in BACKUP_VERBS) await backupSettled(act, given.backup, BACKUP_VERBS[verb].backup);
    return seen;
  }

  protected override scope(): Promise<Readonly<Record<string, string>>> {
    return everywhere(this.cloud.session);
  }

  protected observationOf(entity: string, item: Item | undefined): Observation {
    return observationOf(entity, item);
  }

  protected override explain(act: Act, seen: Observation): Promise<string | undefined> {
    return messageAbout(act, seen);
  }

  async #create(act: Act, volume: Item | undefined, given: Params): Promise<Observation> {
    if (!volume) {
      const { session, signal } = act;
      const { image, from_snapshot: snapshot } = given;
      const body = {
        volume: {
          name: act.entity,
          size: sizeOf(act, given),
          ...(image !== undefined && { imageRef: await idOf(session, 'image', image, { signal }) }),
          ...(snapshot !== undefined && {
            snapshot_id: await idOf(session, 'snapshot', snapshot, { signal }),
          }),
          ...(given.volume_type !== undefined && { volume_type: given.volume_type }),
          ...(given.availability_zone !== undefined && {
            availability_zone: given.availability_zone,
          }),
        },
      };
      await act.change('volume', { method: 'POST', path: '/volumes', body });
    }
    act.began();
    return this.untilEnded(act, CREATING);
  }

  async #createSnapshot(act: Act, volume: Item, given: Params): Promise<Observation> {
    const snapshot = { name: given.snapshot, volume_id: volume['id'], force: true };
    await act.change('volume', { method: 'POST', path: '/snapshots', body: { snapshot } });
    act.began();
    const look = () => this.#observeSnapshot(act, given.snapshot);
    const ending = { ends: ['available'], during: ['creating'] };
    await untilEnded(act, ending, look, (seen) => messageAbout(act, seen));
    return this.observe(act.entity, act.signal);
  }

  async #deleteSnapshot(act: Act, volume: Item, given: Params): Promise<Observation> {
    const id = await snapshotOf(act, volume, given);
    await act.change('volume', { method: 'DELETE', path: `/snapshots/${id}` });
    act.began();
    const ending = { ends: ['absent'], during: ['available', 'deleting'] };
    const look = () => this.#observeSnapshot(act, given.snapshot);
    await untilEnded(act, ending, look, (seen) => messageAbout(act, seen));
    return this.observe(act.entity, act.signal);
  }

  async #observeSnapshot(act: Act, name: string): Promise<Observation> {
    const found = await find(act.session, 'snapshot', name, { signal: act.signal });
    const state = found ? String(found['status']) : 'absent';
    const id = attributes({ id: found?.['id'] });
    return { kind: 'snapshot', entity: name, state, reason: state, attributes: id };
  }
}

function observationOf(entity: string, item: Item | undefined): Observation {
  if (!item) return absent(KIND, entity);
  const [attachment] = listOf(item['attachments']);
  return {
    kind: KIND,
    entity,
    state: volumeState(String(item['status'])),
    reason: String(item['status']),
    attributes: attributes({
      id: item['id'],
      size_bytes: Number(item['size']) * GIB,
      volume_type: item['volume_type'],
      zone: item['availability_zone'],
      host: item['os-vol-host-attr:host'],
      project: item['os-vol-tenant-attr:tenant_id'],
      bootable: item['bootable'] === 'true',
      server: attachment?.['server_id'],
      device: attachment?.['device'],
    }),
  };
}

function sizeOf(act: Act, { size_bytes }: Params): number {
  if (size_bytes === undefined) throw act.badParams('size_bytes is missing');
  return Math.ceil(size_bytes / GIB);
}

async function serverOf(act: Act, { server }: Params): Promise<string> {
  if (server === undefined) throw act.badParams('server is missing');
  const query = await everywhere(act.session);
  return idOf(act.session, 'server', server, { query, signal: act.signal });
}

async function snapshotOf(act: Act, volume: Item, { snapshot }: Params): Promise<string> {
  const all = await listAll(act.session, 'snapshot', {
    query: { volume_id: String(volume['id']) },
    signal: act.signal,
  });
  const found = all.find(({ id, name }) => name === snapshot || id === snapshot);
  if (found) return String(found['id']);
  throw openstackFault('OPENSTACK_NOT_FOUND', `snapshot ${snapshot} of volume ${act.entity}`);
}

function notAttached(act: Act): Error {
  const what = `detach of volume ${act.entity}: it is attached to nothing`;
  return openstackFault('OPENSTACK_WRONG_STATE', what);
}

function listOf(value: unknown): readonly Item[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
