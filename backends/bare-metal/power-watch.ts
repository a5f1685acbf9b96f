import type { Observation } from '../../engine/contract.ts';
import { FaultError } from '../fault.ts';
import { Poller, type PollPlan } from '../poller.ts';
import { MachineFeed, type SeenMachine } from './machine-feed.ts';

/** How a driver finds the machines that it was told of. */
export interface PowerSource<Machine extends { readonly name: string }> {
  all(): readonly Machine[];
  get(name: string): Machine | undefined;
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
  readonly #source: PowerSource<Machine>;
  readonly #feed = new MachineFeed({ knowsPowerOnly: true });
  readonly #poller: Poller;

  constructor(source: PowerSource<Machine>, poll: PollPlan = POLL) {
    this.#source = source;
    this.#poller = new Poller(async (signal) => void (await this.lookAtAll(signal)), poll);
  }

  async look(machine: Machine, signal?: AbortSignal): Promise<Observation> {
    return this.learn(await this.#source.look(machine, signal));
  }

  learn(seen: SeenMachine): Observation {
    return this.#feed.learn(seen);
  }

  /** The machine is not known, or not any more. */
  gone(name: string): Observation {
    return this.#feed.gone(name);
  }

  /** One that does not answer leaves the others as they are. */
  async lookAtAll(signal?: AbortSignal): Promise<readonly Observation[]> {
    const looks = this.#source.all().map(async (machine): Promise<SeenMachine> => {
      try {
        return await this.#source.look(machine, signal);
      } catch (thrown) {
        if (!(thrown instanceof FaultError) || signal?.aborted) throw thrown;
        const attributes = this.#source.attributes(machine);
        const reason = thrown.fault.code;
        return { name: machine.name, status: 'new', power: 'error', reason, attributes };
      }
    });
    const seen = await Promise.all(looks);
    // One that was forgotten meanwhile is not brought back.
    return this.#feed.learnAll(seen.filter(({ name }) => this.#source.get(name)));
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
}
