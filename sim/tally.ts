/** What happened again and again, kept once: the first time in whole, then only how often. */
export class Tally<Found extends { times: number }> {
  readonly #found = new Map<string, Found>();

  /** In the order in which they first happened. */
  get all(): readonly Found[] {
    return [...this.#found.values()];
  }

  /** Counts one more of what `key` stands for; `first` makes what is kept, the first time. */
  note(key: string, first: () => Omit<Found, 'times'>): void {
    const known = this.#found.get(key);
    if (known) known.times++;
    else this.#found.set(key, { ...first(), times: 1 } as Found);
  }
}
