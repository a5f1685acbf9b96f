import { libvirtFault } from './faults.ts';

/** libvirtd works on this many calls of a client at a time (`max_client_requests`). */
const CALLS_MAX = 5;
/** Acts may take seconds; they leave one place free, so that questions are always answered. */
const ACTS_MAX = 4;

interface Waiter {
  readonly act: boolean;
  readonly go: (release: (() => void) | undefined) => void;
}

/**
 * Hands out turns for calls. A call beyond libvirtd's limit would only wait in the socket, where it
 * could neither be taken back nor be told from one that had an effect.
 */
export class CallQueue {
  #waiters: Waiter[] = [];
  #calls = 0;
  #acts = 0;

  /**
   * Waits for a turn and returns what ends it; undefined when the connection ended meanwhile.
   * Rejects when `signal` aborts first.
   */
  turn(act: boolean, signal?: AbortSignal): Promise<(() => void) | undefined> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        reject(
          libvirtFault('LIBVIRT_NO_ANSWER', 'given up before it was sent', { effect: 'none' }),
        );
      };
      const waiter: Waiter = {
        act,
        go: (release) => {
          signal?.removeEventListener('abort', abort);
          resolve(release);
        },
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort);
      this.#waiters.push(waiter);
      this.#next();
    });
  }

  /** Lets everybody go who still waits, without a turn. */
  end(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.go(undefined);
  }

  #next(): void {
    while (this.#calls < CALLS_MAX) {
      const at = this.#waiters.findIndex((each) => !each.act || this.#acts < ACTS_MAX);
      if (at < 0) return;
      const [waiter] = this.#waiters.splice(at, 1);
      this.#calls++;
      if (waiter.act) this.#acts++;
      waiter.go(this.#release(waiter.act));
    }
  }

  #release(act: boolean): () => void {
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#calls--;
      if (act) this.#acts--;
      this.#next();
    };
  }
}
