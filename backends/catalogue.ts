import type { DriverName } from '../model/drivers.ts';
import type { DriverSpec } from './driver-spec.ts';

/** Every driver by its name; loaded when it is used, since most bring a large client library. */
export const DRIVERS: Readonly<Record<DriverName, () => Promise<DriverSpec>>> = {
  maas: async () => (await import('./maas/spec.ts')).maasSpec as DriverSpec,
  ironic: async () => (await import('./ironic/spec.ts')).ironicSpec as DriverSpec,
  ipmi: async () => (await import('./ipmi/spec.ts')).ipmiSpec as DriverSpec,
  redfish: async () => (await import('./redfish/spec.ts')).redfishSpec as DriverSpec,
  ssh: async () => (await import('./ssh/spec.ts')).sshSpec as DriverSpec,
  libvirt: async () => (await import('./libvirt/spec.ts')).libvirtSpec as DriverSpec,
  ovn: async () => (await import('./ovn/spec.ts')).ovnSpec as DriverSpec,
  ovs: async () => (await import('./ovs/spec.ts')).ovsSpec as DriverSpec,
  neutron: async () => (await import('./openstack/neutron.ts')).neutronSpec as DriverSpec,
  ceph: async () => (await import('./ceph/spec.ts')).cephSpec as DriverSpec,
  openstack: async () => (await import('./openstack/spec.ts')).openstackSpec as DriverSpec,
  cri: async () => (await import('./cri/spec.ts')).criSpec as DriverSpec,
  kubernetes: async () => (await import('./kubernetes/spec.ts')).kubernetesSpec as DriverSpec,
  juju: async () => (await import('./juju/spec.ts')).jujuSpec as DriverSpec,
};
