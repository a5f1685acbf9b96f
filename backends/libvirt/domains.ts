import type { Observation } from '../../engine/contract.ts';
import type { CallOptions } from './connection.ts';
import { isDomainUnknown, libvirtFault } from './faults.ts';
import type { LifecycleEvent } from './protocol.ts';
import type { DomainRef } from './references.ts';
import type { Session } from './session.ts';
import {
  ABSENT,
  type DomainState,
  meaningOf,
  RESUMED,
  reportOf,
  type StateAndReason,
  stateAndReason,
} from './states.ts';

export const DOMAIN_KIND = 'domain';

/** `event`: what the domain machine calls the change; undefined when only the reason changed. */
type Listener = (name: string, seen: StateAndReason, event: string | undefined) => void;

const STOPPED: ReadonlySet<DomainState> = new Set(['shutoff', 'saved', 'crashed']);
const OFF: ReadonlySet<DomainState> = new Set([...STOPPED, 'absent']);
/** How long an event may lag behind the answer to a call before one looks oneself. */
const LOOK_EVERY_S = 1;

/**
 * What is known of every domain, from libvirt's events in their order. Nobody else writes here but
 * a look at what events cannot tell: what changed while there was no connection, whether a domain
 * that stopped is still defined, and an event that did not come.
 */
export class Domains {
  readonly #session: Pick<Session, 'call'>;
  readonly #known = new Map<string, StateAndReason>();
  readonly #listeners = new Set<Listener>();
  /** Those who wait for something to become true of a domain. */
  readonly #waiters = new Set<(name: string) => void>();
  readonly #resets = new Map<string, number>();
  /** Domains that are being looked at, and whether once is enough. */
  readonly #looks = new Map<string, 'once' | 'again'>();
  #synchronised: Promise<void> = Promise.resolve();

  constructor(session: Pick<Session, 'call'>) {
    this.#session = session;
  }

