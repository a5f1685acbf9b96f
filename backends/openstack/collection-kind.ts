import type { Observation } from '../../engine/contract.ts';
import type { Act, CloudContext, Kind } from './context.ts';
import { type CollectionName, entityNames, find, type Item, listAll } from './lookup.ts';
import { type Ending, untilEnded } from './settle.ts';

/**
 * A kind whose entities are the things of one collection, each called by its name, or by its UUID where
 * others have the same name: how they are found, seen, listed and waited for.
 */
export abstract class CollectionKind implements Kind {
  readonly kind: CollectionName;
  abstract readonly verbs: readonly string[];
  protected readonly cloud: CloudContext;

  /** `kind` is the name of the collection as well. */
  constructor(kind: CollectionName, cloud: CloudContext) {
    this.kind = kind;
    this.cloud = cloud;
  }

  abstract perform(act: Act): Promise<Observation>;

  /** What is seen of a thing; of none, that it is absent. */
  protected abstract observationOf(entity: string, item: Item | undefined): Observation;

  async observe(entity: string, signal?: AbortSignal): Promise<Observation> {
    const begun_ms = performance.now();
    const seen = this.observationOf(entity, await this.find(entity, signal));
    this.cloud.feed.learn(seen, begun_ms);
    return seen;
  }

  async list(signal?: AbortSignal): Promise<readonly Observation[]> {
    const query = await this.scope();
    const items = await listAll(this.cloud.session, this.kind, { query, signal });
    const names = entityNames(items);
    return items.map((item, i) => this.observationOf(names[i], item));
  }

  /** What both lists and searches ask for besides, such as the things of all projects. */
  protected async scope(): Promise<Readonly<Record<string, string>>> {
    return {};
  }

  protected async find(entity: string, signal?: AbortSignal): Promise<Item | undefined> {
    const query = await this.scope();
    return find(this.cloud.session, this.kind, entity, { query, signal });
  }

  /** Why it came to a state that nobody wanted, where its service keeps that elsewhere. */
  protected async explain(_act: Act, _seen: Observation): Promise<string | undefined> {
    return undefined;
  }

  protected untilEnded(act: Act, ending: Ending): Promise<Observation> {
    const look = (signal: AbortSignal) => this.observe(act.entity, signal);
    return untilEnded(act, ending, look, (seen) => this.explain(act, seen));
  }
}
