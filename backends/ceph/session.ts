import { constants } from 'node:os';
import { type ZodType, z } from 'zod';
import type { Fault } from '../../engine/contract.ts';
import { type BackoffPlan, backoff_s } from '../backoff.ts';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import { mistake } from '../mistake.ts';
import { pause_s } from '../poller.ts';
import { Bridge, type BridgeAnswer, type BridgeOptions, type BridgeRequest } from './bridge.ts';
import type { CephPlace } from './config.ts';
import { cephFault, upstreamError } from './faults.ts';
import { isInQuorum, type MonStatus, monStatus } from './mon-status.ts';

export interface SessionOptions {
  readonly place: CephPlace;
  readonly bridge: BridgeOptions;
  /** A command of the monitors is given up after this long; default 15. */
  readonly command_s?: number;
  /** An operation that the OSDs carry out (images) is given up after this long; default 60. */
  readonly storage_s?: number;
  readonly retry?: BackoffPlan;
  readonly random?: () => number;
}

/** How a command is given. */
export interface How {
  /** It changes something, for this attempt. */
  readonly act?: Attempt;
  readonly signal?: AbortSignal;
  /** Given up before the usual time. */
  readonly timeout_s?: number;
  /** It is answered by the active manager, to whom the monitors pass it on. */
  readonly mgr?: true;
  /** What the `ceph` command would be given by `-i FILE`. */
  readonly input?: string;
}

/** Parameters of a mon command, by the names of its signature. */
export type Args = Readonly<Record<string, unknown>>;

export interface Said {
  readonly out: string;
  readonly said: string;
}

const COMMAND_S = 15;
const STORAGE_S = 60;
/** The bridge answers by itself after its own time limits; it is waited for a little longer. */
const BRIDGE_MARGIN_S = 5;
/** How long a session with a mon may be silent before another mon is sought. */
const PING_S = 2;
const SOCKETS_S = 15;
const OPEN_S = 20;
const RETRY: BackoffPlan = { first_s: 0.2, max_s: 2 };
/** How often a question is asked again after the connection was lost. */
const RETRIES_MAX = 2;

const { errno } = constants;

