/**
 * Ctrl-C during long work. The work looks now and then whether it was asked to stop, so that it can
 * say what was written. The second time the process ends at once, as it does without a handler.
 */

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Work between two looks, in milliseconds. */
const LOOK_ms = 50;

/** The work was stopped by a signal; `advice` says what is left of it. */
export class Interrupted extends Error {
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.name = 'Interrupted';
    this.advice = advice;
  }
}

export class Interrupts {
  #asked = false;
  #looked_ms = performance.now();
  readonly #listener = (): void => {
    this.#asked = true;
    // Without a listener the next signal ends the process, even in the middle of a computation.
    this.stop();
    for (const act of this.#acts) act();
  };
  readonly #acts: (() => void)[] = [];

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#listener);
  }

  /** Calls `act` when a signal comes. */
  onSignal(act: () => void): void {
    this.#acts.push(act);
  }

  /** Whether to stop. Lets signals in when it is time again, and now with `force`. */
  async asked(force = false): Promise<boolean> {
    const now_ms = performance.now();
    if (!this.#asked && (force || now_ms - this.#looked_ms >= LOOK_ms)) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#looked_ms = performance.now();
    }
    return this.#asked;
  }

  /** Leaves signals to the system again. */
  stop(): void {
    for (const signal of SIGNALS) process.off(signal, this.#listener);
  }
}
