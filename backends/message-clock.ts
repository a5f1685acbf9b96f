/** A message must end within a time of its beginning, however slowly its bytes drip in. */
export class MessageClock {
  readonly #limit_s: number;
  readonly #tooSlow: (limit_s: number) => void;
  #timer: NodeJS.Timeout | undefined;

  /** Calls `tooSlow` when a message has not ended `limit_s` after it began. */
  constructor(limit_s: number, tooSlow: (limit_s: number) => void) {
    this.#limit_s = limit_s;
    this.#tooSlow = tooSlow;
  }

  /** To be called when bytes have come: it runs from the first of a message that is not whole. */
  follow(isWithinMessage: boolean): void {
    if (isWithinMessage) {
      this.#timer ??= setTimeout(() => this.#tooSlow(this.#limit_s), this.#limit_s * 1000);
    } else {
      this.stop();
    }
  }

  /** A message is whole, or the connection over: the next one has all the time again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