/** The connection to one cluster: made when needed, made anew when lost. */
export class Session {
  readonly #options: SessionOptions;
  readonly #command_s: number;
  #bridge: Bridge | undefined;
  #opening: Promise<Bridge> | undefined;
  #connecting: Promise<Bridge> | undefined;
  #isClosed = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#command_s = options.command_s ?? COMMAND_S;
  }

  /** Gives a command to the monitors; throws what they refuse. */
  async mon(prefix: string, args: Args = {}, how: How = {}): Promise<Said> {
    const what = `ceph ${prefix}`;
    const request: BridgeRequest = {
      do: 'mon',
      command: { prefix, format: 'json', ...args },
      ...(how.input === undefined ? {} : { input: how.input }),
    };
    const timeout_s = how.timeout_s ?? this.#command_s + BRIDGE_MARGIN_S;
    const answer = await this.#ask(request, what, timeout_s, how);
    if (answer.rc === -errno.ETIMEDOUT) throw await this.#silence(what, how);
    if (answer.rc < 0) throw this.#refusal(what, answer, how);
    return answer;
  }

  /** The same for a command that answers JSON of a known form. */
  async json<T>(prefix: string, args: Args, form: ZodType<T>, how: How = {}): Promise<T> {
    return parsed(`ceph ${prefix}`, (await this.mon(prefix, args, how)).out, form);
  }

  /** Works on images; see `RBD` in the bridge's program. */
  async rbd(op: string, args: Args, how: How = {}): Promise<string> {
    const what = `rbd ${op} ${args['pool']}/${args['image'] ?? ''}`;
    const storage_s = this.#options.storage_s ?? STORAGE_S;
    const answer = await this.#ask(
      { do: 'rbd', op, ...args },
      what,
      storage_s + BRIDGE_MARGIN_S,
      how,
    );
    if (answer.rc < 0) throw this.#refusal(what, answer, how);
    return answer.out;
  }

  /** What the monitors of this host say of themselves; they answer without a quorum as well. */
  async localMons(): Promise<readonly MonStatus[]> {
    const bridge = await this.#open();
    const answer = await bridge.ask(
      { do: 'mons' },
      { what: 'admin sockets', timeout_s: SOCKETS_S },
    );
    return parsed('mon_status', answer.out, z.array(monStatus));
  }

  /** Connects, or throws why that is not possible. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop();
  }

  // ---------------------------------------------------------------- asking

  async #ask(
    request: BridgeRequest,
    what: string,
    timeout_s: number,
    how: How,
  ): Promise<BridgeAnswer> {
    const signal = how.act?.signal ?? how.signal;
    const isAct = how.act !== undefined;
    for (let retry = 0; ; retry++) {
      try {
        const bridge = await this.#connected();
        signal?.throwIfAborted();
        how.act?.effect('unknown');
        return await bridge.ask(request, { what, act: isAct, signal, timeout_s });
      } catch (thrown) {
        const isLost = thrown instanceof FaultError && thrown.fault.code === 'CEPH_CONNECTION_LOST';
        if (!isLost || isAct || retry >= RETRIES_MAX || this.#isClosed || signal?.aborted)
          throw thrown;
      }
      const { retry: plan = RETRY, random = Math.random } = this.#options;
      await pause_s(backoff_s(plan, retry, random), signal);
    }
  }

  /** A refusal is definite: nothing was done, unless the code says otherwise. */
  #refusal(what: string, { rc, said }: BridgeAnswer, how: How): Error {
    const thrown = upstreamError(what, rc, oneLine(said));
    if (thrown instanceof FaultError) {
      const { effect } = thrown.fault;
      if (how.act) how.act.effect(effect);
      else return new FaultError({ ...thrown.fault, effect: 'none' });
    }
    return thrown;
  }

  /** Why a command was not answered: there is no manager, no quorum, or no way. */
  async #silence(what: string, how: How): Promise<FaultError> {
    const details = {
      effect: how.act ? ('unknown' as const) : ('none' as const),
      upstream: String(-errno.ETIMEDOUT),
    };
    if (how.mgr) return cephFault('CEPH_NO_MANAGER', what, details);
    const local = await this.localMons().catch(() => []);
    if (local.length > 0 && !local.some(isInQuorum)) {
      return cephFault('CEPH_NO_QUORUM', what, details);
    }
    return cephFault(how.act ? 'CEPH_CONNECTION_LOST' : 'CEPH_UNREACHABLE', what, details);
  }

  // ---------------------------------------------------------------- connecting

  async #connected(): Promise<Bridge> {
    if (this.#connecting && this.#bridge?.isAlive !== false) return this.#connecting;
    const connecting = this.#connectNow();
    this.#connecting = connecting;
    connecting.catch(() => {
      if (this.#connecting === connecting) this.#connecting = undefined;
    });
    return connecting;
  }

  async #connectNow(): Promise<Bridge> {
    const bridge = await this.#open();
    const asked = { what: 'connect', timeout_s: this.#command_s + BRIDGE_MARGIN_S };
    const { rc, said } = await bridge.ask({ do: 'connect' }, asked);
    if (rc === 0) return bridge;
    const silence = rc === -errno.ETIMEDOUT ? await this.#silence('connect', {}) : undefined;
    await this.#drop(); // a handle that failed to connect is not used again
    if (silence) throw silence;
    throw cephFault('CEPH_AUTH', `as ${this.#options.place.name}: ${oneLine(said)}`, {
      upstream: String(rc),
    });
  }

  #open(): Promise<Bridge> {
    if (this.#isClosed) return Promise.reject(cephFault('CEPH_CONNECTION_LOST', 'closed', NONE));
    if (this.#opening && this.#bridge?.isAlive !== false) return this.#opening;
    const opening = this.#openNow();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  async #openNow(): Promise<Bridge> {
    const { place, bridge: options } = this.#options;
    const bridge = new Bridge(options);
    this.#bridge = bridge;
    const { conf, name, cluster } = place;
    const request: BridgeRequest = {
      do: 'open',
      ...{ conf, name, cluster },
      options: this.#conf(),
    };
    try {
      const { rc, said } = await bridge.ask(request, { what: 'open', timeout_s: OPEN_S });
      if (rc === 0) return bridge;
      throw cephFault('CEPH_BAD_CONFIG', `${conf || 'default places'}: ${oneLine(said)}`, {
        upstream: String(rc),
      });
    } catch (thrown) {
      await bridge.stop();
      throw thrown;
    }
  }

  /** What librados is told beside the cluster's configuration. */
  #conf(): Readonly<Record<string, string>> {
    const { place, storage_s = STORAGE_S } = this.#options;
    return {
      client_mount_timeout: String(this.#command_s),
      rados_mon_op_timeout: String(this.#command_s),
      rados_osd_op_timeout: String(storage_s),
      mon_client_ping_interval: '2',
      mon_client_ping_timeout: String(PING_S),
      // A client has nothing to say to anybody but us, and leaves no files.
      admin_socket: '',
      log_file: '',
      log_to_stderr: 'false',
      err_to_stderr: 'false',
      ...(place.keyring === undefined ? {} : { keyring: place.keyring }),
    };
  }

  async #drop(): Promise<void> {
    const bridge = this.#bridge;
    this.#bridge = undefined;
    this.#opening = undefined;
    this.#connecting = undefined;
    await bridge?.stop();
  }
}

const NONE = { effect: 'none' } as const;

/**
 * Checks the form of an answer: what is not as documented is not guessed at. `effect` is that of
 * the act that was answered, if it was one.
 */
export function parsed<T>(
  what: string,
  text: string,
  form: ZodType<T>,
  effect: Fault['effect'] = 'none',
): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What an act answers may be a key that nobody knows yet, so that no guard can take it out.
    const shown = effect === 'none' ? `: ${oneLine(text.slice(0, 100))}` : '';
    throw cephFault('CEPH_MALFORMED', `${what}: not JSON${shown}`, { effect });
  }
  const result = form.safeParse(value);
  if (result.success) return result.data;
  throw cephFault('CEPH_MALFORMED', `${what}: ${mistake(result.error.issues[0])}`, { effect });
}
