import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process as the lab remembers it: a pid alone may have been given to another one since. */
export interface ProcessId {
  readonly pid: number;
  /** Clock ticks from boot to its start (field 22 of /proc/PID/stat). */
  readonly start_ticks: string;
  /** The boot in which the ticks count. */
  readonly boot_id: string;
}

/** Identifies a running process; undefined when there is none, or only its zombie. */
export function identify(pid: number): ProcessId | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command's name may hold spaces and parentheses; the fields start after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return { pid, start_ticks: fields[19], boot_id };
}

export function isAlive(process: ProcessId): boolean {
  const now = identify(process.pid);
  return now?.start_ticks === process.start_ticks && now.boot_id === process.boot_id;
}

/** The mount namespace of a process, such as `mnt:[4026532761]`. */
export function mountNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

/** Every process in a mount namespace: a system's daemons and whatever they started. */
export function processesIn(namespace: string): readonly ProcessId[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && mountNamespace(Number(name)) === namespace)
    .flatMap((name) => identify(Number(name)) ?? []);
}

/** What a process was started as, for messages. */
export function commandName(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0')[0];
}

/** A process's program and arguments, with spaces between them; empty when it is gone. */
export function commandLine(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

/** Whether a process is a program by now; some, such as sshd, change how they are called. */
export function runs(pid: number, program: string): boolean {
  return commandName(pid) === program || executable(pid).endsWith(program);
}

/** The file that a process runs, as seen from here; empty when it is gone. */
function executable(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

/** Resident memory, bytes; 0 when the process is gone. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Asks processes to end, then makes them; returns when all are gone. */
export async function stopProcesses(
  processes: readonly ProcessId[],
  patience_s: number,
): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const each of processes) send(each, signal);
    if (await gone(processes, patience_s)) return;
  }
  const left = processes.filter(isAlive).map((each) => each.pid);
  throw new Error(`processes ${left.join(', ')} did not end after SIGKILL`);
}

function send(process_: ProcessId, signal: NodeJS.Signals): void {
  if (!isAlive(process_)) return;
  try {
    process.kill(process_.pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}

async function gone(processes: readonly ProcessId[], patience_s: number): Promise<boolean> {
  const looks = Math.ceil((patience_s * 1000) / LOOK_MS);
  for (let look = 0; look < looks; look++) {
    if (!processes.some(isAlive)) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return !processes.some(isAlive);
}

const LOOK_MS = 20;

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
