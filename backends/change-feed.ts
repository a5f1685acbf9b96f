import type { Observation } from '../engine/contract.ts';

type Listener = (observation: Observation) => void;

/**
 * What was last seen of every entity, and who wants to hear of changes. All that a driver learns,
 * by events, by polling, or as the answer to a verb, goes through here, so that each change is
 * reported once and in order, whichever way it came.
 */
export class ChangeFeed {
  readonly #seen = new Map<string, Observation>();
  readonly #listeners = new Set<{ readonly hear: Listener }>();
  readonly #news: Observation[] = [];
  #isTelling = false;

  /** Whether anybody listens; nobody need poll when nobody does. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  listen(listener: Listener): () => void {
    const entry = { hear: listener };
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** The last observation; undefined for what was never seen, or is gone. */
  known(kind: string, entity: string): Observation | undefined {
    return this.#seen.get(`${kind}/${entity}`);
  }

  /** The last observation of every entity of a kind. */
  allOf(kind: string): readonly Observation[] {
    return [...this.#seen.values()].filter((seen) => seen.kind === kind);
  }

  /** Takes in what was seen now, and reports it when its state or reason is news. */
  learn(seen: Observation): void {
    const key = `${seen.kind}/${seen.entity}`;
    const before = this.#seen.get(key);
    if (seen.state === ABSENT && !before) return;
    if (seen.state === ABSENT) this.#seen.delete(key);
    else this.#seen.set(key, seen);
    if (seen.state === before?.state && seen.reason === before.reason) return;
    this.#news.push(seen);
    if (!this.#isTelling) this.#tell();
  }

  /** Everybody hears of one change before anybody hears of the next, even if a listener learns. */
  #tell(): void {
    this.#isTelling = true;
    try {
      for (let seen = this.#news.shift(); seen; seen = this.#news.shift()) {
        for (const listener of [...this.#listeners]) {
          if (this.#listeners.has(listener)) listener.hear(seen);
        }
      }
    } finally {
      this.#isTelling = false;
    }
  }

  /**
   * Takes in everything there is: what is not among it any more is reported as absent.
   * `kinds` are those that the list is complete for.
   */
  learnAll(all: readonly Observation[], kinds: ReadonlySet<string>): void {
    const present = new Set(all.map(({ kind, entity }) => `${kind}/${entity}`));
    for (const [key, { kind, entity }] of [...this.#seen]) {
      if (kinds.has(kind) && !present.has(key)) this.learn({ kind, entity, state: ABSENT });
    }
    for (const each of all) this.learn(each);
  }
}

const ABSENT = 'absent';
