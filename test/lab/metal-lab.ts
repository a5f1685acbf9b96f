import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, vi } from 'vitest';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { IpmiDriver, type IpmiOptions } from '../../backends/ipmi/driver.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { HOLD } from '../../lab/metal/chassis.ts';
import { machineFiles, setMode } from '../../lab/metal/control.ts';
import { BMC_USERS, type LabMachine, MACHINES, metalPaths } from '../../lab/metal/layout.ts';
import type { MachineFile } from '../../lab/metal/service.ts';
import { metalSystem } from '../../lab/metal/system.ts';
import { LabReport } from '../../lab/report.ts';

/** Starts the lab's machines unless they are there. Fails, and never skips, where it cannot. */
export async function startMetal(): Promise<void> {
  await bringUp(metalSystem, new LabReport());
}

/** A machine is emulated, on one that has other things to do. */
export const METAL_TIMEOUT_MS = 1_800_000;

/**
 * Gives a suite one machine of the lab: enlisted before its tests, switched off after them. Returns
 * how to get the backend that it is enlisted with.
 */
export function withMachine(machine: LabMachine): () => IpmiBackend {
  let ipmi: IpmiBackend;
  beforeAll(async () => {
    await startMetal();
    ipmi = openIpmi();
    await done(ipmi, machine.name, 'enlist', controllerOf(machine));
  }, METAL_TIMEOUT_MS);
  afterAll(async () => {
    await new Promise<void>((closed) => ipmi.close(closed));
    await switchOff([machine]);
  }, 60_000);
  return () => ipmi;
}

export const PASSWORDS: NodeJS.ProcessEnv = {
  ...process.env,
  IPMI_PASSWORD: BMC_USERS.admin.password,
  WRONG_PASSWORD: 'planted-wrong',
  VIEWER_PASSWORD: BMC_USERS.viewer.password,
};

export type IpmiBackend = DriverBackend<IpmiDriver>;

export function openIpmi(options: Partial<IpmiOptions> = {}): IpmiBackend {
  return new DriverBackend(
    new IpmiDriver({
      env: PASSWORDS,
      ipmitool: { program: metalPaths().ipmitool, retries: 1 },
      look_s: 0.2,
      poll: { every_s: 0.5, failed: { first_s: 0.2, max_s: 0.5 } },
      ...options,
    }),
  );
}

/** Parameters of `enlist`. */
export function controllerOf(machine: LabMachine, more: object = {}) {
  return { address: '127.0.0.1', port: machine.bmc_port, user: 'admin', ...more };
}

let count = 0;

export function ask(
  backend: DriverBackend,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `metal-${process.pid}-${++count}`,
    ...{ layer: 'bare-metal', kind: 'machine', entity, verb, params, deadline_s: 60 },
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

/** Carries a verb out; a fault is an exception. */
export async function done(...args: Parameters<typeof ask>): Promise<Observation> {
  const outcome = await ask(...args);
  if (outcome.type === 'done' && outcome.observation) return outcome.observation;
  throw new Error(`${args[2]} of ${args[1]}: ${JSON.stringify(outcome)}`);
}

/** Lets a machine's controller take commands without doing anything yet. */
export function hold(machine: LabMachine): void {
  writeFileSync(join(metalPaths().machine(machine.name), HOLD), '');
}

export function letGo(machine: LabMachine): void {
  rmSync(join(metalPaths().machine(machine.name), HOLD), { force: true });
}

/** Boots a machine that is enlisted from the network, to do what its mode says. */
export async function bootInto(
  backend: IpmiBackend,
  { name, mac }: LabMachine,
  mode: MachineFile['mode'],
): Promise<void> {
  await setMode(mac, mode);
  await done(backend, name, 'power_off');
  await done(backend, name, 'set_boot_device', { device: 'pxe' });
  await done(backend, name, 'power_on');
}

/** Waits until a machine said something to the service. */
export async function untilSaid(machine: LabMachine, event: string): Promise<MachineFile> {
  const said = await vi.waitFor(
    async () => {
      const file = (await machineFiles())[machine.mac];
      if (file?.events.some((each) => each.event === event || each.event === 'failed')) return file;
      throw new Error(`${machine.name} did not say ${event}: ${tail(machine)}`);
    },
    { timeout: 800_000, interval: 500 },
  );
  const failed = said.events.find((each) => each.event === 'failed');
  if (!failed) return said;
  throw new Error(`${machine.name} failed: ${failed.detail}: ${tail(machine)}`);
}

/** The end of a machine's console. */
function tail({ name }: LabMachine): string {
  try {
    return readFileSync(join(metalPaths().machine(name), 'console.log'), 'utf8').slice(-400);
  } catch {
    return 'nothing on its console';
  }
}

/** Switches machines off. */
export async function switchOff(machines: readonly LabMachine[] = MACHINES): Promise<void> {
  const backend = openIpmi();
  try {
    for (const machine of machines) {
      letGo(machine);
      await done(backend, machine.name, 'enlist', controllerOf(machine));
      await done(backend, machine.name, 'power_off');
    }
  } finally {
    await new Promise<void>((closed) => backend.close(closed));
  }
}
