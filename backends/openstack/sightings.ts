import type { Observation } from '../../engine/contract.ts';
import { ChangeFeed } from '../change-feed.ts';

type Listener = (observation: Observation) => void;

/**
 * A change feed for looks that overlap: an action looks at its own server while a poll looks at
 * everything, and answers may overtake each other. What a look saw counts only when no look that
 * began later has been heard.
 */
export class Sightings {
  readonly #feed = new ChangeFeed();
  /** When the last look that counted began, by entity. */
  readonly #begun = new Map<string, number>();

  get isHeard(): boolean {
    return this.#feed.isHeard;
  }

  listen(listener: Listener): () => void {
    return this.#feed.listen(listener);
  }

  known(kind: string, entity: string): Observation | undefined {
    return this.#feed.known(kind, entity);
  }

  /** @param begun_ms when the look began, by `performance.now()`, before it was asked for */
  learn(seen: Observation, begun_ms: number): void {
    const key = `${seen.kind}/${seen.entity}`;
    if (this.#isOlder(key, begun_ms)) return;
    this.#begun.set(key, begun_ms);
    this.#feed.learn(seen);
  }

  /** Everything of some kinds: what is not among it is gone, unless a later look saw it. */
  learnAll(
    all: readonly Observation[],
    kinds: ReadonlySet<string>,
    begun_ms: number,
    missed: (seen: Observation) => readonly Observation[],
  ): void {
    const present = new Map(all.map((seen) => [`${seen.kind}/${seen.entity}`, seen]));
    const kept: Observation[] = [];
    for (const key of this.#begun.keys()) {
      const [kind] = key.split('/', 1);
      if (!kinds.has(kind) || !this.#isOlder(key, begun_ms)) continue;
      present.delete(key);
      const known = this.#feed.known(kind, key.slice(kind.length + 1));
      if (known) kept.push(known);
    }
    for (const key of present.keys()) this.#begun.set(key, begun_ms);
    const news = [...present.values()].flatMap((seen) => [...missed(seen), seen]);
    this.#feed.learnAll([...kept, ...news], kinds);
    this.#forgetGone(present, kinds, begun_ms);
  }

  #isOlder(key: string, begun_ms: number): boolean {
    return (this.#begun.get(key) ?? 0) > begun_ms;
  }

  /** Entities that are gone need not be remembered once a whole list did not have them. */
  #forgetGone(
    present: ReadonlyMap<string, Observation>,
    kinds: ReadonlySet<string>,
    begun_ms: number,
  ): void {
    for (const [key, begun] of [...this.#begun]) {
      const [kind] = key.split('/', 1);
      if (kinds.has(kind) && begun <= begun_ms && !present.has(key)) this.#begun.delete(key);
    }
  }
}
