import type { BackoffPlan } from '../backoff.ts';
import { FaultError } from '../fault.ts';
import { LastingConnection } from '../lasting-connection.ts';
import type { SshConfigOptions } from '../ssh/config.ts';
import {
  type CallOptions,
  CONNECTION_LIMITS,
  Connection,
  type ConnectionLimits,
} from './connection.ts';
import { dial } from './dial.ts';
import { libvirtFault } from './faults.ts';
import {
  Auth,
  type CallArgs,
  type CallName,
  type CallResult,
  Feature,
  type LifecycleEvent,
  LifecycleMessage,
  NetworkLifecycleMessage,
  PoolLifecycleMessage,
  RebootMessage,
} from './protocol.ts';
import type { DomainRef } from './references.ts';
import { type LibvirtAddress, parseLibvirtUri } from './uri.ts';
import { decode } from './xdr.ts';

export interface SessionOptions {
  /** A libvirt connection URI, such as `qemu:///system` or `qemu+ssh://host/system`. */
  readonly uri: string;
  /** Where SSH looks for what a remote URI does not say; default ~/.ssh/config. */
  readonly ssh?: SshConfigOptions;
  readonly limits?: Partial<ConnectionLimits>;
  readonly reconnect?: BackoffPlan;
  /** Draws the jitter of reconnecting; in [0, 1). */
  readonly random?: () => number;
}

/** What a session tells its owner, in the order in which it happens. */
export interface SessionListener {
  /** Connected, registered for events; nothing that happened before was reported. */
  connected(): void;
  lifecycle(event: LifecycleEvent): void;
  /** The guest of a domain was reset. */
  reset(domain: DomainRef): void;
  /** Something happened to a storage pool, or to what it holds. */
  pool(name: string): void;
  /** Something happened to a virtual network. */
  network(name: string): void;
}

const RECONNECT: BackoffPlan = { first_s: 0.1, max_s: 5 };

/**
 * A lasting session with libvirtd: connects at the first call, signs in, registers for events, and
 * connects again whenever the connection is lost, until it is closed. A call while there is no
 * connection waits for the attempt that is due next, and takes its fault if that fails.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #address: LibvirtAddress;
  readonly #limits: ConnectionLimits;
  readonly #listener: SessionListener;
  readonly #connection: LastingConnection<Connection>;

  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#address = parseLibvirtUri(options.uri);
    this.#limits = { ...CONNECTION_LIMITS, ...options.limits };
    this.#listener = listener;
    this.#connection = new LastingConnection({
      open: (signal) => this.#establish(signal),
      ended: (connection) => connection.ended,
      hangUp: (connection) => connection.close(),
      closed,
      backoff: options.reconnect ?? RECONNECT,
      random: options.random,
    });
  }

  /** A session with another libvirtd, reached with the same patience and configuration. */
  to(uri: string, listener: SessionListener): Session {
    return new Session({ ...this.#options, uri }, listener);
  }

  /** Makes a call on the connection there is, or the next one. */
  async call<N extends CallName>(
    name: N,
    args: CallArgs<N>,
    options?: CallOptions,
  ): Promise<CallResult<N>> {
    const connection = await this.#connection.get(options?.signal);
    return connection.call(name, args, options);
  }

  /** Connects if there is no connection yet. */
  async connect(): Promise<void> {
    await this.#connection.get();
  }

  /** Hangs up and stays so: afterwards nothing of the session is left. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  async #establish(signal: AbortSignal): Promise<Connection> {
    const { ssh = {} } = this.#options;
    const line = await dial(this.#address, ssh, this.#limits.connect_s, signal);
    const connection = new Connection(line, this.#limits, (procedure, body) =>
      this.#message(procedure, body),
    );
    try {
      await this.#signIn(connection, signal);
    } catch (cause) {
      await connection.close();
      throw withoutEffect(cause);
    }
    this.#listener.connected();
    return connection;
  }

  async #signIn(connection: Connection, signal: AbortSignal): Promise<void> {
    const timeout = { timeout_s: this.#limits.connect_s, signal };
    const { types } = await connection.call('auth_list', undefined, timeout);
    if (types.includes(Auth.POLKIT)) await connection.call('auth_polkit', undefined, timeout);
    else if (types.length > 0 && !types.includes(Auth.NONE)) {
      throw libvirtFault('LIBVIRT_AUTH', `it wants authentication of type ${types.join(', ')}`);
    }
    await connection.call('connect_open', { name: this.#address.name, flags: 0 }, timeout);
    const keepalive = { feature: Feature.KEEPALIVE };
    const { supported } = await connection.call('connect_supports_feature', keepalive, timeout);
    if (supported) connection.startKeepalive();
    for (const { event_id } of [LifecycleMessage, RebootMessage]) {
      const every = { event_id, dom: undefined };
      await connection.call('connect_domain_event_callback_register_any', every, timeout);
    }
    await listenToStorage(connection, timeout);
  }

  #message(procedure: number, body: Buffer): void {
    if (procedure === LifecycleMessage.procedure) {
      this.#listener.lifecycle(decode(LifecycleMessage.body, body));
    } else if (procedure === RebootMessage.procedure) {
      this.#listener.reset(decode(RebootMessage.body, body).dom);
    } else if (procedure === PoolLifecycleMessage.procedure) {
      this.#listener.pool(decode(PoolLifecycleMessage.body, body).pool.name);
    } else if (procedure === NetworkLifecycleMessage.procedure) {
      this.#listener.network(decode(NetworkLifecycleMessage.body, body).net.name);
    }
  }
}

/** Pools and networks are other drivers of libvirtd, which need not be installed. */
async function listenToStorage(connection: Connection, options: CallOptions): Promise<void> {
  const { event_id: pools } = PoolLifecycleMessage;
  const { event_id: networks } = NetworkLifecycleMessage;
  await Promise.all([
    connection
      .call(
        'connect_storage_pool_event_register_any',
        { event_id: pools, pool: undefined },
        options,
      )
      .catch(unlessUnsupported),
    connection
      .call('connect_network_event_register_any', { event_id: networks, net: undefined }, options)
      .catch(unlessUnsupported),
  ]);
}

function unlessUnsupported(cause: unknown): void {
  if (!(cause instanceof FaultError) || cause.fault.code !== 'LIBVIRT_UNSUPPORTED') throw cause;
}

function closed(): FaultError {
  return libvirtFault('LIBVIRT_CONNECTION_LOST', 'the session is closed', { effect: 'none' });
}

/** Signing in changes nothing, so whatever fails there had no effect on any domain. */
function withoutEffect(cause: unknown): unknown {
  return cause instanceof FaultError ? new FaultError({ ...cause.fault, effect: 'none' }) : cause;
}
