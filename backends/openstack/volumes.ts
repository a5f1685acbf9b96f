import type { z } from 'zod';
import type { Observation } from '../../engine/contract.ts';
import { CollectionKind } from './collection-kind.ts';
import { type Act, absent, attributes, type CloudContext, everywhere, GIB } from './context.ts';
import { isObject, openstackFault } from './faults.ts';
import { find, type Item, idOf, listAll } from './lookup.ts';
import { type Ending, untilEnded } from './settle.ts';
import { BACKUP_VERBS, backupSettled } from './volume-backups.ts';
import { messageAbout } from './volume-messages.ts';
import { VOLUME_PARAMS } from './volume-params.ts';

const KIND = 'volume';

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
  readonly ask: (act: Act, volume: Item) => Promise<void>;
  readonly ending: Ending;
  readonly joins?: readonly string[];
}

const action =
  <P>(schema: z.ZodType<P>, body: (given: P, act: Act) => object): VolumeVerb['ask'] =>
  (act, volume) =>
    post(act, volume, body(act.params(schema), act));

async function post(act: Act, volume: Item, body: object): Promise<void> {
  await act.change('volume', { method: 'POST', path: `/volumes/${volume['id']}/action`, body });
}

const VERBS: Readonly<Record<string, VolumeVerb>> = {
  delete: {
    ask: async (act, volume) => {
      await act.change('volume', { method: 'DELETE', path: `/volumes/${volume['id']}` });
    },
    ending: { ends: ['absent'], during: ['deleting', 'available', 'error'] },
    joins: ['deleting'],
  },
  attach: {
    ask: async (act, volume) => {
      const path = `/servers/${await serverOf(act)}/os-volume_attachments`;
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
    ask: action(VOLUME_PARAMS.extend, ({ size_bytes }) => ({
      'os-extend': { new_size: Math.ceil(size_bytes / GIB) },
    })),
    ending: { ends: ['available', 'in-use'], during: ['extending'] },
    joins: ['extending'],
  },
  upload: {
    ask: action(VOLUME_PARAMS.upload, (given, act) => ({
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
    ask: action(VOLUME_PARAMS.retype, ({ volume_type }) => ({
      'os-retype': { new_type: volume_type, migration_policy: 'on-demand' },
    })),
    ending: { ends: ['available', 'in-use'], during: ['retyping'] },
    joins: ['retyping'],
  },
  revert: {
    ask: async (act, volume) => {
      const { snapshot } = act.params(VOLUME_PARAMS.revert);
      const snapshot_id = await snapshotOf(act, volume, snapshot);
      await post(act, volume, { revert: { snapshot_id } });
    },
    ending: { ends: ['available'], during: ['reverting'] },
    joins: ['reverting'],
  },
  reset_status: {
    ask: action(VOLUME_PARAMS.reset_status, ({ status }) => ({ 'os-reset_status': { status } })),
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
    const volume = await this.find(act.entity, act.signal);
    if (verb === 'inspect') return observationOf(act.entity, volume);
    if (verb === 'create' || verb === 'download') return this.#create(act, volume);
    if (!volume && verb === 'delete') return absent(KIND, act.entity);
    if (!volume) throw act.notFound();
    if (verb === 'create_snapshot') return this.#createSnapshot(act, volume);
    if (verb === 'delete_snapshot') return this.#deleteSnapshot(act, volume);
    const { ask, ending, joins } = VERBS[verb] ?? BACKUP_VERBS[verb];
    if (joins?.includes(String(volume['status']))) act.began();
    else await ask(act, volume);
    act.began();
    const seen = await this.untilEnded(act, ending);
    if (verb in BACKUP_VERBS) await backupSettled(act, BACKUP_VERBS[verb].backup);
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

  async #create(act: Act, volume: Item | undefined): Promise<Observation> {
    if (!volume) {
      const { session, signal } = act;
      const given = act.params(VOLUME_PARAMS.create);
      const { image, from_snapshot: snapshot } = given;
      const body = {
        volume: {
          name: act.entity,
          size: Math.ceil(given.size_bytes / GIB),
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

  async #createSnapshot(act: Act, volume: Item): Promise<Observation> {
    const { snapshot: name } = act.params(VOLUME_PARAMS.create_snapshot);
    const snapshot = { name, volume_id: volume['id'], force: true };
    await act.change('volume', { method: 'POST', path: '/snapshots', body: { snapshot } });
    act.began();
    const look = () => this.#observeSnapshot(act, name);
    const ending = { ends: ['available'], during: ['creating'] };
    await untilEnded(act, ending, look, (seen) => messageAbout(act, seen));
    return this.observe(act.entity, act.signal);
  }

  async #deleteSnapshot(act: Act, volume: Item): Promise<Observation> {
    const { snapshot } = act.params(VOLUME_PARAMS.delete_snapshot);
    const id = await snapshotOf(act, volume, snapshot);
    await act.change('volume', { method: 'DELETE', path: `/snapshots/${id}` });
    act.began();
    const ending = { ends: ['absent'], during: ['available', 'deleting'] };
    const look = () => this.#observeSnapshot(act, snapshot);
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

async function serverOf(act: Act): Promise<string> {
  const { server } = act.params(VOLUME_PARAMS.attach);
  const query = await everywhere(act.session);
  return idOf(act.session, 'server', server, { query, signal: act.signal });
}

async function snapshotOf(act: Act, volume: Item, snapshot: string): Promise<string> {
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
