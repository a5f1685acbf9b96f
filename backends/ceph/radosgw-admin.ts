import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ZodType } from 'zod';
import type { Attempt } from '../driver.ts';
import { FaultError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import type { CephPlace } from './config.ts';
import { cephFault, upstreamError } from './faults.ts';
import { parsed } from './session.ts';

export interface RadosgwAdminOptions {
  readonly place: CephPlace;
  readonly wrapper: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Given up after this long; default 60. */
  readonly admin_s?: number;
  readonly program?: string;
}

export interface AdminHow {
  readonly act?: Attempt;
  readonly signal?: AbortSignal;
}

const ADMIN_S = 60;
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
const STDERR_BYTES_MAX = 2_000;
const PROGRAM = 'radosgw-admin';

/**
 * The gateway's users, quotas and buckets, as its own administration program has them: it works on
 * the pools and needs no gateway. One process a command; its exit code is an errno.
 */
export class RadosgwAdmin {
  readonly #options: RadosgwAdminOptions;
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  constructor(options: RadosgwAdminOptions) {
    this.#options = options;
  }

  /** Runs one command, such as `user info --uid x`; throws what it refuses. */
  async json<T>(args: readonly string[], form: ZodType<T>, how: AdminHow = {}): Promise<T> {
    return parsed(`${PROGRAM} ${args.slice(0, 2).join(' ')}`, await this.run(args, how), form);
  }

  run(args: readonly string[], how: AdminHow = {}): Promise<string> {
    const running = this.#run(args, how);
    const settled = running.catch(() => {}).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    return running;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  #run(args: readonly string[], { act, signal }: AdminHow): Promise<string> {
    const { wrapper, env, admin_s = ADMIN_S, program = PROGRAM } = this.#options;
    const what = `${PROGRAM} ${args.slice(0, 2).join(' ')}`;
    const effect = act ? ('unknown' as const) : ('none' as const);
    const [command, ...rest] = [...wrapper, program, ...args, ...this.#as()];
    const given = act?.signal ?? signal;
    const stop = AbortSignal.any([this.#closing.signal, ...(given ? [given] : [])]);
    return new Promise((resolve, reject) => {
      if (stop.aborted) return reject(cephFault('CEPH_CONNECTION_LOST', what, { effect: 'none' }));
      act?.effect('unknown');
      const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
      const out: Buffer[] = [];
      let out_bytes = 0;
      let said = '';
      let why: FaultError | undefined;
      const end = (fault: FaultError) => {
        why ??= fault;
        child.kill('SIGKILL');
      };
      const abort = () => end(cephFault('CEPH_CONNECTION_LOST', what, { effect }));
      const timer = setTimeout(
        () => end(cephFault('CEPH_NO_ANSWER', `${what}: not within ${admin_s} s`, { effect })),
        admin_s * 1000,
      );
      stop.addEventListener('abort', abort, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        out.push(chunk);
        out_bytes += chunk.length;
        if (out_bytes > ANSWER_BYTES_MAX) end(cephFault('CEPH_ANSWER_TOO_LARGE', what, { effect }));
      });
      child.stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString('utf8')).slice(-STDERR_BYTES_MAX);
      });
      child.once('error', (cause) => {
        why ??= cephFault('CEPH_NO_CLIENT', `${what}: ${cause.message}`);
      });
      child.once('close', (status, killed) => {
        clearTimeout(timer);
        stop.removeEventListener('abort', abort);
        if (why) reject(why);
        else if (status === 0) resolve(Buffer.concat(out).toString('utf8'));
        else reject(refusal(what, status ?? constants.errno.EIO, killed ?? said, act));
      });
    });
  }

  #as(): readonly string[] {
    const { conf, name, cluster, keyring } = this.#options.place;
    return [
      ...(conf === '' ? [] : ['--conf', conf]),
      ...['--name', name, '--cluster', cluster, '--format', 'json'],
      ...(keyring === undefined ? [] : ['--keyring', keyring]),
    ];
  }
}

function refusal(what: string, status: number, said: string, act: Attempt | undefined): Error {
  const thrown = upstreamError(what, -status, oneLine(said.trim()));
  if (!(thrown instanceof FaultError)) return thrown;
  if (act) act.effect(thrown.fault.effect);
  return act ? thrown : new FaultError({ ...thrown.fault, effect: 'none' });
}
