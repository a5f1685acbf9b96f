import type { Observation } from '../../engine/contract.ts';
import { ChangeFeed } from '../change-feed.ts';
import {
  type MachineState,
  parseState,
  type StatusName,
  stateName,
  statesBetween,
} from './machine-state.ts';

export const MACHINE_KIND = 'machine';

/** A machine as one look saw it. */
export interface SeenMachine extends MachineState {
  readonly name: string;
  /** The real system's own words for the state. */
  readonly reason: string;
  readonly attributes: NonNullable<Observation['attributes']>;
}

export interface MachineFeedOptions {
  /**
   * The system knows only whether a machine has power: changes are reported as the machine's event
   * for that, which leaves a status that somebody else knows as it is.
   */
  readonly knowsPowerOnly?: true;
  /** Statuses that may pass unseen between two looks; default any. */
  readonly unseen?: readonly StatusName[];
}

/** The change feed of machines: a change of status and power at once is told as two. */
export class MachineFeed {
  readonly feed = new ChangeFeed();
  readonly #knowsPowerOnly: boolean;
  readonly #unseen: readonly StatusName[] | undefined;
  /** When what is known of a machine, or that it is gone, was asked for: see `now`. */
  readonly #asked = new Map<string, number>();
  #clock = 0;
  /** Of acts that are under way. */
  readonly #expected = new Map<symbol, { name: string; via: readonly StatusName[] }>();

  constructor(options: MachineFeedOptions = {}) {
    this.#knowsPowerOnly = options.knowsPowerOnly ?? false;
    this.#unseen = options.unseen;
  }

  /**
   * Says that an act on a machine is under way, and which statuses it leads through: they may pass
   * unseen, whoever looks. Returns what says that it is over.
   */
  expect(name: string, via: readonly StatusName[]): () => void {
    const act = Symbol(name);
    this.#expected.set(act, { name, via });
    return () => void this.#expected.delete(act);
  }

  /**
   * A moment, for `asked`: answers may come in another order than their questions were sent. What
   * was asked for before something newer became known is old news, and is left out.
   */
  now(): number {
    return ++this.#clock;
  }

  /** Takes in what was seen, and returns what is known then as an observation. */
  learn(seen: SeenMachine, asked = this.now()): Observation {
    if (this.#isOld(seen.name, asked)) return this.#known(seen.name);
    this.#asked.set(seen.name, asked);
    const acts = [...this.#expected.values()].filter(({ name }) => name === seen.name);
    const via = acts.flatMap((act) => act.via);
    const known = this.feed.known(MACHINE_KIND, seen.name);
    const before = known && parseState(known.state);
    const now = this.#observation(seen, seen);
    const states = before ? statesBetween(before, seen, { via, only: this.#unseen }) : [];
    for (const state of states.slice(0, -1)) this.feed.learn(this.#observation(seen, state));
    this.feed.learn(now);
    return now;
  }

  /** Takes in all machines that there are. */
  learnAll(all: readonly SeenMachine[], asked = this.now()): readonly Observation[] {
    const present = new Set(all.map(({ name }) => name));
    for (const name of [...this.#asked.keys()]) {
      if (present.has(name) || this.#isOld(name, asked)) continue;
      if (this.feed.known(MACHINE_KIND, name)) this.gone(name, asked);
      else this.#asked.delete(name); // gone since the list before
    }
    const known = all.map((each) => this.learn(each, asked));
    return known.filter(({ state }) => state !== ABSENT);
  }

  /** The machine is not there, or not any more. */
  gone(name: string, asked = this.now()): Observation {
    if (this.#isOld(name, asked)) return this.#known(name);
    this.#asked.set(name, asked);
    const absent = { kind: MACHINE_KIND, entity: name, state: ABSENT };
    this.feed.learn(absent);
    return absent;
  }

  #isOld(name: string, asked: number): boolean {
    return (this.#asked.get(name) ?? 0) > asked;
  }

  #known(name: string): Observation {
    const absent = { kind: MACHINE_KIND, entity: name, state: ABSENT };
    return this.feed.known(MACHINE_KIND, name) ?? absent;
  }

  #observation(seen: SeenMachine, state: MachineState): Observation {
    const { attributes } = seen;
    return {
      kind: MACHINE_KIND,
      entity: seen.name,
      state: stateName(state),
      reason: seen.reason,
      attributes: this.#knowsPowerOnly
        ? { ...attributes, event: `power_${state.power}` }
        : attributes,
    };
  }
}

const ABSENT = 'absent';
