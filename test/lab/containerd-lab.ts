import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CriBackend, type CriOptions } from '../../backends/cri/driver.ts';
import { isFault } from '../../backends/fault.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { containerdPaths } from '../../lab/containerd/daemon.ts';
import { BUSYBOX_IMAGE } from '../../lab/containerd/images.ts';
import { containerdSystem } from '../../lab/containerd/system.ts';
import { systemFolder } from '../../lab/folder.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';

export const START_TIMEOUT_MS = 600_000;
export const HOST = 'lab-host';

/** Starts the lab's containerd unless it runs. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(containerdSystem, new LabReport());
}

export function openCri(options: Partial<CriOptions> = {}): CriBackend {
  return new CriBackend({
    endpoint: `unix://${containerdPaths('containerd').socket}`,
    host: HOST,
    watch: { poll_s: 0.1 },
    ...options,
  });
}

/** A path of a socket beside containerd's own, removed if it is there. */
export function proxyPath(name: string): string {
  const path = join(systemFolder('containerd'), `${name}-${process.pid}.sock`);
  rmSync(path, { force: true });
  return path;
}

/**
 * Runtime handler of the sandboxes. `STRATA_CRI_HANDLER=kata` tries another one than the default,
 * on a host that has it.
 */
export const HANDLER = process.env['STRATA_CRI_HANDLER'] ?? '';
/** How much longer things take: a machine without KVM takes half a minute to start. */
export const SLOWNESS = HANDLER === '' ? 1 : 10;

/** Parameters of every verb of a sandbox. */
export const SANDBOX = {
  handler: HANDLER,
  cgroup_parent: `/${containerdPaths('containerd').cgroup}`,
} as const;

/** Parameters of every verb, by kind. */
const PARAMS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  sandbox: SANDBOX,
  container: { image: BUSYBOX_IMAGE, command: ['sleep', '1000'], grace_s: 0 },
};

/** Makes sandboxes wait for their network, and lets them go on. */
export const hold = {
  hold: async () => writeFileSync(containerdPaths('containerd').hold, ''),
  release: async () => rmSync(containerdPaths('containerd').hold, { force: true }),
};

let count = 0;

export function ask(
  backend: CriBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `lab-${process.pid}-${++count}`,
    ...{ layer: 'container', kind, entity, verb, params: { ...PARAMS[kind], ...params } },
    deadline_s: 60 * SLOWNESS,
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

export function observe(backend: CriBackend, kind: string, entity: string): Promise<Observation> {
  return new Promise((resolve, reject) => {
    backend.observe(kind, entity, (seen) => {
      if (isFault(seen)) reject(new Error(JSON.stringify(seen)));
      else resolve(seen);
    });
  });
}

/** Removes every sandbox whose name begins with `prefix`, and what is in it. */
export async function removeSandboxes(prefix: string): Promise<void> {
  await hold.release();
  const backend = openCri();
  try {
    const all = await backend.driver.list();
    for (const { kind, entity } of all) {
      if (kind !== 'sandbox' || !entity.startsWith(prefix)) continue;
      const outcome = await ask(backend, kind, entity, 'remove');
      if (outcome.type !== 'done') throw new Error(`${entity}: ${JSON.stringify(outcome)}`);
    }
  } finally {
    await closed(backend);
  }
}

export function closed(backend: CriBackend): Promise<void> {
  return new Promise((resolve) => backend.close(resolve));
}
