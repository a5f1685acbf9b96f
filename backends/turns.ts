import PQueue from 'p-queue';
import type { Action } from '../engine/contract.ts';
import { type ActOrder, mayBegin } from './act-order.ts';

/** An act that waits for its turn, or has it. */
export interface Turn {
  /** The first act that it waits for; undefined when only a place is missing, or nothing. */
  readonly behind: Action | undefined;
  /** Gives the turn up. What has begun keeps its turn until it has settled. */
  leave(): void;
}

/**
 * Carries an act out; must not reject. `acted` is to be told when it may have had an effect: what
 * interrupts it may begin then.
 */
export type Work = (acted: () => void) => Promise<void>;

interface Entry {
  readonly action: Action;
  readonly work: Work;
  /** Admitted: nothing earlier is in its way. Begun: it has a place as well. */
  stage: 'waiting' | 'admitted' | 'begun' | 'left';
  hasActed: boolean;
}

/**
 * Whose turn it is: acts on one entity in the order they were asked for, as far as the driver does
 * not say otherwise; acts on different entities beside each other, as many as there are places. An
 * act that waits for another on its entity has no place.
 */
export class Turns {
  readonly #places: PQueue;
  readonly #orderOf: (kind: string) => ActOrder;
  /** By entity: the acts that have not settled, in the order they were asked for. */
  readonly #lines = new Map<string, Entry[]>();

  constructor(places: number, orderOf: (kind: string) => ActOrder) {
    this.#places = new PQueue({ concurrency: places });
    this.#orderOf = orderOf;
  }

  /** Has `work` begin when it is its turn. */
  enter(action: Action, work: Work): Turn {
    const entry: Entry = { action, work, stage: 'waiting', hasActed: false };
    const line = this.#lines.get(lineOf(action)) ?? [];
    this.#lines.set(lineOf(action), line);
    line.push(entry);
    this.#advance(line);
    const behind = () =>
      entry.stage === 'waiting' ? this.#obstacle(entry, line)?.action : undefined;
    return {
      get behind() {
        return behind();
      },
      leave: () => {
        if (entry.stage !== 'begun') this.#remove(entry);
      },
    };
  }

  /** The first act asked for earlier that must have settled before. */
  #obstacle(entry: Entry, line: readonly Entry[]): Entry | undefined {
    const { kind, verb } = entry.action;
    const order = this.#orderOf(kind);
    for (const earlier of line) {
      if (earlier === entry) return undefined;
      const { action, hasActed } = earlier;
      if (!mayBegin(order, verb, { verb: action.verb, hasActed })) return earlier;
    }
    return undefined;
  }

  #admit(entry: Entry): void {
    entry.stage = 'admitted';
    void this.#places.add(async () => {
      if (entry.stage !== 'admitted') return; // given up before there was a place
      entry.stage = 'begun';
      await entry.work(() => this.#acted(entry));
      this.#remove(entry);
    });
  }

  #acted(entry: Entry): void {
    if (entry.hasActed) return;
    entry.hasActed = true;
    this.#advance(this.#lines.get(lineOf(entry.action)) ?? []);
  }

  #remove(entry: Entry): void {
    const key = lineOf(entry.action);
    const line = this.#lines.get(key) ?? [];
    const at = line.indexOf(entry);
    if (at < 0) return;
    entry.stage = 'left';
    line.splice(at, 1);
    if (line.length === 0) this.#lines.delete(key);
    else this.#advance(line);
  }

  #advance(line: readonly Entry[]): void {
    for (const entry of [...line]) {
      if (entry.stage === 'waiting' && !this.#obstacle(entry, line)) this.#admit(entry);
    }
  }
}

function lineOf({ kind, entity }: Action): string {
  return `${kind}/${entity}`;
}
