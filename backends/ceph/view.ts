import type { Session } from './session.ts';

/**
 * One look at the cluster: whatever is asked through it is asked once, however many kinds of
 * entities are read from the answer. It is thrown away afterwards; nothing in it is ever old.
 */
export class View {
  readonly session: Session;
  readonly signal: AbortSignal | undefined;
  readonly #asked = new Map<unknown, Promise<unknown>>();

  constructor(session: Session, signal?: AbortSignal) {
    this.session = session;
    this.signal = signal;
  }

  /** What `read` finds in this look. */
  of<T>(read: (view: View) => Promise<T>): Promise<T> {
    const known = this.#asked.get(read);
    if (known) return known as Promise<T>;
    const asked = read(this);
    this.#asked.set(read, asked);
    return asked;
  }
}
