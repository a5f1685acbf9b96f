import type { Layer } from './layers.ts';

/** The real systems that can be driven, by the names a scenario's section `live` uses. */
export const DRIVER_LAYERS = {
  maas: 'bare-metal',
  ironic: 'bare-metal',
  ipmi: 'bare-metal',
  redfish: 'bare-metal',
  ssh: 'operating-system',
  libvirt: 'hypervisor',
  ovn: 'sdn',
  ovs: 'sdn',
  neutron: 'sdn',
  ceph: 'sds',
  openstack: 'iaas',
  cri: 'container',
  kubernetes: 'caas',
  juju: 'orchestration',
} as const satisfies Readonly<Record<string, Layer>>;

export type DriverName = keyof typeof DRIVER_LAYERS;
export const DRIVER_NAMES = Object.keys(DRIVER_LAYERS) as readonly DriverName[];
