import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from './error.ts';
import { readJson, systemFolder, writeJson } from './folder.ts';
import { installPackages } from './packages.ts';
import {
  identify,
  isAlive,
  mountNamespace,
  type ProcessId,
  processesIn,
  runs,
  stopProcesses,
} from './process.ts';
import type { LabReport } from './report.ts';
import type { LabRun, LabSystem } from './system.ts';

/** A daemon the lab started, as remembered in the system's `daemons.json`. */
export interface Daemon extends ProcessId {
  readonly name: string;
  readonly mount_namespace: string;
}

/** How long a system may take to end before it is killed. */
const STOP_PATIENCE_S = 5;
/** How long a daemon's namespaces may take to be set up, and how often that is looked at. */
const BIRTH_LOOKS = 3_000;
const BIRTH_LOOK_MS = 20;

/** Brings a system up; does nothing when it is up already. */
export async function bringUp(system: LabSystem, report: LabReport): Promise<void> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new LabError(
      'LAB_NEEDS_ROOT',
      'the lab makes network and mount namespaces, which takes root on Linux',
      'Run it as root on Debian 12, in a container with CAP_SYS_ADMIN or on a machine of your own.',
    );
  }
  await report.part(system.name, 'packages', async () => {
    const installed = await installPackages(system.packages);
    return installed.length ? `installed ${installed.join(' ')}` : 'all there';
  });
  await system.prepare(report);
  await report.part(system.name, 'daemons', async () => {
    const running = remembered(system.name).filter(isAlive);
    if (running.length > 0) {
      const probe = await system.probe();
      if (probe.ok) return `already up: ${probe.says}`;
      await takeDown(system);
    }
    await startAll(system, report);
    const probe = await system.probe();
    if (probe.ok) return probe.says;
    throw new LabError('LAB_START_FAILED', `${system.name}: ${probe.why}`, logsAdvice(system.name));
  });
}

/** Stops exactly what the lab started for a system; returns how many processes that was. */
export async function takeDown(system: LabSystem): Promise<number> {
  const processes = systemProcesses(system.name);
  await stopProcesses(processes, STOP_PATIENCE_S);
  await system.cleanUp?.();
  rmSync(daemonsFile(system.name), { force: true });
  return processes.length;
}

/** The daemons of a system that run now. */
export function runningDaemons(system: string): readonly Daemon[] {
  return remembered(system).filter(isAlive);
}

/** The running daemons of a system and everything in their namespaces, daemons first. */
export function systemProcesses(system: string): readonly ProcessId[] {
  const daemons = runningDaemons(system);
  const namespaces = new Set(daemons.map((daemon) => daemon.mount_namespace));
  const found = new Map<number, ProcessId>(daemons.map((daemon) => [daemon.pid, daemon]));
  for (const namespace of namespaces) {
    for (const each of processesIn(namespace)) found.set(each.pid, each);
  }
  return [...found.values()];
}

/** Starts one more daemon of a running system, for example after a test killed it. */
export function labRun(system: string, report: LabReport): LabRun {
  return {
    report,
    daemon: (name, becomes, command) => startDaemon(system, name, becomes, command),
  };
}

async function startAll(system: LabSystem, report: LabReport): Promise<void> {
  try {
    await system.start(labRun(system.name, report));
  } catch (cause) {
    await takeDown(system); // half a system is worse than none
    throw cause;
  }
}

async function startDaemon(
  system: string,
  name: string,
  becomes: string,
  [program, ...args]: readonly string[],
): Promise<number> {
  const logs = join(systemFolder(system), 'log');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, `${name}.log`), 'a');
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  let why: string | undefined;
  child.once('error', (cause) => {
    why = cause.message;
  });
  child.once('exit', (status, signal) => {
    why = `ended with ${signal ?? status}`;
  });
  const namespace = await born(child, becomes, () => why !== undefined);
  const id = child.pid === undefined ? undefined : identify(child.pid);
  if (why !== undefined || id === undefined || namespace === undefined) {
    const said = `${name}: ${why ?? `did not become ${becomes} in a namespace of its own`}: ${tail(system, name)}`;
    child.kill('SIGKILL');
    throw new LabError('LAB_DAEMON_FAILED', said, logsAdvice(system));
  }
  child.unref();
  const daemon: Daemon = { name, ...id, mount_namespace: namespace };
  const others = remembered(system).filter((each) => each.name !== name && isAlive(each));
  writeJson(daemonsFile(system), [...others, daemon]);
  return id.pid;
}

/**
 * Waits until a child is the daemon itself, with its namespaces set up, and in a mount namespace of
 * its own: only then may others join it, and can `takeDown` tell what belongs to it.
 */
async function born(
  child: ChildProcess,
  becomes: string,
  ended: () => boolean,
): Promise<string | undefined> {
  const ours = mountNamespace(process.pid);
  for (let look = 0; look < BIRTH_LOOKS && !ended(); look++) {
    await new Promise((resolve) => setTimeout(resolve, BIRTH_LOOK_MS));
    if (child.pid === undefined || !runs(child.pid, becomes)) continue;
    const theirs = mountNamespace(child.pid);
    if (theirs !== undefined && theirs !== ours) return theirs;
  }
  return undefined;
}

function remembered(system: string): readonly Daemon[] {
  return readJson<Daemon[]>(daemonsFile(system)) ?? [];
}

function daemonsFile(system: string): string {
  return join(systemFolder(system), 'daemons.json');
}

function tail(system: string, name: string): string {
  return readFileSync(join(systemFolder(system), 'log', `${name}.log`), 'utf8')
    .trim()
    .slice(-500);
}

function logsAdvice(system: string): string {
  return `Look into ${join(systemFolder(system), 'log')}.`;
}
