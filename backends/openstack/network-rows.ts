import type { Observation } from '../../engine/contract.ts';
import { type Act, absent, attributes, type CloudContext, type Kind } from './context.ts';
import {
  COLLECTIONS,
  type Collection,
  type CollectionName,
  entityNames,
  type FindOptions,
  find,
  type Item,
  listAll,
} from './lookup.ts';
import type { OpenstackSession } from './session.ts';

/** What is particular to one kind of neutron's things. */
export interface NetworkRow {
  /** The kind of the model that it stands for. */
  readonly kind: string;
  readonly collection: CollectionName;
  readonly stateOf: (item: Item) => string;
  readonly attributesOf: (item: Item) => Readonly<Record<string, unknown>>;
  /** What other things tell of those with these ids, or of all, by id. */
  readonly detailsOf?: (
    session: OpenstackSession,
    options: FindOptions & { readonly id?: string },
  ) => Promise<Details>;
  /** Makes it; what it consists of (subnets, interfaces, rules) is brought about by `settle`. */
  readonly create: (act: Act) => Promise<object>;
  /** Brings its parts in line with the parameters; also of one that is there. */
  readonly settle?: (act: Act, item: Item) => Promise<void>;
  /** Takes away what keeps neutron from deleting it. */
  readonly empty?: (act: Act, item: Item) => Promise<void>;
}

type Details = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** Rows of the northbound database as neutron knows them: made, changed and deleted in one call. */
export class NetworkRows implements Kind {
  readonly kind: string;
  readonly verbs = ['create', 'update', 'delete', 'inspect'];
  readonly isFast = true;
  readonly #row: NetworkRow;
  readonly #cloud: CloudContext;

  constructor(row: NetworkRow, cloud: CloudContext) {
    this.kind = row.kind;
    this.#row = row;
    this.#cloud = cloud;
  }

  async perform(act: Act): Promise<Observation> {
    const { collection, create, settle } = this.#row;
    const { path, one = '' }: Collection = COLLECTIONS[collection];
    const found = await this.#find(act.entity, act.signal);
    switch (act.action.verb) {
      case 'create': {
        const item = found ?? (await post(act, path, one, await create(act)));
        await settle?.(act, item);
        break;
      }
      case 'update':
        if (!found) throw act.notFound();
        await settle?.(act, found);
        break;
      case 'delete':
        if (found) await this.#delete(act, `${path}/${found['id']}`, found);
        break;
    }
    return this.observe(act.entity, act.signal);
  }

  async observe(entity: string, signal?: AbortSignal): Promise<Observation> {
    const begun_ms = performance.now();
    const item = await this.#find(entity, signal);
    const details = item && (await this.#details({ signal, id: String(item['id']) }));
    const seen = this.#observation(entity, item, details);
    this.#cloud.feed.learn(seen, begun_ms);
    return seen;
  }

  async list(signal?: AbortSignal): Promise<readonly Observation[]> {
    const [items, details] = await Promise.all([
      listAll(this.#cloud.session, this.#row.collection, { signal }),
      this.#details({ signal }),
    ]);
    const collection: Collection = COLLECTIONS[this.#row.collection];
    const names = entityNames(items, collection);
    return items.map((item, i) => this.#observation(names[i], item, details));
  }

  async #delete(act: Act, path: string, item: Item): Promise<void> {
    await this.#row.empty?.(act, item);
    await act.change('network', { method: 'DELETE', path });
  }

  #find(entity: string, signal?: AbortSignal): Promise<Item | undefined> {
    return find(this.#cloud.session, this.#row.collection, entity, { signal });
  }

  async #details(options: FindOptions & { readonly id?: string }): Promise<Details> {
    return (await this.#row.detailsOf?.(this.#cloud.session, options)) ?? new Map();
  }

  #observation(entity: string, item: Item | undefined, details?: Details): Observation {
    if (!item) return absent(this.kind, entity);
    const { stateOf, attributesOf } = this.#row;
    return {
      ...{ kind: this.kind, entity, state: stateOf(item), reason: String(item['status'] ?? '') },
      attributes: attributes({
        id: item['id'],
        project: item['project_id'],
        ...attributesOf(item),
        ...details?.get(String(item['id'])),
      }),
    };
  }
}

export async function post(act: Act, path: string, one: string, body: object): Promise<Item> {
  const call = { method: 'POST', path, body: { [one]: body } } as const;
  const { value } = await act.change('network', call);
  return (value as Record<string, Item>)[one];
}

/** neutron's status of a network or router as a state of its row. */
export function rowState({ status }: Item): string {
  if (status === 'ERROR') return 'rejected';
  return status === 'BUILD' ? 'creating' : 'active';
}
