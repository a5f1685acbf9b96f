/** Things that happen after a while, all of which can be held up, and none of which outlives it. */
export class Agenda {
  readonly #timers = new Set<NodeJS.Timeout>();
  #held: (() => void)[] | undefined;

  after(wait_s: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#held) this.#held.push(work);
      else work();
    }, wait_s * 1000);
    this.#timers.add(timer);
  }

  /** Nothing happens until `letGo`. */
  hold(): void {
    this.#held ??= [];
  }

  letGo(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const work of held) work();
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = undefined;
  }
}
