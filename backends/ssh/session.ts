import PQueue from 'p-queue';
import { type BackoffPlan, backoff_s } from '../backoff.ts';
import { FaultError } from '../fault.ts';
import { pause_s } from '../poller.ts';
import type { SshTarget } from './config.ts';
import { type CommandOptions, type CommandResult, isCrowded, SshConnection } from './connection.ts';
import { sshFault } from './faults.ts';

const RECONNECT: BackoffPlan = { first_s: 0.2, max_s: 5 };
/** How often a question is asked again after the connection was lost. */
const RETRIES_MAX = 2;
/**
 * Commands at a time. sshd opens ten sessions on a connection (MaxSessions in sshd_config(5)) and
 * refuses the next; acts may take long, and leave room for questions.
 */
const QUESTIONS_MAX = 5;
const ACTS_MAX = 3;
/** sshd gives a place back only when it has seen the command end: then it is asked again. */
const CROWDED_TRIES_MAX = 6;
const CROWDED_S = 0.1;

/**
 * A lasting session with one host: connects when first asked, and again after the connection was
 * lost. Questions are asked again then; acts never are.
 */
export class SshSession {
  readonly target: SshTarget;
  readonly #random: () => number;
  readonly #closing = new AbortController();
  readonly #questions = new PQueue({ concurrency: QUESTIONS_MAX });
  readonly #acts = new PQueue({ concurrency: ACTS_MAX });
  #connection: Promise<SshConnection> | undefined;

  constructor(target: SshTarget, random: () => number = Math.random) {
    this.target = target;
    this.#random = random;
  }

  /** Runs a command that changes nothing; throws unless its status is one of `statuses`. */
  async ask(
    argv: readonly string[],
    options: CommandOptions = {},
    statuses: readonly number[] = [0],
  ): Promise<CommandResult> {
    for (let retry = 0; ; retry++) {
      try {
        return expectStatus(
          argv,
          await this.#run(argv, options, this.#questions),
          statuses,
          'none',
        );
      } catch (thrown) {
        const fault = thrown instanceof FaultError ? thrown.fault : undefined;
        const isLost = fault?.code === 'SSH_CONNECTION_LOST';
        const isOver = this.#closing.signal.aborted || options.signal?.aborted;
        if (!isLost || retry >= RETRIES_MAX || isOver) throw withoutEffect(thrown);
        await pause_s(backoff_s(RECONNECT, retry, this.#random), this.#closing.signal);
      }
    }
  }

  /** Runs a command that changes something, once; throws unless its status is 0. */
  async act(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return expectStatus(argv, await this.#run(argv, options, this.#acts), [0], 'unknown');
  }

  async connection(): Promise<SshConnection> {
    if (this.#closing.signal.aborted)
      throw sshFault('SSH_CONNECTION_LOST', 'the session is closed');
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.close();
  }

  #open(): Promise<SshConnection> {
    const opening = SshConnection.open(this.target);
    opening.then(
      (connection) => connection.ended.then(() => this.#forget(opening)),
      () => this.#forget(opening),
    );
    return opening;
  }

  #forget(opening: Promise<SshConnection>): void {
    if (this.#connection === opening) this.#connection = undefined;
  }

  #run(argv: readonly string[], options: CommandOptions, turns: PQueue): Promise<CommandResult> {
    return turns.add(async () => {
      if (options.signal?.aborted) throw withoutEffect(sshFault('SSH_NO_ANSWER', 'given up'));
      const connection = await this.connection();
      for (let tries = 1; ; tries++) {
        try {
          return await connection.run(argv, options);
        } catch (cause) {
          if (!isCrowded(cause) || tries === CROWDED_TRIES_MAX) throw cause;
          await pause_s(CROWDED_S * tries, this.#closing.signal);
        }
      }
    });
  }
}

/** The status of a shell that did not find the program. */
const NOT_FOUND = 127;

function expectStatus(
  argv: readonly string[],
  result: CommandResult,
  statuses: readonly number[],
  effect: 'none' | 'unknown',
): CommandResult {
  const { status, signal, stderr, stdout } = result;
  if (status !== undefined && statuses.includes(status)) return result;
  if (status === NOT_FOUND) throw sshFault('SSH_PROGRAM_MISSING', argv[0], { upstream: '127' });
  const how = signal === undefined ? `status ${status}` : `signal ${signal}`;
  const said = (stderr || stdout).trim().slice(-500);
  throw sshFault('SSH_COMMAND_FAILED', `${argv.join(' ')}: ${how}: ${said}`, {
    effect,
    upstream: signal ?? String(status),
  });
}

function withoutEffect(thrown: unknown): unknown {
  if (!(thrown instanceof FaultError)) return thrown;
  return new FaultError({ ...thrown.fault, effect: 'none' });
}
