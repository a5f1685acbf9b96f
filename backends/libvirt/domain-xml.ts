import { z } from 'zod';
import { mistakes } from '../mistake.ts';
import { libvirtFault } from './faults.ts';
import { element, parseXml, toXml, type XmlElement } from './xml.ts';

const KIB_BYTES = 1024;

/** Text that XML 1.0 carries unchanged: no control characters, and no CR, which a reader makes a LF. */
const text = z
  .string()
  .min(1)
  .refine((value) => !/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(value), {
    message: 'text without characters that XML cannot hold',
  });
const path = text.startsWith('/', { message: 'an absolute path' });

/** What the `define` verb takes. Paths are those of the hypervisor. */
export const DomainParams = z.object({
  vcpus: z.int().min(1).max(4096).describe('Virtual CPUs.'),
  memory_bytes: z.int().min(KIB_BYTES).describe('Memory, bytes; rounded up to whole KiB.'),
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
export type DomainParams = z.infer<typeof DomainParams>;

/**
 * Reads parameters of an action; throws `LIBVIRT_BAD_PARAMS` that names each mistake. Empty text is
 * a parameter that is not given: no setting of a domain is meaningful when empty.
 */
export function parseDomainParams(params: Readonly<Record<string, unknown>>): DomainParams {
  const given = Object.entries(params).filter(([, value]) => value !== '');
  const parsed = DomainParams.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw libvirtFault('LIBVIRT_BAD_PARAMS', mistakes(parsed.error.issues));
}

/** The definition of a persistent domain that boots by itself, without a network or disks. */
export function domainXml(name: string, type: string, params: DomainParams): string {
  return toXml(
    element(
      'domain',
      { type },
      element('name', {}, name),
      params.uuid && element('uuid', {}, params.uuid),
      element('memory', { unit: 'KiB' }, String(Math.ceil(params.memory_bytes / KIB_BYTES))),
      element('vcpu', {}, String(params.vcpus)),
      bootXml(type, params),
      // Without ACPI a guest cannot be asked to shut down.
      element('features', {}, element('acpi')),
      element('on_poweroff', {}, 'destroy'),
      element('on_reboot', {}, 'restart'),
      element('on_crash', {}, 'destroy'),
      element('devices', {}, ...devicesXml(params)),
    ),
  );
}

function bootXml(type: string, params: DomainParams): XmlElement {
  const machine = type === 'test' ? undefined : params.machine;
  return element(
    'os',
    {},
    element('type', { arch: params.arch, machine }, 'hvm'),
    params.kernel === undefined ? undefined : element('kernel', {}, params.kernel),
    params.initrd === undefined ? undefined : element('initrd', {}, params.initrd),
    params.cmdline === undefined ? undefined : element('cmdline', {}, params.cmdline),
  );
}

function devicesXml(params: DomainParams): readonly XmlElement[] {
  // libvirt adds a USB controller to every guest; this one has nothing to plug into it.
  const usb = element('controller', { type: 'usb', model: 'none' });
  if (params.console_log === undefined) return [usb];
  const source = element('source', { path: params.console_log });
  return [usb, element('serial', { type: 'file' }, source, element('target', { port: 0 }))];
}

/** The kind of virtualisation that a domain's definition names. */
export function domainType(xml: string): string {
  return parseXml(xml).getAttribute('type') ?? '';
}
