import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { resolveTarget, type SshTarget } from '../../backends/ssh/config.ts';
import { SshDriver } from '../../backends/ssh/driver.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { systemFolder } from '../../lab/folder.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';
import { sshSystem } from '../../lab/ssh/system.ts';

/** Starts the lab's SSH servers unless they run. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(sshSystem, new LabReport());
}

export const configPath = () => join(systemFolder('ssh'), 'config');

export const target = (alias: string): SshTarget => resolveTarget(alias, { config: configPath() });

/** The address of the first host's gate. */
export const gate = (): URL => new URL(`tcp://127.0.0.1:${target('lab-1').port}`);

/** The configuration with another port for the first host, whose key is the same. */
export function configThrough(port: number): string {
  const own = target('lab-1').port;
  const folder = systemFolder('ssh');
  const known = join(folder, `known_hosts-${process.pid}`);
  const swap = (text: string) => text.replaceAll(String(own), String(port));
  writeFileSync(known, swap(readFileSync(join(folder, 'known_hosts'), 'utf8')));
  const path = join(folder, `config-${process.pid}`);
  const config = swap(readFileSync(configPath(), 'utf8'));
  writeFileSync(path, config.replaceAll(join(folder, 'known_hosts'), known));
  return path;
}

export function openSsh(config = configPath(), aliases = ['lab-1']): DriverBackend<SshDriver> {
  const targets = aliases.map((alias) => resolveTarget(alias, { config }));
  const poll = { every_s: 0.5, failed: { first_s: 0.5, max_s: 1 } };
  return new DriverBackend(new SshDriver({ targets, poll }));
}

let count = 0;

export function ask(
  backend: DriverBackend<SshDriver>,
  kind: string,
  entity: string,
  verb: string,
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `ssh-${process.pid}-${++count}`,
    ...{ layer: 'operating-system', kind, entity, verb, params: {} },
    deadline_s: 120,
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

export async function closed(backend: DriverBackend<SshDriver>): Promise<void> {
  await new Promise<void>((done) => backend.close(done));
}

export type { Observation };
