import type { BackoffPlan } from '../backoff.ts';
import { FaultError } from '../fault.ts';
import { LastingConnection } from '../lasting-connection.ts';
import {
  brief,
  type CallOptions,
  CONNECTION_LIMITS,
  Connection,
  type ConnectionLimits,
} from './connection.ts';
import { dial, type TlsFiles } from './dial.ts';
import { ovsdbFault } from './faults.ts';
import { requireLeadership } from './leader.ts';
import { type Remote, remoteText } from './remote.ts';
import { Replica, type RowChange } from './replica.ts';
import { type DatabaseSchema, parseSchema } from './schema.ts';
import { checkShape, type DatabaseShape } from './shape.ts';
import { type OperationResult, Transaction, transactionResults } from './transaction.ts';

export interface SessionOptions<Shape extends DatabaseShape> {
  readonly remotes: readonly Remote[];
  /** Such as `OVN_Northbound`. */
  readonly database: string;
  /** The tables and columns to monitor. */
  readonly shape: Shape;
  readonly tls?: TlsFiles;
  readonly limits?: Partial<ConnectionLimits>;
  /** Of a clustered database take the leader, whose answers are never old. Default true. */
  readonly leader_only?: boolean;
  readonly reconnect?: BackoffPlan;
  /** Draws the jitter of reconnecting; in [0, 1). */
  readonly random?: () => number;
}

interface Link {
  readonly connection: Connection;
  readonly schema: DatabaseSchema;
  readonly remote: Remote;
}

type Listener = (changes: readonly RowChange[]) => void;

const RECONNECT: BackoffPlan = { first_s: 0.1, max_s: 8 };
const MONITOR = 'strata';
const NO_TRANSACTION = '00000000-0000-0000-0000-000000000000';

/**
 * A lasting session with one database: connects at the first call to the first remote that serves
 * (and leads), reads the schema, monitors, and connects again whenever the connection is lost, until
 * it is closed. A call while there is no connection waits for the attempt that is due next, and
 * takes its fault if that fails.
 */
export class OvsdbSession<Shape extends DatabaseShape> {
  readonly replica: Replica<Shape>;
  readonly #options: SessionOptions<Shape>;
  readonly #limits: ConnectionLimits;
  readonly #connection: LastingConnection<Link>;
  readonly #listeners = new Set<Listener>();
  #isConnected = false;
  /** The remote that is tried first. */
  #next = 0;
  /** The transaction of a clustered database up to which the replica is current. */
  #transaction = NO_TRANSACTION;

