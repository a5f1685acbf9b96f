import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { bestType, parseCapabilities } from '../../../backends/libvirt/capabilities.ts';
import { DOMAIN_PARAMS, domainParams } from '../../../backends/libvirt/domain-params.ts';
import { domainType, domainXml } from '../../../backends/libvirt/domain-xml.ts';
import { defaultLibvirtUri, parseLibvirtUri } from '../../../backends/libvirt/uri.ts';
import { childrenOf, parseXml } from '../../../backends/libvirt/xml.ts';
import type { Asked } from '../../../backends/verb-params.ts';
import type { Fault } from '../../../engine/contract.ts';
import { anyText } from '../../support/any-text.ts';

/** Text that XML can carry, with everything in it that XML gives a meaning to. */
const xmlText = anyText({ minLength: 1, maxLength: 20 }).filter((text) =>
  /^[\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]+$/u.test(text),
);
const hostile = fc.oneof(
  xmlText,
  fc.constantFrom('</name><name>x', '"\'&<>', ']]>', '<!--', '&amp;', '<?x?>'),
  fc.constantFrom('\u0085', '\u2028', '\u2029'), // line ends of XML 1.1, not of 1.0
);

function faultOf(work: () => unknown): Fault {
  try {
    work();
  } catch (cause) {
    if (cause instanceof FaultError) return cause.fault;
    throw cause;
  }
  throw new Error('nothing was thrown');
}

function definitionOf(params: Asked['params']) {
  const asked = { kind: 'domain', entity: 'vm', verb: 'define', params };
  return domainParams(asked, DOMAIN_PARAMS.define);
}

describe("a domain's definition", () => {
  const minimal = { vcpus: 2, memory_bytes: 128 * 2 ** 20 };

  it('holds any text as it is, whatever XML would make of it', () => {
    fc.assert(
      fc.property(hostile, hostile, (name, cmdline) => {
        const params = definitionOf({ ...minimal, cmdline });
        const root = parseXml(domainXml(name, 'qemu', params));
        expect(childrenOf(root, 'name').map((each) => each.textContent)).toEqual([name]);
        const [os] = childrenOf(root, 'os');
        expect(childrenOf(os, 'cmdline')[0].textContent).toBe(cmdline);
        expect(domainType(domainXml(name, 'qemu', params))).toBe('qemu');
      }),
    );
  });

  it('says its memory in KiB, rounded up', () => {
    const params = definitionOf({ ...minimal, memory_bytes: 2 ** 20 + 1 });
    const root = parseXml(domainXml('vm', 'qemu', params));
    expect(childrenOf(root, 'memory')[0].textContent).toBe('1025');
  });

  it('leaves out what is given as nothing', () => {
    const params = definitionOf({ ...minimal, kernel: '', initrd: '', cmdline: '' });
    expect(domainXml('vm', 'qemu', params)).not.toMatch(/kernel|initrd|cmdline/);
  });

  it('names every parameter that is wrong', () => {
    const fault = faultOf(() =>
      definitionOf({ vcpus: 0, memory_bytes: 'much', kernel: 'relative', cmdline: '\u0000' }),
    );
    expect(faultOf(() => definitionOf({ ...minimal, cmdline: 'a\rb' }))).toMatchObject({
      code: 'LIBVIRT_BAD_PARAMS',
    });
    expect(fault).toMatchObject({ code: 'LIBVIRT_BAD_PARAMS', effect: 'none' });
    expect(fault.message).toContain(': define of vm: vcpus: ');
    for (const name of ['vcpus', 'memory_bytes', 'kernel', 'cmdline']) {
      expect(fault.message).toContain(`${name}: `);
    }
  });
});

describe('capabilities', () => {
  const xml = (...types: string[]) =>
    `<capabilities><host/><guest><os_type>hvm</os_type><arch name='x86_64'>${types
      .map((type) => `<domain type='${type}'/>`)
      .join('')}</arch></guest></capabilities>`;

  it('give the fastest virtualisation there is', () => {
    expect(bestType(parseCapabilities(xml('qemu', 'kvm')), 'x86_64')).toBe('kvm');
    expect(bestType(parseCapabilities(xml('qemu')), 'x86_64')).toBe('qemu');
    expect(bestType(parseCapabilities(xml('test')), 'x86_64')).toBe('test');
    expect(bestType(parseCapabilities(xml('kvm')), 'aarch64')).toBeUndefined();
  });

  it('that are no XML end in a typed fault', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        try {
          parseCapabilities(text);
        } catch (cause) {
          expect(cause).toBeInstanceOf(FaultError);
        }
      }),
    );
  });
});

describe('a connection URI', () => {
  it.each([
    ['qemu:///system', '/run/libvirt/libvirt-sock', 'qemu:///system'],
    ['test:///default', '/run/libvirt/libvirt-sock', 'test:///default'],
    ['qemu+unix:///system?socket=/a/b', '/a/b', 'qemu:///system'],
    ['test+unix:///default?socket=/a%20b', '/a b', 'test:///default'],
  ])('%s is understood', (uri, socket, name) => {
    expect(parseLibvirtUri(uri)).toEqual({ host: undefined, socket, name });
  });

  it.each([
    ['qemu+ssh://host/system', { alias: 'host' }],
    ['qemu+ssh://me@host:2222/system?no_tty=1', { alias: 'me@host:2222' }],
    ['qemu+libssh2://host/system?known_hosts=/k&keyfile=/id', { knownHosts: '/k', keyFile: '/id' }],
    ['qemu+ssh://[fe80::1]:22/system', { alias: '[fe80::1]:22' }],
  ])('%s is another machine', (uri, host) => {
    const socket = '/var/run/libvirt/libvirt-sock';
    expect(parseLibvirtUri(uri)).toMatchObject({ host, socket, name: 'qemu:///system' });
  });

  it("comes from libvirt's own variable, or is the system", () => {
    const uri = 'test:///default';
    expect(defaultLibvirtUri({ LIBVIRT_DEFAULT_URI: uri })).toBe(uri);
    expect(defaultLibvirtUri({ LIBVIRT_DEFAULT_URI: '' })).toBe('qemu:///system');
    expect(defaultLibvirtUri({})).toBe('qemu:///system');
  });

  it.each([
    'nonsense',
    'qemu+ssh://root:secret@host/system',
    'qemu+tcp://host/system',
    'qemu+ssh:///system',
    'qemu+ssh://host/session',
    'qemu+ssh://host/system?no_verify=1',
    'qemu+libssh2://host/system?known_hosts_verify=auto',
    'qemu+unix://host/system',
    'qemu://host/system',
    'qemu+unix:///system?socket=relative',
    `qemu+unix:///system?socket=/${'x'.repeat(107)}`,
  ])('%s is refused with advice', (uri) => {
    const fault = faultOf(() => parseLibvirtUri(uri));
    expect(fault.code).toBe('LIBVIRT_BAD_URI');
    expect(fault.message).not.toContain('secret');
  });
});
