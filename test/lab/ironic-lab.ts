import { expect, vi } from 'vitest';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { IronicDriver, type IronicOptions } from '../../backends/ironic/driver.ts';
import type { Outcome } from '../../engine/contract.ts';
import { ironicSystem, ironicUrl } from '../../lab/ironic/system.ts';
import { bringUp } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';
import { ask, PASSWORDS } from './metal-lab.ts';

/** Starts the lab's Ironic, and the metal that it drives, unless they are there. */
export async function startIronic(): Promise<URL> {
  await bringUp(ironicSystem, new LabReport());
  return new URL(ironicUrl() ?? '');
}

export type IronicBackend = DriverBackend<IronicDriver>;

export function openIronic(url: URL, options: Partial<IronicOptions> = {}): IronicBackend {
  return new DriverBackend(
    new IronicDriver({
      ...{
        url,
        auth: { type: 'none' },
        env: { ...PASSWORDS, IRONIC_RESCUE_PASSWORD: 'rescue-pw' },
      },
      ...{ look_s: 0.1, retry: { first_s: 0.05, max_s: 0.2 } },
      poll: { every_s: 0.1, failed: { first_s: 0.1, max_s: 0.3 } },
      ...options,
    }),
  );
}

/** Parameters of a node whose hardware only says that it does what it is told. */
export const FAKE_NODE = {
  driver: 'fake-hardware',
  resource_class: 'lab',
  properties: { cpus: 4, memory_mb: 8192, local_gb: 100, cpu_arch: 'x86_64' },
};

/** Asks, and asks again while another request holds the node. */
export async function patiently(...args: Parameters<typeof ask>): Promise<Outcome> {
  for (;;) {
    const outcome = await ask(...args);
    if (outcome.type !== 'busy') return outcome;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const IN_USE = /^(deployed|failed_deployment|rescue_mode|failed_.*rescue)/;

/** Takes nodes away whose name begins so, whatever became of them. */
export async function removeNodes(url: URL, prefix: string): Promise<void> {
  const backend = openIronic(url);
  const left = async () =>
    (await backend.driver.list()).filter(({ entity }) => entity.startsWith(prefix));
  try {
    // What a cancelled action began goes on, and Ironic deletes no node that is in use.
    await vi.waitFor(
      async () => {
        for (const { entity, state } of await left()) {
          if (IN_USE.test(state)) await patiently(backend, entity, 'release');
          await patiently(backend, entity, 'delete');
        }
        expect(await left()).toEqual([]);
      },
      { timeout: 60_000, interval: 300 },
    );
  } finally {
    await new Promise<void>((closed) => backend.close(closed));
  }
}
