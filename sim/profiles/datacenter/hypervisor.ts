import type { ProfileTimings } from '../../profile.ts';

const GUEST = 'a guest of 8 GiB with KVM';

/** libvirt with KVM and guests of some gigabytes. */
export const DATACENTER_HYPERVISOR: ProfileTimings = {
  'hypervisor.start': {
    distribution: { type: 'lognormal', median: 2, sigma: 0.4 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 0.6-4 s with one QEMU binary to probe',
  },
  'hypervisor.stop': {
    distribution: { type: 'lognormal', median: 0.3, sigma: 0.4 },
    source: 'assumption: libvirtd ends on SIGTERM, guests go on',
  },
  'hypervisor.restart_delay': {
    distribution: { type: 'constant', value: 0.1 },
    source: 'systemd-system.conf(5): DefaultRestartSec=100ms',
  },
  'domain.define': {
    distribution: { type: 'uniform', min: 0.004, max: 0.02 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 4-12 ms; a busy host takes longer',
  },
  'domain.create': {
    distribution: { type: 'lognormal', median: 1.2, sigma: 0.4 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 0.5-1 s for one disk and NIC; more devices here',
    fault_ratio: 0.0002,
  },
  'domain.suspend': {
    distribution: { type: 'uniform', min: 0.01, max: 0.05 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 10-20 ms; more virtual CPUs here',
  },
  'domain.resume': {
    distribution: { type: 'uniform', min: 0.01, max: 0.05 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 10-20 ms; more virtual CPUs here',
  },
  'domain.shutdown': {
    distribution: { type: 'lognormal', median: 6, sigma: 0.6 },
    source: 'assumption: a Linux guest stops its services; nova gives it 60 s (shutdown_timeout)',
  },
  'domain.exit': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 0.1-0.2 s; more memory to give back here',
  },
  'domain.reboot': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.4 },
    source: 'assumption: a Linux guest stops its services and boots a cloud kernel',
  },
  'domain.destroy': {
    distribution: { type: 'lognormal', median: 1, sigma: 0.4 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 1.4-2.1 s under emulation; less with KVM',
  },
  'domain.undefine': {
    distribution: { type: 'uniform', min: 0.004, max: 0.02 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 4-12 ms; a busy host takes longer',
  },
  'domain.attach_disk': {
    distribution: { type: 'uniform', min: 0.022, max: 0.12 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 22-61 ms; a busy host takes longer',
  },
  'domain.detach_disk': {
    distribution: { type: 'uniform', min: 0.036, max: 0.16 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 36-79 ms; a busy guest takes longer',
  },
  'domain.attach_interface': {
    distribution: { type: 'uniform', min: 0.022, max: 0.12 },
    source: 'assumption: as a disk',
  },
  'domain.detach_interface': {
    distribution: { type: 'uniform', min: 0.036, max: 0.16 },
    source: 'assumption: as a disk',
  },
  'domain.managed_save': {
    distribution: { type: 'lognormal', median: 16, sigma: 0.5 },
    source: `assumption: ${GUEST} written at 500 MB/s`,
  },
  'domain.restore': {
    distribution: { type: 'lognormal', median: 10, sigma: 0.5 },
    source: `assumption: ${GUEST} read at 800 MB/s`,
  },
  'domain.inspect': {
    distribution: { type: 'constant', value: 0.001 },
    source: 'measured: libvirt 9.0.0 on Debian 12, 0.17 ms a call; a busy host takes longer',
  },
  'storage-pool.define': {
    distribution: { type: 'uniform', min: 0.004, max: 0.02 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as for domains',
  },
  'storage-pool.build': {
    distribution: { type: 'constant', value: 0.02 },
    source: 'assumption: a directory is made',
  },
  'storage-pool.create': {
    distribution: { type: 'lognormal', median: 0.1, sigma: 0.5 },
    source: 'assumption: some dozen images are probed',
  },
  'storage-pool.refresh': {
    distribution: { type: 'lognormal', median: 0.1, sigma: 0.5 },
    source: 'assumption: some dozen images are probed',
  },
  'storage-pool.destroy': {
    distribution: { type: 'constant', value: 0.02 },
    source: 'assumption: nothing to unmount',
  },
  'storage-pool.undefine': {
    distribution: { type: 'uniform', min: 0.004, max: 0.02 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as for domains',
  },
  'virtual-network.define': {
    distribution: { type: 'uniform', min: 0.005, max: 0.03 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as in the lab',
  },
  'virtual-network.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as in the lab',
  },
  'virtual-network.destroy': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as in the lab',
  },
  'virtual-network.undefine': {
    distribution: { type: 'uniform', min: 0.005, max: 0.03 },
    source: 'measured: libvirt 9.0.0 on Debian 12, as in the lab',
  },
  'storage-volume.create': {
    distribution: { type: 'lognormal', median: 0.2, sigma: 0.6 },
    source: 'assumption: a qcow2 overlay on a cached base image',
  },
  'storage-volume.resize': {
    distribution: { type: 'constant', value: 0.05 },
    source: 'assumption: the header of a qcow2 file is written',
  },
  'storage-volume.wipe': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.6 },
    source: 'assumption: 40 GiB at 350 MB/s',
  },
  'storage-volume.delete': {
    distribution: { type: 'lognormal', median: 0.1, sigma: 0.5 },
    source: 'assumption: a large file is unlinked',
  },
  'snapshot.create': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.6 },
    source: `assumption: an external snapshot of ${GUEST}, guest frozen for an instant`,
  },
  'snapshot.revert': {
    distribution: { type: 'lognormal', median: 10, sigma: 0.5 },
    source: `assumption: ${GUEST} is started from the snapshot`,
  },
  'snapshot.delete': {
    distribution: { type: 'lognormal', median: 10, sigma: 0.8 },
    source: 'assumption: the overlay is committed into its base',
  },
  'migration.prepare': {
    distribution: { type: 'lognormal', median: 1.2, sigma: 0.4 },
    source: 'as domain.create: the destination starts QEMU',
  },
  'migration.perform': {
    distribution: { type: 'lognormal', median: 12, sigma: 0.7 },
    source: `assumption: ${GUEST}, one and a half times its memory over 10 Gbit/s`,
    fault_ratio: 0.005,
  },
  'migration.postcopy': {
    distribution: { type: 'lognormal', median: 8, sigma: 0.5 },
    source: `assumption: ${GUEST}, its memory once over 10 Gbit/s`,
  },
  'migration.finish': {
    distribution: { type: 'lognormal', median: 0.3, sigma: 0.3 },
    source: 'QEMU aims at a downtime of 300 ms (migration parameter downtime-limit)',
  },
  'migration.confirm': {
    distribution: { type: 'lognormal', median: 0.5, sigma: 0.4 },
    source: 'assumption: the source gives its memory back',
  },
  'migration.cancel': {
    distribution: { type: 'lognormal', median: 0.3, sigma: 0.4 },
    source: 'assumption: the destination ends an empty QEMU',
  },
};
