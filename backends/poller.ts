import { type BackoffPlan, backoff_s } from './backoff.ts';

export interface PollPlan {
  /** Looks again this long after a look ended. */
  readonly every_s: number;
  /** Waits after looks that failed. */
  readonly failed: BackoffPlan;
  readonly random?: () => number;
}

/**
 * Looks again and again while it runs: for systems that report nothing by themselves. One look at a
 * time; a look that fails is repeated with back-off, and what it threw is nobody's: the next look
 * that succeeds tells what changed.
 */
export class Poller {
  readonly #look: (signal: AbortSignal) => Promise<void>;
  readonly #plan: PollPlan;
  #running: { readonly abort: AbortController } | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(look: (signal: AbortSignal) => Promise<void>, plan: PollPlan) {
    this.#look = look;
    this.#plan = plan;
  }

  start(): void {
    if (this.#running) return;
    const abort = new AbortController();
    // A look that was given up may take a moment to end.
    this.#ended = this.#ended.then(() => this.#run(abort.signal));
    this.#running = { abort };
  }

  /** Resolves when the look under way, if any, has ended. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    this.#running = undefined;
    await this.#ended;
  }

  async #run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
        failures = 0;
      } catch {
        failures++;
      }
      await pause_s(this.#wait_s(failures), signal);
    }
  }

  #wait_s(failures: number): number {
    const { every_s, failed, random = Math.random } = this.#plan;
    return failures === 0 ? every_s : backoff_s(failed, failures - 1, random);
  }
}

/** The longest wait a timer can hold (2^31 - 1 ms); a longer one would end at once. */
const TIMER_MS_MAX = 2_147_483_647;

/** Resolves after a while, or at once when the signal aborts. Leaves no timer behind. */
export function pause_s(wait_s: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(wait_s * 1000, TIMER_MS_MAX));
    signal?.addEventListener('abort', done);
  });
}
