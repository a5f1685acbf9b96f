import { type ChildProcess, spawn } from 'node:child_process';
import { redacted, type Secret } from '../secret.ts';
import { complaintOf } from './complaint.ts';
import { ipmiFault } from './faults.ts';

/** One management controller, and how to sign in to it. */
export interface Bmc {
  readonly name: string;
  readonly address: string;
  /** UDP; 623 is IPMI's. */
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
}

export interface IpmitoolOptions {
  /** The program; default `ipmitool` of the search path. */
  readonly program?: string;
  /** How long one datagram is waited for, seconds; whole, default 1. */
  readonly retransmit_s?: number;
  /** How often it is sent again; default 3. */
  readonly retries?: number;
  /** How long a whole command may take, seconds; default 30. */
  readonly command_s?: number;
}

export interface Command {
  readonly args: readonly string[];
  readonly signal?: AbortSignal;
  /** Called when the command may have reached the controller. */
  readonly sent?: () => void;
  /** For reports that `-v` would make longer; without it a refused password looks unreachable. */
  readonly quiet?: true;
}

const OUTPUT_BYTES_MAX = 1024 * 1024;
const COMMAND_S = 30;

/**
 * Runs ipmitool: `lanplus` with cipher suite 3 (which alone spares it a slow search), arguments as
 * an array, the password in its environment, and bounds on time and output.
 */
export class Ipmitool {
  readonly #options: IpmitoolOptions;

  constructor(options: IpmitoolOptions = {}) {
    this.#options = options;
  }

  /** Runs one command and returns what it wrote; whatever it complains of is a fault. */
  async run(bmc: Bmc, command: Command): Promise<string> {
    command.signal?.throwIfAborted();
    const acts = command.sent !== undefined;
    command.sent?.();
    const { out, err, status } = await this.#spawn(bmc, command);
    const complaint = complaintOf(err);
    if (status === 0 && !complaint) return out;
    const clean = (text: string) => redacted(text, [bmc.password]);
    const about = `${bmc.name}: ${command.args.join(' ')}`;
    if (!complaint) {
      const said = err.trim().split('\n').at(-1) || out.trim();
      throw ipmiFault('IPMI_REFUSED', `${about}: ${clean(said)}`, { upstream: String(status) });
    }
    const upstream = complaint.upstream ?? complaint.code;
    throw ipmiFault(complaint.code, `${about}: ${clean(complaint.said)}`, {
      upstream: clean(upstream),
      // A question that is not answered had no effect.
      ...(complaint.code === 'IPMI_NO_ANSWER' && !acts ? { effect: 'none' } : {}),
    });
  }

  #arguments(bmc: Bmc, { args, quiet }: Command): readonly string[] {
    const { retransmit_s = 1, retries = 3 } = this.#options;
    return [
      ...(quiet ? [] : ['-v']),
      ...['-I', 'lanplus', '-C', '3', '-N', String(retransmit_s), '-R', String(retries)],
      ...['-H', bmc.address, '-p', String(bmc.port), '-U', bmc.user, '-E'],
      ...args,
    ];
  }

  #spawn(bmc: Bmc, command: Command): Promise<{ out: string; err: string; status: number }> {
    const { program = 'ipmitool', command_s = COMMAND_S } = this.#options;
    const about = `${bmc.name}: ${command.args.join(' ')}`;
    const { sent, signal } = command;
    const effect = sent ? 'unknown' : 'none';
    return new Promise((resolve, reject) => {
      const child = spawn(program, this.#arguments(bmc, command), {
        env: { ...process.env, IPMI_PASSWORD: bmc.password.reveal() },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A process group of its own: the program may be a script that starts others.
        detached: true,
      });
      const texts = { out: '', err: '' };
      let failure: Error | undefined;
      const end = (why?: Error) => {
        failure ??= why;
        killGroup(child);
        child.stdout.destroy();
        child.stderr.destroy();
      };
      const abort = () => end(new Error('given up'));
      const late = () => end(ipmiFault('IPMI_NO_ANSWER', `${about}: ${command_s} s`, { effect }));
      const timer = setTimeout(late, command_s * 1000);
      signal?.addEventListener('abort', abort);
      for (const [stream, name] of [
        [child.stdout, 'out'],
        [child.stderr, 'err'],
      ] as const) {
        stream.on('data', (chunk: Buffer) => {
          texts[name] += chunk.toString();
          if (failure || texts[name].length <= OUTPUT_BYTES_MAX) return;
          end(ipmiFault('IPMI_MALFORMED', `${about}: more than 1 MiB`, { effect }));
        });
      }
      child.once('error', (cause) => {
        failure ??= ipmiFault('IPMI_TOOL_MISSING', `${program}: ${cause.message}`);
      });
      child.once('close', (status) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        if (failure) reject(failure);
        else resolve({ ...texts, status: status ?? -1 });
      });
    });
  }
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
