import { DriverBackend } from '../../backends/driver-backend.ts';
import { RedfishDriver, type RedfishOptions } from '../../backends/redfish/driver.ts';
import { bringUp, systemProcesses } from '../../lab/lifecycle.ts';
import { commandLine } from '../../lab/process.ts';
import { redfishSystem, redfishUrl } from '../../lab/redfish/system.ts';
import { LabReport } from '../../lab/report.ts';
import { ask, guestParams, openLibvirt, removeDomains } from './libvirt-lab.ts';

/** Starts the lab's Redfish service, and the libvirt behind it, unless they are there. */
export async function startRedfish(): Promise<URL> {
  await bringUp(redfishSystem, new LabReport());
  return new URL(redfishUrl() ?? '');
}

export type RedfishBackend = DriverBackend<RedfishDriver>;

export function openRedfish(options: Partial<RedfishOptions> = {}): RedfishBackend {
  return new DriverBackend(
    new RedfishDriver({
      ...{ look_s: 0.1, retry: { first_s: 0.05, max_s: 0.2 }, env: {} },
      poll: { every_s: 0.2, failed: { first_s: 0.1, max_s: 0.3 } },
      ...options,
    }),
  );
}

/** Defines a domain that boots the lab's guest; its name is the name of the Redfish system. */
export async function defineSystem(name: string): Promise<void> {
  await removeDomains(name);
  const libvirt = openLibvirt();
  try {
    const outcome = await ask(libvirt, name, 'define', { params: guestParams() });
    if (outcome.type !== 'done') throw new Error(JSON.stringify(outcome));
  } finally {
    await new Promise<void>((closed) => libvirt.close(closed));
  }
}

/** The QEMU process of a domain, to stop it; undefined when it is off. */
export function qemuOf(name: string): number | undefined {
  return systemProcesses('libvirt').find(({ pid }) => commandLine(pid).includes(`guest=${name},`))
    ?.pid;
}
