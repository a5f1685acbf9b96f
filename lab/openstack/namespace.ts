/** The network and mount namespaces that everything of one cloud lives in. */
import { readFileSync } from 'node:fs';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { identify } from '../process.ts';
import type { LabRun } from '../system.ts';
import { stackAddress, stackPaths } from './paths.ts';

/** Programs are started with nothing but these: no proxy, nothing of the user's. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  PYTHONUNBUFFERED: '1',
  PYTHONWARNINGS: 'ignore',
};

const LOOK_MS = 100;

export class Namespace {
  /** The process whose namespaces they are: MariaDB, which everything else needs. */
  readonly holder: number;
  readonly #run: LabRun;

  constructor(run: LabRun, holder: number) {
    this.#run = run;
    this.holder = holder;
  }

  /** Starts a daemon within; `becomes` is its program as the process list shows it. */
  daemon(
    name: string,
    becomes: string,
    argv: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    return this.#run.daemon(name, becomes, [...this.#enter('--net'), ...clean(env), ...argv]);
  }

  /** Starts a daemon that sees the mounts but has the machine's own network. */
  outside(name: string, becomes: string, argv: readonly string[]): Promise<number> {
    return this.#run.daemon(name, becomes, [...this.#enter(), ...clean(), ...argv]);
  }

  /** Runs a program to its end within. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>) {
    const [nsenter, ...rest] = this.#enter('--net');
    return command(nsenter, [...rest, ...clean(env), program, ...args]);
  }

  /** Waits until something within listens on a port. */
  async listening(port: number, patience_s = 180): Promise<void> {
    for (let look = 0; look * LOOK_MS < patience_s * 1000; look++) {
      if (this.listens(port)) return;
      if (identify(this.holder) === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    throw new LabError(
      'LAB_START_FAILED',
      `nothing listens on port ${port} after ${patience_s} s`,
      `Look into ${stackPaths().log}.`,
    );
  }

  /** Whether a TCP socket of the namespace listens on a port of the cloud's address. */
  listens(port: number): boolean {
    const table = readFileSync(`/proc/${this.holder}/net/tcp`, 'utf8');
    return table.includes(` ${hexAddress(stackAddress())}:${hex(port, 4)} 00000000:0000 0A `);
  }

  #enter(...more: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.holder), '--mount', '--uts', ...more, '--'];
  }
}

/** The command that makes the namespaces and becomes their holder. */
export function holding(script: readonly string[], argv: readonly string[]): readonly string[] {
  const lines = ['set -e', 'ip link set lo up', 'hostname ctl', ...script, 'exec "$@"'];
  return [
    ...['unshare', '--mount', '--net', '--uts', '--', ...clean()],
    ...['/bin/sh', '-c', lines.join('\n'), 'sh', ...argv],
  ];
}

/** The same program, with a clean environment. */
export function clean(env: Readonly<Record<string, string>> = {}): readonly string[] {
  const all = { ...ENVIRONMENT, HOME: stackPaths().var, ...env };
  return ['env', '-i', ...Object.entries(all).map(([name, value]) => `${name}=${value}`)];
}

/** As /proc/net/tcp writes it: the four bytes backwards. */
function hexAddress(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((byte) => hex(Number(byte), 2))
    .join('');
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
