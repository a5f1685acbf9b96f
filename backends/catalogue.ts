import type { DriverSpec } from './driver-spec.ts';

/** Every driver by its name; loaded when it is used, since most bring a large client library. */
export const DRIVERS: Readonly<Record<string, () => Promise<DriverSpec>>> = {
  libvirt: async () => (await import('./libvirt/spec.ts')).libvirtSpec as DriverSpec,
  ssh: async () => (await import('./ssh/spec.ts')).sshSpec as DriverSpec,
};
