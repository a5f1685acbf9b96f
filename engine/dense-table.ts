/**
 * A model's table without the columns of events that a kind does not know. The whole table has a row
 * of all events for every state, nearly all of it empty: two megabytes in which every look-up is a
 * cache miss. Without them it stays in the cache.
 */
import { type CompiledModel, UNHANDLED } from './tables.ts';

/** A column that all kinds have in common, for events that they do not know. */
const UNKNOWN = 0;

export class DenseTable {
  readonly eventCount: number;
  /** [kind * events + event] -> column. */
  readonly #columns: Uint16Array;
  readonly #stateKind: Uint8Array;
  readonly #rows: Int32Array;
  readonly #entries: Int32Array;

  constructor({ table, kinds, stateKind, eventNames }: CompiledModel) {
    const eventCount = eventNames.length;
    this.eventCount = eventCount;
    this.#stateKind = stateKind;
    this.#columns = new Uint16Array(kinds.length * eventCount).fill(UNKNOWN);
    this.#rows = new Int32Array(stateKind.length);
    const entries: number[] = [];
    for (const { id, firstState, stateCount, events } of kinds) {
      const known = [...events];
      known.forEach((event, i) => {
        this.#columns[id * eventCount + event] = i + 1;
      });
      for (let s = firstState; s < firstState + stateCount; s++) {
        this.#rows[s] = entries.length;
        entries.push(UNHANDLED);
        for (const event of known) entries.push(table[s * eventCount + event]);
      }
    }
    this.#entries = Int32Array.from(entries);
  }

  /** The first candidate of an event in a state (> 0), UNHANDLED or IGNORED. */
  entry(state: number, event: number): number {
    const column = this.#columns[this.#stateKind[state] * this.eventCount + event];
    return this.#entries[this.#rows[state] + column];
  }
}
