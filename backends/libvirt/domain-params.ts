/** What the verbs on a domain take. */
import { z } from 'zod';
import { libvirtParams } from './params.ts';

/** Text that XML 1.0 carries unchanged: no control characters, and no CR, which a reader makes a LF. */
const text = z
  .string()
  .min(1)
  .refine((value) => !/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(value), {
    message: 'text without characters that XML cannot hold',
  });
const path = text.startsWith('/', { message: 'an absolute path' });

/** Paths are those of the hypervisor. */
const Definition = z.object({
  vcpus: z.int().min(1).max(4096).describe('Virtual CPUs.'),
  memory_bytes: z.int().min(1024).describe('Memory, bytes; rounded up to whole KiB.'),
  arch: text.default('x86_64').describe('Architecture of the guest.'),
  machine: text.default('pc').describe('Machine type of QEMU.'),
  virtualisation: z
    .enum(['auto', 'kvm', 'qemu', 'test'])
    .default('auto')
    .describe('`qemu` is emulation; `auto` is what the hypervisor does best.'),
  uuid: z.uuid().optional().describe('Of the domain; libvirt chooses one by default.'),
  kernel: path.optional().describe('Kernel to boot directly.'),
  initrd: path.optional().describe('Initial RAM disk of that kernel.'),
  cmdline: text.optional().describe('Command line of that kernel.'),
  console_log: path.optional().describe('File that the serial console is written to.'),
});

const Disk = z.object({
  source: z
    .string()
    .startsWith('/', { message: 'an absolute path' })
    .describe('Image on the hypervisor, an absolute path.'),
  target: z
    .string()
    .regex(/^[a-z]{2,3}[a-z]{1,2}$/)
    .describe('Name of the device in the guest, such as `vdb`.'),
  bus: z.enum(['virtio', 'scsi', 'sata', 'ide']).default('virtio').describe('Of the disk.'),
  format: z.enum(['raw', 'qcow2']).default('qcow2').describe('Of the image.'),
});
const Interface = z.object({
  network: z.string().min(1).describe('Virtual network of the hypervisor.'),
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    .describe('MAC address in the guest, such as `52:54:00:0a:0b:0c`.'),
  model: z
    .enum(['virtio', 'e1000', 'rtl8139'])
    .default('virtio')
    .describe('The card that the guest sees.'),
});

export const DEVICE_PARAMS = {
  attach_disk: Disk,
  detach_disk: Disk.pick({ target: true }),
  attach_interface: Interface,
  detach_interface: Interface.pick({ mac: true }),
} as const;

export const DOMAIN_PARAMS = { define: Definition, ...DEVICE_PARAMS } as const;

export type DomainVerbParams = {
  [V in keyof typeof DOMAIN_PARAMS]: z.infer<(typeof DOMAIN_PARAMS)[V]>;
};
export type DomainParams = DomainVerbParams['define'];

/** What a verb is given. Throws `LIBVIRT_BAD_PARAMS`, which names each mistake. */
export const domainParams = libvirtParams({ domain: DOMAIN_PARAMS });
