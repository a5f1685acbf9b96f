import type { Action, Observation } from '../../../engine/contract.ts';
import type { ChangeFeed } from '../../change-feed.ts';
import type { Attempt } from '../../driver.ts';
import type { Domains } from '../domains.ts';
import type { SnapshotRef } from '../references.ts';
import type { Session } from '../session.ts';
import { element, toXml } from '../xml.ts';
import { acting, gone, isUnknown, type KindDriver, pairOf } from './kind-driver.ts';

const KIND = 'snapshot';
const FORM = 'DOMAIN/SNAPSHOT';
/** VIR_ERR_NO_DOMAIN, VIR_ERR_NO_DOMAIN_SNAPSHOT. */
const UNKNOWN = new Set([42, 72]);

/** Snapshots of domains, named `DOMAIN/SNAPSHOT`: internal ones, of disks and memory. */
export class Snapshots implements KindDriver {
  readonly kind = KIND;
  readonly verbs = ['create', 'revert', 'delete'];
  readonly #session: Pick<Session, 'call'>;
  readonly #domains: Domains;
  readonly #feed: ChangeFeed;

  constructor(session: Pick<Session, 'call'>, domains: Domains, feed: ChangeFeed) {
    this.#session = session;
    this.#domains = domains;
    this.#feed = feed;
  }

  async perform({ entity, verb }: Action, attempt: Attempt): Promise<void> {
    const act = acting(attempt);
    if (verb === 'create') {
      const [domain, name] = pairOf(entity, FORM);
      const dom = await this.#domains.find(domain, { signal: attempt.signal });
      const xml = toXml(element('domainsnapshot', {}, element('name', {}, name)));
      await this.#session.call('domain_snapshot_create_xml', { dom, xml, flags: 0 }, act);
    } else {
      const on = { snap: await this.#find(entity), flags: 0 };
      if (verb === 'revert') await this.#session.call('domain_revert_to_snapshot', on, act);
      else await this.#session.call('domain_snapshot_delete', on, act);
    }
    attempt.effect('done');
    this.#feed.learn(await this.observe(entity));
  }

  async observe(entity: string): Promise<Observation> {
    try {
      await this.#find(entity);
      return { kind: KIND, entity, state: 'available' };
    } catch (cause) {
      if (isUnknown(cause, UNKNOWN)) return gone(KIND, entity);
      throw cause;
    }
  }

  async list(): Promise<readonly Observation[]> {
    const domains = await this.#domains.all();
    const lists = await Promise.all(
      domains.map((dom) =>
        this.#session.call('domain_list_all_snapshots', { dom, need_results: 1, flags: 0 }),
      ),
    );
    return lists.flatMap(({ snapshots }) =>
      snapshots.map(({ name, dom }) => ({
        ...{ kind: KIND, entity: `${dom.name}/${name}`, state: 'available' },
        attributes: { domain: dom.name },
      })),
    );
  }

  async #find(entity: string): Promise<SnapshotRef> {
    const [domain, name] = pairOf(entity, FORM);
    const dom = await this.#domains.find(domain);
    const by = { dom, name, flags: 0 };
    return (await this.#session.call('domain_snapshot_lookup_by_name', by)).snap;
  }
}
