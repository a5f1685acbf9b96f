import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { readCloud } from '../../backends/openstack/clouds-yaml.ts';
import { OpenstackBackend } from '../../backends/openstack/driver.ts';
import type { Action, Outcome } from '../../engine/contract.ts';
import { bringUp, labRun, runningDaemons } from '../../lab/lifecycle.ts';
import { startCompute } from '../../lab/openstack/computes.ts';
import { REAL_HOST, REAL_ZONE } from '../../lab/openstack/hypervisor.ts';
import { Namespace } from '../../lab/openstack/namespace.ts';
import { stackPaths } from '../../lab/openstack/paths.ts';
import { type LabCloud, openstackSystem } from '../../lab/openstack/system.ts';
import { stopProcesses } from '../../lab/process.ts';
import { LabReport } from '../../lab/report.ts';

/** The first start ever makes the databases. */
export const START_TIMEOUT_MS = 1_200_000;
export const PATIENCE_S = 120;
const CLEAN_TIMEOUT_MS = 10 * PATIENCE_S * 1000;

/** Starts the lab's OpenStack unless it runs. Fails, and never skips, where it cannot run. */
export async function startCloud(): Promise<void> {
  await bringUp(openstackSystem, new LabReport());
}

export async function labCloud(cloud: LabCloud = 'lab') {
  return readCloud({ cloud }, { OS_CLIENT_CONFIG_FILE: stackPaths().cloudsYaml });
}

export async function openOpenstack(cloud: LabCloud = 'lab'): Promise<OpenstackBackend> {
  return new OpenstackBackend(await labCloud(cloud));
}

export function closed(backend: { close(closed: () => void): void }): Promise<void> {
  return new Promise((resolve) => backend.close(resolve));
}

/** What a small server of the lab is made of. */
export const SERVER: Readonly<Record<string, unknown>> = {
  flavor: 'm1.tiny',
  image: 'blank',
  networks: 'none',
};

/** Asks a backend for a verb. */
export function ask(
  backend: OpenstackBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> {
  const action: Action = {
    key: randomUUID(),
    ...{ layer: 'iaas', kind, entity, verb, deadline_s: PATIENCE_S },
    params: kind === 'server' ? { ...SERVER, ...params } : params,
  };
  return new Promise((reply) => backend.request(action, reply));
}

/** As `ask`, for what must come about; returns the state that it led to. */
export async function reach(
  backend: OpenstackBackend,
  kind: string,
  entity: string,
  verb: string,
  params?: Readonly<Record<string, unknown>>,
): Promise<string> {
  const outcome = await ask(backend, kind, entity, verb, params);
  if (outcome.type !== 'done') throw new Error(`${verb}: ${JSON.stringify(outcome)}`);
  return outcome.observation?.state ?? 'nothing';
}

/**
 * Starts the cloud for the tests of a file and hands them a backend of it. What they make has names that
 * begin with `prefix`; of the kinds `leaves` it is removed after them, in this order.
 */
export function useCloud(
  { prefix, leaves }: { readonly prefix: string; readonly leaves: readonly string[] },
  hand: (backend: OpenstackBackend) => void,
): void {
  let backend: OpenstackBackend;
  beforeAll(async () => {
    await startCloud();
    backend = await openOpenstack();
    hand(backend);
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await removeAll(backend, prefix, ...leaves);
    await closed(backend);
  }, CLEAN_TIMEOUT_MS);
}

/** Removes what a test may have left: everything of some kinds whose name begins so. */
export async function removeAll(
  backend: OpenstackBackend,
  prefix: string,
  ...kinds: readonly string[]
): Promise<void> {
  for (const kind of kinds) await removeKind(backend, prefix, kind);
}

async function removeKind(backend: OpenstackBackend, prefix: string, kind: string): Promise<void> {
  const left = (await backend.driver.list([kind])).filter(({ entity }) =>
    entity.startsWith(prefix),
  );
  await Promise.all(left.map(({ entity }) => reach(backend, kind, entity, 'delete')));
}

/** Stops the process of every compute host, or lets them go on: nothing is carried out meanwhile. */
export function holdComputes(signal: 'SIGSTOP' | 'SIGCONT'): void {
  for (const { name, pid } of runningDaemons('openstack')) {
    if (name.startsWith('nova-compute-')) process.kill(pid, signal);
  }
}

/** Ends nova-compute of a host, as a dead host does. */
export async function killCompute(host: string): Promise<void> {
  const found = runningDaemons('openstack').filter(({ name }) => name === `nova-compute-${host}`);
  await stopProcesses(found, 10);
}

/** Starts it again; it completes what was evacuated from it. */
export async function restartCompute(host: string): Promise<void> {
  await killCompute(host);
  await startCompute(cloudNamespace(), host);
}

/** The namespaces of the running cloud, to run programs in. */
export function cloudNamespace(): Namespace {
  const holder = runningDaemons('openstack').find(({ name }) => name === 'mariadb');
  if (!holder) throw new Error('the lab does not run');
  return new Namespace(labRun('openstack', new LabReport(() => {})), holder.pid);
}

/** Takes the real compute host away again: other tests count three hosts. */
export async function removeRealHost(): Promise<void> {
  const found = runningDaemons('openstack').filter(({ name }) => name.endsWith(`-${REAL_HOST}`));
  await stopProcesses(found, 10);
  const backend = await openOpenstack();
  try {
    const leave = { aggregate: REAL_ZONE };
    await reach(backend, 'compute-service', REAL_HOST, 'remove_from_aggregate', leave);
    await reach(backend, 'compute-service', REAL_HOST, 'delete');
  } finally {
    await closed(backend);
  }
}
