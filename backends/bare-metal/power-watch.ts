import type { Observation } from '../../engine/contract.ts';
import { diagnose } from '../diagnose.ts';
import type { Diagnosis } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { Poller, type PollPlan } from '../poller.ts';
import { MachineFeed, type SeenMachine } from './machine-feed.ts';

/** What a driver that knows power alone is opened with; `Entry` is a machine of its inventory. */
export interface PowerOptions<Entry> {
  readonly inventory?: readonly Entry[];
  /** Where passwords are found. */
  readonly env?: NodeJS.ProcessEnv;
  /** How often a machine is looked at while an action on it is under way, seconds; default 1. */
  readonly look_s?: number;
  readonly poll?: PollPlan;
}

/** The default of `look_s`. */
export const LOOK_S = 1;

/** The machines that a driver was told of. */
export interface KnownMachines<Machine> {
  all(): readonly Machine[];
  get(name: string): Machine | undefined;
}

/** How a driver looks at one of them. */
export interface PowerView<Machine> {
  look(machine: Machine, signal?: AbortSignal): Promise<SeenMachine>;
  /** What is known of a machine that cannot be looked at. */
  attributes(machine: Machine): SeenMachine['attributes'];
}

const POLL: PollPlan = { every_s: 15, failed: { first_s: 5, max_s: 60 } };

/**
 * Machines of which a driver knows power and nothing of what they are used for, so that every one of
 * them is `new`: looked at one by one, and all again and again while somebody listens.
 */
export class PowerWatch<Machine extends { readonly name: string }> {
  readonly #known: KnownMachines<Machine>;
  readonly #view: PowerView<Machine>;
  readonly #feed = new MachineFeed({ knowsPowerOnly: true });
  readonly #poller: Poller;

  constructor(known: KnownMachines<Machine>, view: PowerView<Machine>, poll: PollPlan = POLL) {
    this.#known = known;
    this.#view = view;
    this.#poller = new Poller(async (signal) => void (await this.lookAtAll(signal)), poll);
  }

  async look(machine: Machine, signal?: AbortSignal): Promise<Observation> {
    const asked = this.now();
    return this.learn(await this.#view.look(machine, signal), asked);
  }

  /** A moment, for `learn`: to be taken before a machine is asked. */
  now(): number {
    return this.#feed.now();
  }

  learn(seen: SeenMachine, asked: number): Observation {
    return this.#feed.learn(seen, asked);
  }

  /** The machine is not known, or not any more. */
  gone(name: string): Observation {
    return this.#feed.gone(name);
  }

  /** One that does not answer leaves the others as they are. */
  async lookAtAll(signal?: AbortSignal): Promise<readonly Observation[]> {
    const asked = this.now();
    const looks = this.#known.all().map(async (machine): Promise<SeenMachine> => {
      try {
        return await this.#view.look(machine, signal);
      } catch (thrown) {
        if (!(thrown instanceof FaultError) || signal?.aborted) throw thrown;
        const attributes = this.#view.attributes(machine);
        const reason = thrown.fault.code;
        return { name: machine.name, status: 'new', power: 'error', reason, attributes };
      }
    });
    const seen = await Promise.all(looks);
    // One that was forgotten meanwhile is not brought back.
    return this.#feed.learnAll(
      seen.filter(({ name }) => this.#known.get(name)),
      asked,
    );
  }

  watch(listener: (observation: Observation) => void): () => void {
    const leave = this.#feed.feed.listen(listener);
    this.#poller.start();
    return () => {
      leave();
      if (!this.#feed.feed.isHeard) void this.#poller.stop();
    };
  }

  close(): Promise<void> {
    return this.#poller.stop();
  }

  /** Checks every machine; `nothing` is what is missing when none is known. */
  async diagnose(
    checksOf: (machine: Machine) => Parameters<typeof diagnose>[0],
    nothing: string,
  ): Promise<readonly Diagnosis[]> {
    const checks = this.#known.all().map((machine) => diagnose(checksOf(machine)));
    const found = (await Promise.all(checks)).flat();
    if (found.length > 0) return found;
    const advice = 'Name machines in an inventory.';
    return [{ check: 'reachable', ok: false, found: `no ${nothing} is known`, advice }];
  }
}
