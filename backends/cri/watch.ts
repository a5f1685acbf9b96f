import type { Observation } from '../../engine/contract.ts';
import { type BackoffPlan, backoff_s } from '../backoff.ts';
import type { ChangeFeed } from '../change-feed.ts';
import { FaultError } from '../fault.ts';
import { pause_s } from '../poller.ts';
import type { CriClient } from './client.ts';
import { absent, CONTAINER, KINDS, RUNTIME, SANDBOX } from './inventory.ts';
import { parseContainer } from './names.ts';

export interface WatchPlan {
  /** Between looks while the runtime reports nothing by itself. */
  readonly poll_s: number;
  /** Between looks while it does: images and conditions have no events. */
  readonly resync_s: number;
  /** From one look to the next at least: events come in bursts, and could come without end. */
  readonly quiet_s: number;
  readonly failed: BackoffPlan;
  readonly random: () => number;
}

export const WATCH_PLAN: WatchPlan = {
  poll_s: 0.5,
  resync_s: 5,
  quiet_s: 0.05,
  failed: { first_s: 0.1, max_s: 2 },
  random: Math.random,
};

interface Source {
  readonly client: Pick<CriClient, 'stream'>;
  readonly feed: ChangeFeed;
  readonly host: string;
  all(signal: AbortSignal): Promise<readonly Observation[]>;
}

/**
 * Finds out what changed, for as long as it runs. The runtime's event stream (containerd 1.7 and
 * newer, CRI-O) says when to look; without it one looks again and again.
 */
export class Watch {
  readonly #source: Source;
  readonly #plan: WatchPlan;
  /** What verbs learned, by entity, as a number that grows: a look that began before is older. */
  readonly #learned = new Map<string, number>();
  #moment = 0;
  #isStreaming = false;
  #wake = new AbortController();
  #running: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(source: Source, plan: WatchPlan) {
    this.#source = source;
    this.#plan = plan;
  }

  start(): void {
    if (this.#running) return;
    const abort = new AbortController();
    const ended = Promise.all([this.#look(abort.signal), this.#listen(abort.signal)]);
    this.#running = { abort, ended };
  }

  /** Resolves when nothing of it is under way any more. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#ended = this.#running?.ended ?? this.#ended;
    this.#running = undefined;
    await this.#ended;
  }

  /** Takes in what a verb saw. With a sandbox go its containers, however soon others have their names. */
  learn(seen: Observation): void {
    const isGone = seen.kind === SANDBOX && seen.state === 'absent';
    const containers = isGone ? this.#source.feed.allOf(CONTAINER) : [];
    for (const { kind, entity } of containers) {
      const isWithin = parseContainer(entity).sandbox === seen.entity;
      if (isWithin) this.learn(absent(kind, entity));
    }
    this.#learned.set(keyOf(seen), ++this.#moment);
    this.#source.feed.learn(seen);
  }

  async #look(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const began = ++this.#moment;
      this.#wake = new AbortController();
      try {
        this.#takeIn(await this.#source.all(signal), began);
        failures = 0;
      } catch (thrown) {
        failures++;
        this.#missed(thrown, signal);
      }
      await pause_s(this.#plan.quiet_s, signal);
      await pause_s(this.#wait_s(failures), AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** What a verb has seen since the look began is newer than the look. */
  #takeIn(all: readonly Observation[], began: number): void {
    const { feed } = this.#source;
    const newer = [...this.#learned].filter(([, moment]) => moment > began).map(([key]) => key);
    const kept = new Set(newer);
    const known = newer.flatMap((key) => {
      const at = key.indexOf('/');
      return feed.known(key.slice(0, at), key.slice(at + 1)) ?? [];
    });
    feed.learnAll([...all.filter((each) => !kept.has(keyOf(each))), ...known], KINDS);
    for (const [key, moment] of this.#learned) if (moment <= began) this.#learned.delete(key);
  }

  /** Nobody listens on the socket: the runtime is down, and its containers run on. */
  #missed(thrown: unknown, signal: AbortSignal): void {
    const { feed, host } = this.#source;
    const isDown = thrown instanceof FaultError && thrown.fault.code === 'CRI_UNREACHABLE';
    if (isDown && !signal.aborted && feed.known(RUNTIME, host)) feed.learn(runtimeDown(host));
  }

  async #listen(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        this.#isStreaming = true;
        await this.#source.client.stream('GetContainerEvents', () => this.#wake.abort(), signal);
      } catch (thrown) {
        if (thrown instanceof FaultError && thrown.fault.code === 'CRI_UNSUPPORTED') return;
      } finally {
        // Whoever waits for events looks at once, and then by itself.
        this.#isStreaming = false;
        this.#wake.abort();
      }
      await pause_s(backoff_s(this.#plan.failed, failures, this.#plan.random), signal);
    }
  }

  #wait_s(failures: number): number {
    const { failed, poll_s, random, resync_s } = this.#plan;
    if (failures > 0) return backoff_s(failed, failures - 1, random);
    return this.#isStreaming ? resync_s : poll_s;
  }
}

/** The runtime as it is when nobody answers on its socket. */
export function runtimeDown(host: string): Observation {
  return {
    ...absent(RUNTIME, host),
    state: 'down',
    reason: 'unreachable',
    attributes: { event: 'kill' },
  };
}

function keyOf({ kind, entity }: Observation): string {
  return `${kind}/${entity}`;
}
