import type { LiveClock } from '../../backends/clock.ts';
import { Scheduler } from '../../engine/scheduler.ts';

/** Turns of the event loop in which somebody may do something before nothing more can happen. */
const IDLE_TURNS_MAX = 1000;

/** Virtual time for whoever expects a clock: it passes only while somebody waits. */
export class VirtualTime {
  readonly scheduler = new Scheduler(64);
  readonly #work = new Map<number, () => void>();
  readonly #handler: number;
  #next = 0;

  constructor() {
    this.#handler = this.scheduler.handler((index) => {
      const work = this.#work.get(index);
      this.#work.delete(index);
      work?.();
    });
  }

  get clock(): LiveClock {
    return {
      now_s: () => this.scheduler.now,
      wake: (in_s, call) => {
        const index = this.#next++;
        this.#work.set(index, call);
        this.scheduler.after(in_s, this.#handler, index);
        return () => this.#work.delete(index);
      },
    };
  }

  /** Begins something that calls back, and lets time pass until it has. */
  wait<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      let idle = 0;
      begin((value) => {
        isOver = true;
        resolve(value);
      });
      // Time passes only once the test waits, so that it can act within what it has begun.
      const run = () => {
        while (!isOver && this.scheduler.step(Number.MAX_VALUE)) idle = 0;
        if (isOver) return;
        if (idle++ < IDLE_TURNS_MAX) setImmediate(run);
        else reject(new Error('nothing more will happen'));
      };
      setImmediate(run);
    });
  }

  pass(seconds: number): void {
    this.scheduler.run(this.scheduler.now + seconds);
  }
}
