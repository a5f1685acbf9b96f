import { childrenOf, parseXml } from './xml.ts';

/** What a hypervisor can run. */
export interface Capabilities {
  /** Kinds of virtualisation by guest architecture, such as `x86_64` -> `qemu`, `kvm`. */
  readonly types: ReadonlyMap<string, readonly string[]>;
}

/** Fastest first; whatever else a driver offers (`test`, `xen`) comes after these. */
const PREFERENCE = ['kvm', 'qemu'];

/** Reads the document of `connect_get_capabilities`. */
export function parseCapabilities(xml: string): Capabilities {
  const types = new Map<string, string[]>();
  for (const guest of childrenOf(parseXml(xml), 'guest')) {
    for (const arch of childrenOf(guest, 'arch')) {
      const name = arch.getAttribute('name') ?? '';
      const offered = childrenOf(arch, 'domain').map((each) => each.getAttribute('type') ?? '');
      types.set(name, [...(types.get(name) ?? []), ...offered]);
    }
  }
  return { types };
}

/** The best virtualisation for an architecture; undefined when there is none. */
export function bestType(capabilities: Capabilities, arch: string): string | undefined {
  const offered = capabilities.types.get(arch) ?? [];
  return PREFERENCE.find((type) => offered.includes(type)) ?? offered[0];
}
