import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { oneLine } from '../fault-table.ts';
import { BRIDGE_PROGRAM } from './bridge-program.ts';
import { type CephFaultCode, cephFault } from './faults.ts';

/** One request to the bridge; see `bridge-program.ts`. */
export interface BridgeRequest {
  readonly do: 'open' | 'connect' | 'mon' | 'mons' | 'rbd';
  readonly [parameter: string]: unknown;
}

export interface BridgeAnswer {
  /** 0, or a negative errno. */
  readonly rc: number;
  readonly out: string;
  readonly said: string;
}

export interface BridgeOptions {
  /** Put before the interpreter: `cephadm shell --`, `nsenter ... --`. */
  readonly wrapper: readonly string[];
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  /** The longest answer that is read, bytes. */
  readonly answer_bytes_max?: number;
  /** The program itself; tests replace it. */
  readonly program?: string;
}

interface Waiting {
  readonly resolve: (answer: BridgeAnswer) => void;
  readonly reject: (cause: unknown) => void;
  readonly act: boolean;
  readonly what: string;
}

export interface AskOptions {
  /** How messages call the request. */
  readonly what: string;
  /** It changes something: when its answer is lost, it may have happened. */
  readonly act?: boolean;
  readonly signal?: AbortSignal;
  readonly timeout_s: number;
}

const ANSWER_BYTES_MAX = 64 * 2 ** 20;
const STDERR_BYTES_MAX = 2_000;
const STOP_PATIENCE_MS = 1_000;

/** A running bridge: one child process, and whoever waits for an answer of it. */
export class Bridge {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<number, Waiting>();
  readonly #closed: Promise<void>;
  readonly #answer_bytes_max: number;
  #count = 0;
  #line: Buffer[] = [];
  #line_bytes = 0;
  #stderr = '';
  #end: { readonly code: CephFaultCode; readonly why: string } | undefined;

  constructor(options: BridgeOptions) {
    const { wrapper, python, env, program = BRIDGE_PROGRAM } = options;
    this.#answer_bytes_max = options.answer_bytes_max ?? ANSWER_BYTES_MAX;
    // -I: neither the current folder nor the user's own modules come before Ceph's.
    const [command, ...args] = [...wrapper, python, '-I', '-u', '-c', program];
    this.#child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-STDERR_BYTES_MAX);
    });
    this.#child.stdin.on('error', () => {}); // its exit tells
    this.#closed = new Promise((resolve) => {
      this.#child.once('error', (cause) => this.#fail('CEPH_NO_CLIENT', cause.message));
      this.#child.once('close', (status, signal) => {
        this.#fail(...this.#exitReason(signal ?? status));
        resolve();
      });
    });
  }

  /** Whether it can still be asked. */
  get isAlive(): boolean {
    return this.#end === undefined;
  }

  /** Resolves with whatever Ceph answered; throws when there is no answer. */
  ask(request: BridgeRequest, options: AskOptions): Promise<BridgeAnswer> {
    const { what, act = false, signal, timeout_s } = options;
    return new Promise((resolve, reject) => {
      if (this.#end) {
        const { code, why } = this.#end;
        return reject(cephFault(code, `${what}: ${why}`, { effect: 'none' }));
      }
      const id = ++this.#count;
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(id);
      };
      const giveUp = (cause: unknown) => {
        settle();
        reject(cause);
      };
      const abort = () => giveUp(signal?.reason);
      const timer = setTimeout(
        () =>
          giveUp(cephFault('CEPH_NO_ANSWER', `${what}: nothing for ${timeout_s} s`, effect(act))),
        timeout_s * 1000,
      );
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, {
        ...{ act, what },
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: giveUp,
      });
      this.#child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#fail('CEPH_CONNECTION_LOST', 'the connection was closed');
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_PATIENCE_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  #read(chunk: Buffer): void {
    let rest = chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      this.#line.push(rest.subarray(0, at));
      const line = Buffer.concat(this.#line).toString('utf8');
      this.#line = [];
      this.#line_bytes = 0;
      rest = rest.subarray(at + 1);
      this.#answered(line);
    }
    this.#line_bytes += rest.length;
    if (this.#line_bytes > this.#answer_bytes_max) {
      this.#line = [];
      this.#kill('CEPH_ANSWER_TOO_LARGE', `more than ${this.#answer_bytes_max} bytes`);
    } else if (rest.length > 0) {
      this.#line.push(rest);
    }
  }

  #answered(line: string): void {
    const answer = parseAnswer(line);
    // What was given up meanwhile is answered too late, and nobody waits for it.
    if (answer) this.#waiting.get(answer.id)?.resolve(answer);
    else this.#kill('CEPH_MALFORMED', 'a line that is no answer');
  }

  #kill(code: CephFaultCode, why: string): void {
    this.#fail(code, why);
    this.#child.kill('SIGKILL');
  }

  #fail(code: CephFaultCode, why: string): void {
    this.#end ??= { code, why };
    for (const { reject, act, what } of [...this.#waiting.values()]) {
      reject(cephFault(this.#end.code, `${what}: ${this.#end.why}`, effect(act)));
    }
  }

  #exitReason(status: string | number | null): [CephFaultCode, string] {
    const said = oneLine(this.#stderr.trim());
    const isMissing = /No module named|command not found|No such file or directory/.test(said);
    const why = `the client ended with ${status}${said === '' ? '' : `: ${said}`}`;
    return [isMissing ? 'CEPH_NO_CLIENT' : 'CEPH_CONNECTION_LOST', why];
  }
}

const NEWLINE = 0x0a;

const effect = (act: boolean) => ({ effect: act ? ('unknown' as const) : ('none' as const) });

function parseAnswer(line: string): (BridgeAnswer & { id: number }) | undefined {
  try {
    const { id, rc, out, said } = JSON.parse(line) as Record<string, unknown>;
    const isAnswer = typeof id === 'number' && Number.isInteger(rc) && typeof rc === 'number';
    if (!isAnswer || typeof out !== 'string' || typeof said !== 'string') return undefined;
    return { id, rc, out, said };
  } catch {
    return undefined;
  }
}
