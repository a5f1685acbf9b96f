import { spawn } from 'node:child_process';
import { LabError } from './error.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: Uint8Array;
  /** Ended after this long; package downloads are the slow ones. */
  readonly timeout_s?: number;
}

/** How much of a failed command's output an error quotes. */
const QUOTED_BYTES = 2_000;

/** Runs a program to its end and returns what it wrote to standard output. */
export function command(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Buffer> {
  const timeout_s = options.timeout_s ?? 900;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeout_s * 1000,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // it may end without reading; its exit code tells
    child.stdin.end(options.input);
    child.once('error', (cause) => reject(failed(program, args, cause.message)));
    child.once('close', (status, signal) => {
      if (status === 0) return resolve(Buffer.concat(out));
      const said = Buffer.concat([...err, ...out])
        .toString()
        .trim()
        .slice(-QUOTED_BYTES);
      reject(failed(program, args, `ended with ${signal ?? status}: ${said}`));
    });
  });
}

function failed(program: string, args: readonly string[], what: string): LabError {
  return new LabError(
    'LAB_COMMAND_FAILED',
    `${[program, ...args].join(' ')}: ${what}`,
    'Run the command by hand to see more; it must work as root on Debian 12.',
  );
}
