/** What the page shows now. One object; views are told once a frame what became of it. */

export interface State {
  readonly time_s: number;
  readonly playing: boolean;
  /** Simulated seconds per second of watching. */
  readonly speed: number;
  /** Entity under the pointer or the keyboard's cell cursor, -1 for none. */
  readonly hovered: number;
  /** Entity chosen by click or Enter, -1 for none. */
  readonly pinned: number;
  /** Empty, `layer:sdn` or `kind:osd`. */
  readonly filter: string;
  /** Entities that the search box finds. */
  readonly matches: ReadonlySet<number>;
  /** The part of the recording that the timeline shows. */
  readonly view_s: readonly [number, number];
}

export type Listener = (state: State, before: State) => void;

export class Store {
  private current: State;
  private told: State;
  private readonly listeners: Listener[] = [];
  private readonly schedule: (flush: () => void) => void;
  private pending = false;

  /** `schedule` runs its argument a little later: requestAnimationFrame on the page. */
  constructor(initial: State, schedule: (flush: () => void) => void) {
    this.current = initial;
    this.told = initial;
    this.schedule = schedule;
  }

  get state(): State {
    return this.current;
  }

  /** Changes the state at once; listeners hear of it with the next frame, whatever else changes. */
  set(change: Partial<State>): void {
    const next = { ...this.current, ...change };
    const keys = Object.keys(change) as (keyof State)[];
    if (keys.every((key) => Object.is(next[key], this.current[key]))) return;
    this.current = next;
    if (this.pending) return;
    this.pending = true;
    this.schedule(() => this.flush());
  }

  subscribe(listener: Listener): void {
    this.listeners.push(listener);
  }

  private flush(): void {
    this.pending = false;
    const before = this.told;
    this.told = this.current;
    for (const listener of this.listeners) listener(this.told, before);
  }
}
