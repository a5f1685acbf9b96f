import { connect } from 'node:net';
import { join } from 'node:path';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import { identify } from '../process.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { probeAcceleration } from './acceleration.ts';
import { hypervisorPaths, startDaemons } from './daemons.ts';
import { buildGuest, cachedGuest, rememberGuest } from './guest.ts';

/** The kernel's limit for the path of a unix socket (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
/** How long libvirtd may take to listen: its first start asks QEMU for its features. */
const SOCKET_LOOKS = 600;
const SOCKET_LOOK_MS = 50;

/** libvirt with QEMU: one isolated hypervisor with a tiny Linux guest to boot. */
export const libvirtSystem: LabSystem = {
  name: 'libvirt',
  describes: 'libvirtd + virtlogd + QEMU in namespaces of their own, and a tiny Linux guest',
  packages: [
    'qemu-system-x86',
    'qemu-utils',
    'libvirt-daemon',
    'libvirt-daemon-driver-qemu',
    'libvirt-clients',
    'iproute2',
    'cpio',
  ],

  async prepare(report: LabReport): Promise<void> {
    await report.part('libvirt', 'guest', async () => {
      const { files, remark } = await buildGuest();
      const { kernel, initrd, cmdline } = files;
      const virtualisation = await probeAcceleration(kernel, initrd, cmdline);
      rememberGuest({ ...files, virtualisation });
      return `${remark}, by ${virtualisation}`;
    });
  },

  async start(run: LabRun): Promise<void> {
    const { socket } = hypervisorPaths();
    if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
      throw new LabError(
        'LAB_PATH_TOO_LONG',
        `${socket} is longer than a unix socket may be (${SOCKET_PATH_BYTES_MAX} bytes)`,
        'Set STRATA_LAB to a folder with a shorter path.',
      );
    }
    await listening(socket, await startDaemons(run, cachedGuest()?.virtualisation ?? 'qemu'));
  },

  async probe(): Promise<Probe> {
    const { socket } = hypervisorPaths();
    const why = await refusal(socket);
    return why === undefined ? { ok: true, says: `listens on ${socket}` } : { ok: false, why };
  },

  endpoint(): Readonly<Record<string, string>> {
    return {
      LIBVIRT_DEFAULT_URI: libvirtUri(),
      ...(cachedGuest() as Record<string, string> | undefined),
    };
  },

  example(): string {
    const { kernel, initrd, cmdline } = cachedGuest() ?? { kernel: '', initrd: '', cmdline: '' };
    const set = Object.entries({ kernel, initrd, cmdline }).map(
      ([name, value]) => `--set "${name}=${value}"`,
    );
    return `npx strata apply scenarios/lab-domain.yaml --driver "libvirt:uri=${libvirtUri()}" ${set.join(' ')}`;
  },
};

/** The lab's libvirt in libvirt's own notation; `virsh -c` takes it as well. */
export function libvirtUri(): string {
  return `qemu+unix:///system?socket=${hypervisorPaths().socket}`;
}

/** Waits until libvirtd listens, or ended. */
export async function listening(socket: string, pid: number): Promise<void> {
  let why: string | undefined;
  for (let look = 0; look < SOCKET_LOOKS; look++) {
    why = await refusal(socket);
    if (why === undefined) return;
    if (identify(pid) === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, SOCKET_LOOK_MS));
  }
  throw new LabError(
    'LAB_START_FAILED',
    `libvirtd does not listen: ${why}`,
    `Look into ${join(systemFolder('libvirt'), 'log')}.`,
  );
}

/** Why nobody can connect; undefined when somebody listens. */
function refusal(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once('connect', () => {
      client.destroy();
      resolve(undefined);
    });
    client.once('error', (cause) => resolve(cause.message));
  });
}