  /** Reports each change of a domain's state until the returned function is called. */
  watch(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The state of a domain as of the latest event. */
  known(name: string): StateAndReason {
    return this.#known.get(name) ?? ABSENT;
  }

  lifecycle(event: LifecycleEvent): void {
    const { name } = event.dom;
    if (this.#looks.has(name)) this.#looks.set(name, 'again');
    const meaning = meaningOf(event);
    // A domain that starts is first reported RESUMED, and STARTED once it is really up.
    if (event.event === RESUMED && OFF.has(this.known(name).state)) return;
    if (meaning !== 'look') this.#learn(name, meaning);
    // A transient domain vanishes when it stops, and no event says so.
    if (meaning === 'look' || STOPPED.has(meaning.state)) this.#look(name);
  }

  /** The guest of a domain was reset; its state stays `running`. */
  reset({ name }: DomainRef): void {
    this.#resets.set(name, this.resets(name) + 1);
    for (const waiter of [...this.#waiters]) waiter(name);
  }

  /** How often the guest of a domain was reset, as far as was heard. */
  resets(name: string): number {
    return this.#resets.get(name) ?? 0;
  }

  /** There is a new connection: finds out what changed while nobody was listening. */
  connected(): void {
    this.#synchronised = this.#synchronise();
    this.#synchronised.catch(() => {}); // the next connection begins anew
  }

  /** Resolves when `known` can be relied upon. */
  get synchronised(): Promise<void> {
    return this.#synchronised;
  }

  async #synchronise(): Promise<void> {
    const names = new Set((await this.all()).map((dom) => dom.name));
    for (const name of this.#known.keys()) names.add(name);
    await Promise.all([...names].map((name) => this.#look(name)));
  }

  async all(): Promise<readonly DomainRef[]> {
    const every = { need_results: 1, flags: 0 };
    return (await this.#session.call('connect_list_all_domains', every)).domains;
  }

  /** Throws `LIBVIRT_DOMAIN_UNKNOWN` when there is no such domain. */
  async find(name: string, options?: CallOptions): Promise<DomainRef> {
    return (await this.#session.call('domain_lookup_by_name', { name }, options)).dom;
  }

  /** The state now; `absent` when the domain went away meanwhile. */
  async state(dom: DomainRef): Promise<StateAndReason> {
    try {
      const [{ state, reason }, image] = await Promise.all([
        this.#session.call('domain_get_state', { dom, flags: 0 }),
        this.#session.call('domain_has_managed_save_image', { dom, flags: 0 }),
      ]);
      return stateAndReason(state, reason, image.result === 1);
    } catch (cause) {
      if (isDomainUnknown(cause)) return ABSENT;
      throw cause;
    }
  }

  /** What libvirt says of a domain now, asked afresh. */
  async observe(name: string): Promise<Observation> {
    try {
      const dom = await this.find(name);
      const [seen, info] = await Promise.all([
        this.state(dom),
        this.#session.call('domain_get_info', { dom }),
      ]);
      return {
        ...observation(name, seen),
        attributes: {
          uuid: uuidText(dom.uuid),
          vcpus: info.vcpus,
          memory_bytes: Number(info.memory_kib) * 1024,
          cpu_time_s: Number(info.cpu_ns) / 1e9,
        },
      };
    } catch (cause) {
      if (isDomainUnknown(cause)) return observation(name, ABSENT);
      throw cause;
    }
  }

  /** Resolves when events have shown that `settled` holds; looks itself when none comes. */
  until(
    name: string,
    settled: (seen: StateAndReason) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (settled(this.known(name))) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const look = setInterval(() => this.#look(name), LOOK_EVERY_S * 1000);
      const stop = () => {
        clearInterval(look);
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const waiter = (changed: string) => {
        if (changed !== name || !settled(this.known(name))) return;
        stop();
        resolve();
      };
      const abort = () => {
        stop();
        reject(libvirtFault('LIBVIRT_NO_ANSWER', `waiting for ${name} was given up`));
      };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
    });
  }

  /**
   * Looks at the domains whose guest is off while QEMU has still to end. No event says that it has
   * when a start or a restore was under way.
   */
  async lookAtEnding(): Promise<void> {
    const ending = [...this.#known].filter(([, { state }]) => state === 'shutdown');
    await Promise.all(ending.map(([name]) => this.#look(name)));
  }

  /**
   * Looks at a domain that events say too little of. What is seen may be older than an event that
   * comes in meanwhile; then it is looked at again. Never rejects: after a lost connection
   * everything is looked at anyway.
   */
  async #look(name: string): Promise<void> {
    if (this.#looks.has(name)) {
      this.#looks.set(name, 'again');
      return;
    }
    try {
      let seen: StateAndReason;
      do {
        this.#looks.set(name, 'once');
        seen = await this.#stateOf(name);
      } while (this.#looks.get(name) === 'again');
      this.#looks.delete(name);
      this.#learn(name, seen);
    } catch {
      this.#looks.delete(name);
    }
  }

  async #stateOf(name: string): Promise<StateAndReason> {
    try {
      return await this.state(await this.find(name));
    } catch (cause) {
      if (isDomainUnknown(cause)) return ABSENT;
      throw cause;
    }
  }

  #learn(name: string, seen: StateAndReason): void {
    const before = this.known(name);
    if (before.state === seen.state && before.reason === seen.reason) return;
    if (seen.state === 'absent') {
      this.#known.delete(name);
      this.#resets.delete(name);
    } else this.#known.set(name, seen);
    const event = reportOf(before.state, seen.state);
    for (const listener of [...this.#listeners]) listener(name, seen, event);
    for (const waiter of [...this.#waiters]) waiter(name);
  }
}

/** A state as an observation; `event` as an attribute when a change is reported. */
export function observation(name: string, seen: StateAndReason, event?: string): Observation {
  const { state, reason } = seen;
  const base = { kind: DOMAIN_KIND, entity: name, state, reason };
  return event === undefined ? base : { ...base, attributes: { event } };
}

/** The usual spelling, such as `6ba7b810-9dad-11d1-80b4-00c04fd430c8`. */
export function uuidText(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, hex);
}
