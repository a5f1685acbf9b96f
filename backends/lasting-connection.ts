import { type BackoffPlan, backoff_s } from './backoff.ts';
import { pause_s } from './poller.ts';

export interface ConnectionPlan<Connection> {
  /** Makes a connection; it must end soon after `signal` aborts, leaving nothing behind. */
  open(signal: AbortSignal): Promise<Connection>;
  /** Resolves when a connection is over. */
  ended(connection: Connection): Promise<unknown>;
  /** Hangs up; resolves when nothing of the connection is left. */
  hangUp(connection: Connection): Promise<void>;
  /** What is thrown to who asks afterwards, or gave up waiting. */
  closed(): Error;
  readonly backoff: BackoffPlan;
  /** Draws the jitter of connecting again; in [0, 1). */
  readonly random?: () => number;
}

/**
 * One connection that lasts: made when first asked for, and again whenever it was lost, until it is
 * closed. Who asks while there is none waits for the attempt that is due next, and takes its fault
 * if that fails.
 */
export class LastingConnection<Connection> {
  readonly #plan: ConnectionPlan<Connection>;
  readonly #closing = new AbortController();
  #attempt: Promise<Connection> | undefined;
  #first: Promise<void> | undefined;
  #failures = 0;

  constructor(plan: ConnectionPlan<Connection>) {
    this.#plan = plan;
  }

  /** Aborts when the connection is closed for good. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** The connection there is, or the next one. */
  get(signal?: AbortSignal): Promise<Connection> {
    if (this.closing.aborted) return Promise.reject(this.#plan.closed());
    this.#attempt ??= this.#connect(0);
    return signal ? this.#unlessAborted(this.#attempt, signal) : this.#attempt;
  }

  /** Resolves when the first attempt to connect has ended, well or not. */
  tried(signal: AbortSignal): Promise<void> {
    this.#first ??= this.get().then(
      () => {},
      () => {},
    );
    return this.#unlessAborted(this.#first, signal);
  }

  /** Hangs up and stays so: afterwards nothing is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    const connection = await this.#attempt?.catch(() => undefined);
    if (connection !== undefined) await this.#plan.hangUp(connection);
  }

  #connect(wait_s: number): Promise<Connection> {
    const attempt = this.#open(wait_s);
    attempt.then(
      (connection) => {
        this.#failures = 0;
        this.#plan.ended(connection).then(() => this.#again());
      },
      () => this.#again(),
    );
    return attempt;
  }

  #again(): void {
    if (this.closing.aborted) return;
    const { backoff, random = Math.random } = this.#plan;
    this.#attempt = this.#connect(backoff_s(backoff, this.#failures++, random));
    this.#attempt.catch(() => {}); // whoever asks meanwhile gets the fault; nobody may
  }

  async #open(wait_s: number): Promise<Connection> {
    await pause_s(wait_s, this.closing);
    if (this.closing.aborted) throw this.#plan.closed();
    return this.#plan.open(this.closing);
  }

  #unlessAborted<T>(attempt: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(this.#plan.closed());
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort);
      attempt.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}
