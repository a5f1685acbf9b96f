import { z } from 'zod';
import type { Action, Observation } from '../../../engine/contract.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Attempt } from '../../driver.ts';
import type { CallOptions } from '../connection.ts';
import { libvirtParams } from '../params.ts';
import type { PoolRef } from '../references.ts';
import type { Session } from '../session.ts';
import { element, toXml } from '../xml.ts';
import { acting, isUnknown, type KindDriver, seenOf } from './kind-driver.ts';

const KIND = 'storage-pool';
/** By virStoragePoolState. */
const STATES = ['inactive', 'building', 'running', 'degraded', 'inaccessible'] as const;
/** VIR_ERR_NO_STORAGE_POOL. */
const UNKNOWN = new Set([49]);

export const POOL_PARAMS = {
  define: z.object({
    // libvirt's default, and the one that needs nothing else.
    type: z.literal('dir').default('dir').describe('A directory pool.'),
    path: z
      .string()
      .startsWith('/', { message: 'an absolute path' })
      .describe('Directory on the hypervisor that holds the volumes.'),
  }),
} as const;
const paramsOf = libvirtParams({ [KIND]: POOL_PARAMS });

/** What the machine calls a change, by the state that follows and whether there was one before. */
function eventTo(state: string, isNew: boolean): string | undefined {
  if (state === 'running') return 'started';
  if (state === 'absent') return 'undefined';
  if (state === 'inactive') return isNew ? 'defined' : 'stopped';
  return undefined;
}

/** Storage pools: definitions, and the directories that they put into use. */
export class StoragePools implements KindDriver {
  readonly kind = KIND;
  readonly verbs = ['define', 'build', 'create', 'refresh', 'destroy', 'undefine'];
  readonly #session: Pick<Session, 'call'>;
  readonly #feed: ChangeFeed;

  constructor(session: Pick<Session, 'call'>, feed: ChangeFeed) {
    this.#session = session;
    this.#feed = feed;
  }

  async perform(action: Action, attempt: Attempt): Promise<void> {
    const { entity } = action;
    if (action.verb === 'define') await this.#define(action, attempt);
    else await this.#carryOut(action.verb, await this.find(entity, attempt), attempt);
    attempt.effect('done');
    await this.look(entity);
  }

  async observe(name: string): Promise<Observation> {
    try {
      return await this.#seen(await this.find(name));
    } catch (cause) {
      if (isUnknown(cause, UNKNOWN)) return { kind: KIND, entity: name, state: 'absent' };
      throw cause;
    }
  }

  async list(): Promise<readonly Observation[]> {
    return seenOf(await this.all(), (pool) => this.#seen(pool), UNKNOWN);
  }

  async all(): Promise<readonly PoolRef[]> {
    const every = { need_results: 1, flags: 0 };
    return (await this.#session.call('connect_list_all_storage_pools', every)).pools;
  }

  /** Throws `LIBVIRT_POOL_UNKNOWN`. */
  async find(name: string, attempt?: Attempt): Promise<PoolRef> {
    const options: CallOptions = attempt ? { signal: attempt.signal } : {};
    return (await this.#session.call('storage_pool_lookup_by_name', { name }, options)).pool;
  }

  /** Looks at a pool and reports what changed. */
  async look(name: string): Promise<void> {
    const seen = await this.observe(name);
    const before = this.#feed.known(KIND, name);
    const event = eventTo(seen.state, before === undefined);
    const attributes = event === undefined ? seen.attributes : { ...seen.attributes, event };
    this.#feed.learn({ ...seen, attributes });
  }

  async #define(action: Action, attempt: Attempt): Promise<void> {
    const { type, path } = paramsOf(action, POOL_PARAMS.define);
    const xml = toXml(
      element(
        'pool',
        { type },
        element('name', {}, action.entity),
        element('target', {}, element('path', {}, path)),
      ),
    );
    await this.#session.call('storage_pool_define_xml', { xml, flags: 0 }, acting(attempt));
  }

  async #carryOut(verb: string, pool: PoolRef, attempt: Attempt): Promise<void> {
    const { call } = this.#session;
    const act = acting(attempt);
    const make = call.bind(this.#session);
    if (verb === 'destroy') await make('storage_pool_destroy', { pool }, act);
    else if (verb === 'undefine') await make('storage_pool_undefine', { pool }, act);
    else if (verb === 'build') await make('storage_pool_build', { pool, flags: 0 }, act);
    else if (verb === 'create') await make('storage_pool_create', { pool, flags: 0 }, act);
    else await make('storage_pool_refresh', { pool, flags: 0 }, act);
  }

  async #seen(pool: PoolRef): Promise<Observation> {
    const info = await this.#session.call('storage_pool_get_info', { pool });
    const state = STATES[info.state] ?? 'inaccessible';
    return {
      ...{ kind: KIND, entity: pool.name, state, reason: state },
      attributes: {
        capacity_bytes: Number(info.capacity),
        allocation_bytes: Number(info.allocation),
        available_bytes: Number(info.available),
      },
    };
  }
}