  constructor(options: SessionOptions<Shape>) {
    this.#options = options;
    this.#limits = { ...CONNECTION_LIMITS, ...options.limits };
    this.replica = new Replica(options.shape);
    this.#connection = new LastingConnection({
      open: (signal) => this.#establish(signal),
      ended: ({ connection }) => this.#ended(connection),
      hangUp: async ({ connection }) => {
        connection.end();
        await connection.ended;
      },
      closed,
      backoff: options.reconnect ?? RECONNECT,
      random: options.random,
    });
  }

  /** Connects if there is no connection yet; says to whom and which schema. */
  async connect(signal?: AbortSignal): Promise<{ remote: string; version: string }> {
    const { remote, schema } = await this.#connection.get(signal);
    return { remote: remoteText(remote), version: schema.version };
  }

  /** Resolves when the first attempt to connect has ended, well or not. */
  tried(signal: AbortSignal): Promise<void> {
    return this.#connection.tried(signal);
  }

  /** Whether what the replica shows is kept up to date now. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Calls with the rows that changed, after each change, until the returned function is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Brings the replica up to what is committed now: updates come before the answer. */
  async sync(signal?: AbortSignal): Promise<void> {
    const { connection } = await this.#connection.get(signal);
    try {
      const answer = await connection.call('transact', [this.#options.database], { signal });
      transactionResults(answer, []);
    } catch (cause) {
      throw withoutEffect(cause);
    }
  }

  /** Commits what `build` adds to a transaction; afterwards the replica shows it. */
  async transact(
    build: (transaction: Transaction) => void,
    options: Pick<CallOptions, 'signal' | 'sent'> = {},
  ): Promise<readonly OperationResult[]> {
    const { connection, schema } = await this.#connection.get(options.signal);
    const transaction = new Transaction(schema);
    build(transaction);
    const params = [this.#options.database, ...transaction.operations];
    const answer = await connection.call('transact', params, { ...options, isAct: true });
    return transactionResults(answer, transaction.operations);
  }

  /** Resolves, with the reason, when the connection that there is now is over. */
  async lost(signal?: AbortSignal): Promise<FaultError> {
    const { connection } = await this.#connection.get(signal);
    return connection.ended;
  }

  /** Hangs up and stays so: afterwards nothing of the session is left. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  // ---------------------------------------------------------------- connecting

  async #ended(connection: Connection): Promise<void> {
    this.#isConnected = true;
    await connection.ended;
    this.#isConnected = false;
  }

  /** Tries every remote once, beginning with the one after that which was used last. */
  async #establish(signal: AbortSignal): Promise<Link> {
    const { remotes } = this.#options;
    let failure: unknown;
    for (let tried = 0; tried < remotes.length; tried++) {
      if (signal.aborted) throw closed();
      const remote = remotes[this.#next % remotes.length];
      this.#next++;
      try {
        return await this.#establishTo(remote, signal);
      } catch (cause) {
        failure = cause;
      }
    }
    throw withoutEffect(failure);
  }

  async #establishTo(remote: Remote, signal: AbortSignal): Promise<Link> {
    const { tls = {}, database, leader_only = true, shape } = this.#options;
    const socket = await dial(remote, tls, this.#limits.connect_s, signal);
    const connection = new Connection(socket, this.#limits);
    try {
      await requireLeadership(connection, database, leader_only, signal);
      const schema = parseSchema(await connection.call('get_schema', [database], { signal }));
      checkShape(schema, shape);
      await this.#monitor(connection, schema, signal);
      return { connection, schema, remote };
    } catch (cause) {
      connection.end();
      throw cause;
    }
  }

  // ---------------------------------------------------------------- monitoring

  async #monitor(
    connection: Connection,
    schema: DatabaseSchema,
    signal: AbortSignal,
  ): Promise<void> {
    const { database, shape } = this.#options;
    const requests = Object.fromEntries(
      Object.entries(shape).map(([table, columns]) => [table, [{ columns: Object.keys(columns) }]]),
    );
    const params = [database, MONITOR, requests];
    const hear = () =>
      connection.listen((method, [monitor, ...rest]) => {
        if (monitor === MONITOR) this.#notice(schema, method, rest);
      });
    const receivedSince = (answer: unknown) => {
      const [found, transaction, updates] = array(answer);
      this.#take(schema, updates, found !== true);
      this.#transaction = text(transaction);
      hear();
    };
    const received = (updates: unknown) => {
      this.#take(schema, updates, true);
      hear();
    };
    try {
      const since = [...params, this.#transaction];
      await connection.call('monitor_cond_since', since, { signal, received: receivedSince });
    } catch (cause) {
      if (!isUnknownMethod(cause)) throw cause;
      await connection.call('monitor_cond', params, { signal, received });
    }
  }

  #notice(schema: DatabaseSchema, method: string, params: readonly unknown[]): void {
    if (method === 'update2') this.#take(schema, params[0], false);
    if (method !== 'update3') return;
    this.#take(schema, params[1], false);
    this.#transaction = text(params[0]);
  }

  #take(schema: DatabaseSchema, updates: unknown, isWhole: boolean): void {
    const changes = this.replica.take(schema, updates, isWhole);
    for (const listener of [...this.#listeners]) listener(changes);
  }
}

function isUnknownMethod(cause: unknown): boolean {
  return cause instanceof FaultError && cause.fault.upstream === 'unknown method';
}

function array(json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw malformed(`monitor: ${brief(json)}`);
  return json;
}

function text(json: unknown): string {
  if (typeof json !== 'string') throw malformed(`monitor: ${brief(json)}`);
  return json;
}

function malformed(what: string): FaultError {
  return ovsdbFault('OVSDB_MALFORMED', what);
}

function closed(): FaultError {
  return ovsdbFault('OVSDB_CONNECTION_LOST', 'the session is closed', { effect: 'none' });
}

/** Connecting and looking change nothing, so whatever fails there had no effect. */
function withoutEffect(cause: unknown): unknown {
  return cause instanceof FaultError ? new FaultError({ ...cause.fault, effect: 'none' }) : cause;
}
