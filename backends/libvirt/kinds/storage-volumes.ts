import { z } from 'zod';
import type { Action, Observation } from '../../../engine/contract.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Attempt } from '../../driver.ts';
import { libvirtParams } from '../params.ts';
import type { VolumeRef } from '../references.ts';
import type { Session } from '../session.ts';
import { element, toXml } from '../xml.ts';
import { acting, gone, isUnknown, type KindDriver, pairOf, seenOf } from './kind-driver.ts';
import type { StoragePools } from './storage-pools.ts';

const KIND = 'storage-volume';
const FORM = 'POOL/VOLUME';
/** VIR_ERR_NO_STORAGE_POOL, VIR_ERR_NO_STORAGE_VOL. */
const UNKNOWN = new Set([49, 50]);
/** libvirt answers so when the pool is there and not in use (VIR_ERR_OPERATION_INVALID). */
const POOL_INACTIVE = new Set([55]);

const format = z.enum(['raw', 'qcow2']).default('qcow2');

export const VOLUME_PARAMS = {
  create: z.object({
    capacity_bytes: z.int().min(1).describe('What a guest sees; bytes.'),
    format: format.describe('Of the file.'),
    backing: z
      .string()
      .startsWith('/', { message: 'an absolute path' })
      .optional()
      .describe('Image that holds what is not written yet, an absolute path.'),
    backing_format: format.describe('Of that image.'),
  }),
  resize: z.object({ capacity_bytes: z.int().min(1).describe('The new size, bytes.') }),
} as const;
const paramsOf = libvirtParams({ [KIND]: VOLUME_PARAMS });

/** Volumes of storage pools, named `POOL/VOLUME`. libvirt reports nothing of them by itself. */
export class StorageVolumes implements KindDriver {
  readonly kind = KIND;
  readonly verbs = ['create', 'resize', 'wipe', 'delete'];
  readonly #session: Pick<Session, 'call'>;
  readonly #pools: StoragePools;
  readonly #feed: ChangeFeed;

  constructor(session: Pick<Session, 'call'>, pools: StoragePools, feed: ChangeFeed) {
    this.#session = session;
    this.#pools = pools;
    this.#feed = feed;
  }

  async perform(action: Action, attempt: Attempt): Promise<void> {
    if (action.verb === 'create') await this.#create(action, attempt);
    else await this.#carryOut(action, await this.#find(action.entity), attempt);
    attempt.effect('done');
    this.#feed.learn(await this.observe(action.entity));
  }

  async observe(name: string): Promise<Observation> {
    try {
      return await this.#seen(await this.#find(name));
    } catch (cause) {
      if (isUnknown(cause, UNKNOWN)) return gone(KIND, name);
      if (!isUnknown(cause, POOL_INACTIVE)) throw cause;
      return { kind: KIND, entity: name, state: 'inaccessible' };
    }
  }

  async list(): Promise<readonly Observation[]> {
    const pools = await this.#pools.list();
    const running = pools.filter(({ state }) => state === 'running');
    return (await Promise.all(running.map(({ entity }) => this.#listPool(entity)))).flat();
  }

  async #listPool(name: string): Promise<readonly Observation[]> {
    const pool = await this.#pools.find(name);
    const every = { pool, need_results: 1, flags: 0 };
    const { vols } = await this.#session.call('storage_pool_list_all_volumes', every);
    return seenOf(vols, (vol) => this.#seen(vol), UNKNOWN);
  }

  async #find(entity: string): Promise<VolumeRef> {
    const [poolName, name] = pairOf(entity, FORM);
    const pool = await this.#pools.find(poolName);
    return (await this.#session.call('storage_vol_lookup_by_name', { pool, name })).vol;
  }

  async #create(action: Action, attempt: Attempt): Promise<void> {
    const [poolName, name] = pairOf(action.entity, FORM);
    const pool = await this.#pools.find(poolName, attempt);
    const xml = volumeXml(name, paramsOf(action, VOLUME_PARAMS.create));
    await this.#session.call('storage_vol_create_xml', { pool, xml, flags: 0 }, acting(attempt));
  }

  async #carryOut(action: Action, vol: VolumeRef, attempt: Attempt): Promise<void> {
    const act = acting(attempt);
    if (action.verb === 'resize') {
      const capacity = BigInt(paramsOf(action, VOLUME_PARAMS.resize).capacity_bytes);
      await this.#session.call('storage_vol_resize', { vol, capacity, flags: 0 }, act);
    } else if (action.verb === 'wipe') {
      await this.#session.call('storage_vol_wipe', { vol, flags: 0 }, act);
    } else {
      await this.#session.call('storage_vol_delete', { vol, flags: 0 }, act);
    }
  }

  async #seen(vol: VolumeRef): Promise<Observation> {
    const info = await this.#session.call('storage_vol_get_info', { vol });
    return {
      ...{ kind: KIND, entity: `${vol.pool}/${vol.name}`, state: 'available' },
      attributes: {
        path: vol.key,
        capacity_bytes: Number(info.capacity),
        allocation_bytes: Number(info.allocation),
      },
    };
  }
}

function volumeXml(name: string, params: z.infer<typeof VOLUME_PARAMS.create>): string {
  const { capacity_bytes, format, backing, backing_format } = params;
  return toXml(
    element(
      'volume',
      {},
      element('name', {}, name),
      element('capacity', { unit: 'bytes' }, String(capacity_bytes)),
      element('target', {}, element('format', { type: format })),
      backing === undefined
        ? undefined
        : element(
            'backingStore',
            {},
            element('path', {}, backing),
            element('format', { type: backing_format }),
          ),
    ),
  );
}
