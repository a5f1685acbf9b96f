import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { LibvirtBackend, type LibvirtOptions } from '../../backends/libvirt/driver.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { systemFolder } from '../../lab/folder.ts';
import { cachedGuest } from '../../lab/libvirt/guest.ts';
import { libvirtSystem, libvirtUri } from '../../lab/libvirt/system.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';

/** Starts the lab's libvirt unless it runs. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(libvirtSystem, new LabReport());
}

const MEMORY_BYTES = 128 * 2 ** 20;

/** Parameters of a domain that boots the lab's guest. */
export function guestParams(): Readonly<Record<string, unknown>> {
  const guest = cachedGuest();
  if (!guest) throw new Error('the lab has no guest: npm run lab:up libvirt');
  const { kernel, initrd, cmdline } = guest;
  return { kernel, initrd, cmdline, vcpus: 1, memory_bytes: MEMORY_BYTES };
}

export function openLibvirt(options: Partial<LibvirtOptions> = {}): LibvirtBackend {
  return new LibvirtBackend({ uri: libvirtUri(), ...options });
}

/** A path of a socket beside libvirtd's own, removed if it is there. */
export function proxyPath(name: string): string {
  const path = join(systemFolder('libvirt'), `${name}-${process.pid}.sock`);
  rmSync(path, { force: true });
  return path;
}

let count = 0;

/** Asks a libvirt backend for a verb on a domain. */
export function ask(
  backend: LibvirtBackend,
  entity: string,
  verb: string,
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `lab-${process.pid}-${++count}`,
    ...{ layer: 'hypervisor', kind: 'domain', entity, verb, params: guestParams() },
    // Under emulation a guest on a busy machine takes long to boot, and hears nothing before.
    deadline_s: 180,
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

export type Asked = [kind: string, entity: string, verb: string, params?: Action['params']];
export type Reached = [
  ...[kind: string, entity: string, verb: string, state: string],
  params?: Action['params'],
];

/** Asks for a verb on an entity of any kind. */
export function actOn(
  backend: LibvirtBackend,
  ...[kind, entity, verb, params = {}]: Asked
): Promise<Outcome> {
  return ask(backend, entity, verb, { kind, params });
}

/** Carries a verb out, and expects the state that follows, observed afresh. */
export async function reachOn(
  backend: LibvirtBackend,
  ...[kind, entity, verb, state, params]: Reached
): Promise<Observation> {
  const outcome = await actOn(backend, kind, entity, verb, params);
  const said = `${verb} ${entity}: ${JSON.stringify(outcome)}`;
  expect(outcome, said).toMatchObject({ type: 'done', observation: { state } });
  const observed = await backend.driver.observe(kind, entity);
  expect(observed).toMatchObject({ kind, entity, state });
  return observed;
}

/** Removes every domain whose name begins with `prefix`, running or not. */
export async function removeDomains(prefix: string): Promise<void> {
  const backend = openLibvirt();
  try {
    const domains = (await backend.driver.list()).filter(
      ({ kind, entity }) => kind === 'domain' && entity.startsWith(prefix),
    );
    await Promise.all(domains.map((domain) => removeDomain(backend, domain)));
  } finally {
    await new Promise<void>((closed) => backend.close(closed));
  }
}

async function removeDomain(backend: LibvirtBackend, domain: Observation): Promise<void> {
  if (!OFF.has(domain.state)) await ask(backend, domain.entity, 'destroy');
  const outcome = await ask(backend, domain.entity, 'undefine');
  // A domain that was undefined while it ran went away with its guest.
  if (outcome.type === 'fault' && outcome.fault.code === 'LIBVIRT_DOMAIN_UNKNOWN') return;
  if (outcome.type !== 'done') throw new Error(`${domain.entity}: ${JSON.stringify(outcome)}`);
}

const OFF: ReadonlySet<string> = new Set(['shutoff', 'saved', 'crashed']);
