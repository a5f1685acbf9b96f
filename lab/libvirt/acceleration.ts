import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { cacheFolder, readJson, writeJson } from '../folder.ts';
import { READY_MARKER } from './guest-init.ts';

/** How the lab's guests run: by the processor's own virtualisation, or emulated. */
export type Acceleration = 'kvm' | 'qemu';

/** A guest that KVM runs is up in a second or two; one that it cannot run hangs for ever. */
const KVM_PATIENCE_S = 8;

interface Verdict {
  readonly boot_id: string;
  /** Name of the guest, which stands for all that is in it. */
  readonly guest: string;
  readonly acceleration: Acceleration;
}

/**
 * Finds out by booting the guest: that /dev/kvm can be opened does not say that it works, least of
 * all within another virtual machine. Asked once for each boot of the host and each guest.
 */
export async function probeAcceleration(
  kernel: string,
  initrd: string,
  cmdline: string,
): Promise<Acceleration> {
  if (!existsSync('/dev/kvm')) return 'qemu';
  const file = join(cacheFolder('guest'), 'acceleration.json');
  const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const guest = basename(dirname(kernel));
  const known = readJson<Verdict>(file);
  if (known?.boot_id === boot_id && known.guest === guest) return known.acceleration;
  const acceleration = (await bootsWithKvm(kernel, initrd, cmdline)) ? 'kvm' : 'qemu';
  writeJson(file, { boot_id, guest, acceleration } satisfies Verdict);
  return acceleration;
}

function bootsWithKvm(kernel: string, initrd: string, cmdline: string): Promise<boolean> {
  const machine = ['-accel', 'kvm', '-machine', 'pc', '-m', '128', '-nodefaults', '-no-reboot'];
  const guest = ['-kernel', kernel, '-initrd', initrd, '-append', cmdline];
  const console_ = ['-display', 'none', '-serial', 'stdio'];
  return new Promise((resolve) => {
    const child = spawn('qemu-system-x86_64', [...machine, ...guest, ...console_], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: KVM_PATIENCE_S * 1000,
      killSignal: 'SIGKILL',
    });
    let said = '';
    let isUp = false;
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      isUp ||= said.includes(READY_MARKER);
      if (isUp) child.kill('SIGKILL');
    });
    child.once('error', () => resolve(false));
    child.once('close', () => resolve(isUp));
  });
}
