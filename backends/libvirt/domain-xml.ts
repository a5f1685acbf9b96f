import type { DomainParams } from './domain-params.ts';
import { element, parseXml, toXml, type XmlElement } from './xml.ts';

const KIB_BYTES = 1024;

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
