import { afterAll, beforeAll } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import { ask, guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;

/** A way to libvirtd that can be broken and mended. */
interface Way {
  /** Before the first `open`, when the lab is up. */
  start(): Promise<void>;
  open(): LibvirtBackend;
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
}

/** The contract suite over domains, by whichever way libvirtd is reached. */
export function domainContract(name: string, life: readonly Step[], way: Way): void {
  /** A client of its own, for what is done behind the backend's back. */
  let other: LibvirtBackend;

  beforeAll(async () => {
    await startLab();
    await way.start();
    other = openLibvirt();
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await new Promise<void>((closed) => other.close(closed));
    await way.disconnect();
  });

  backendContract(name, {
    layer: 'hypervisor',
    kind: 'domain',
    get params() {
      return guestParams();
    },
    life,
    before: life.slice(0, 2),
    slow: { verb: 'managed_save', from: 'running', during: ['running', 'paused'], to: 'saved' },
    illegal: 'create',
    patience_s: 180,
    open: async () => way.open(),
    wait: (begin) => new Promise(begin),
    pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
    behindItsBack: async (entity, { verb }) => {
      const outcome = await ask(other, entity, verb);
      if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
    },
    disconnect: () => way.disconnect(),
    reconnect: () => way.reconnect(),
    openResources: () => process.getActiveResourcesInfo().sort(),
    clean: () => removeDomains('contract-'),
  });
}
