import { connect } from 'node:net';
import { join } from 'node:path';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import { runningDaemons } from '../lifecycle.ts';
import { identify } from '../process.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { probeAcceleration } from './acceleration.ts';
import { HYPERVISORS, type HypervisorName, hypervisorPaths, startDaemons } from './daemons.ts';
import { buildGuest, cachedGuest, rememberGuest } from './guest.ts';
import { REMOTE_URI, sshConfigPath, startSshd } from './remote.ts';

/** The kernel's limit for the path of a unix socket (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
/** How long libvirtd may take to listen: its first start asks QEMU for its features. */
const SOCKET_LOOKS = 600;
const SOCKET_LOOK_MS = 50;

/** libvirt with QEMU: one isolated hypervisor with a tiny Linux guest to boot. */
export const libvirtSystem: LabSystem = {
  name: 'libvirt',
  describes:
    'two hypervisors (libvirtd, QEMU) in namespaces of their own, one by SSH; a tiny guest',
  packages: [
    'qemu-system-x86',
    'qemu-utils',
    'libvirt-daemon',
    'libvirt-daemon-driver-qemu',
    'libvirt-clients',
    'iproute2',
    'openssh-server',
    'openssh-client',
    'socat',
    'cpio',
  ],

  async prepare(report: LabReport): Promise<void> {
    await report.part('libvirt', 'guest', async () => {
      const known = cachedGuest();
      // Hypervisors that run keep the guest they were started with; to ask apt takes seconds.
      if (known && runningDaemons('libvirt').length > 0) return 'in use';
      const { files, remark } = await buildGuest();
      const { kernel, initrd, cmdline } = files;
      const virtualisation = await probeAcceleration(kernel, initrd, cmdline);
      rememberGuest({ ...files, virtualisation });
      return `${remark}, by ${virtualisation}`;
    });
  },

  async start(run: LabRun): Promise<void> {
    const acceleration = cachedGuest()?.virtualisation ?? 'qemu';
    const { socket } = hypervisorPaths();
    if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
      throw new LabError(
        'LAB_PATH_TOO_LONG',
        `${socket} is longer than a unix socket may be (${SOCKET_PATH_BYTES_MAX} bytes)`,
        'Set STRATA_LAB to a folder with a shorter path.',
      );
    }
    for (const host of HYPERVISORS) {
      const pid = await startDaemons(run, host, acceleration);
      await listening(hypervisorPaths(host).socket, pid);
      if (host === HYPERVISORS[0]) await startSshd(run, pid);
    }
  },

  async probe(): Promise<Probe> {
    const sockets = HYPERVISORS.map((host) => hypervisorPaths(host).socket);
    for (const socket of sockets) {
      const why = await refusal(socket);
      if (why !== undefined) return { ok: false, why };
    }
    return { ok: true, says: `listens on ${sockets.join(' and ')}` };
  },

  endpoint(): Readonly<Record<string, string>> {
    return {
      LIBVIRT_DEFAULT_URI: libvirtUri(),
      second: libvirtUri(HYPERVISORS[1]),
      remote: `${REMOTE_URI} with ssh_config=${sshConfigPath()}`,
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
export function libvirtUri(host: HypervisorName = HYPERVISORS[0]): string {
  return `qemu+unix:///system?socket=${hypervisorPaths(host).socket}`;
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
