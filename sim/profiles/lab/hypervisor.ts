import type { ProfileTimings } from '../../profile.ts';

const LIBVIRT = 'measured: libvirt 9.0.0 and QEMU 7.2 (TCG) on Debian 12, 2 cores';

/** libvirt with small guests of 128 MiB. */
export const LAB_HYPERVISOR: ProfileTimings = {
  'hypervisor.start': {
    distribution: { type: 'uniform', min: 0.6, max: 4 },
    source: `${LIBVIRT}: 0.6-4 s with one QEMU binary to probe`,
  },
  'hypervisor.stop': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: 'assumption: libvirtd ends on SIGTERM, guests go on',
  },
  'hypervisor.restart_delay': {
    distribution: { type: 'constant', value: 0.1 },
    source: 'systemd-system.conf(5): DefaultRestartSec=100ms',
  },
  'domain.define': {
    distribution: { type: 'uniform', min: 0.004, max: 0.012 },
    source: `${LIBVIRT}: 4-12 ms`,
  },
  'domain.create': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: `${LIBVIRT}: 0.5-1 s`,
  },
  'domain.suspend': {
    distribution: { type: 'uniform', min: 0.01, max: 0.02 },
    source: `${LIBVIRT}: 10-20 ms`,
  },
  'domain.resume': {
    distribution: { type: 'uniform', min: 0.01, max: 0.02 },
    source: `${LIBVIRT}: 10-20 ms`,
  },
  'domain.shutdown': {
    distribution: { type: 'uniform', min: 1.4, max: 1.6 },
    source: `${LIBVIRT}: ACPI shutdown 1.5-1.8 s, QEMU's exit included`,
  },
  'domain.exit': {
    distribution: { type: 'uniform', min: 0.1, max: 0.2 },
    source: `${LIBVIRT}: from SHUTDOWN to STOPPED, part of the 1.5-1.8 s`,
  },
  'domain.reboot': {
    distribution: { type: 'uniform', min: 5.5, max: 10.8 },
    source: `${LIBVIRT}: ACPI shutdown 1.5-1.8 s, then 4-9 s until the guest is up`,
  },
  'domain.destroy': {
    distribution: { type: 'uniform', min: 1.4, max: 2.1 },
    source: `${LIBVIRT}: 1.4-2.1 s`,
  },
  'domain.undefine': {
    distribution: { type: 'uniform', min: 0.004, max: 0.012 },
    source: `${LIBVIRT}: as define, 4-12 ms`,
  },
  'domain.attach_disk': {
    distribution: { type: 'uniform', min: 0.022, max: 0.061 },
    source: `${LIBVIRT}: 22-61 ms, a raw image of 1 MiB into a running guest`,
  },
  'domain.detach_disk': {
    distribution: { type: 'uniform', min: 0.036, max: 0.079 },
    source: `${LIBVIRT}: 36-79 ms of a guest that is up; one that boots answers only then`,
  },
  'domain.attach_interface': {
    distribution: { type: 'uniform', min: 0.022, max: 0.061 },
    source: 'assumption: as a disk',
  },
  'domain.detach_interface': {
    distribution: { type: 'uniform', min: 0.036, max: 0.079 },
    source: 'assumption: as a disk',
  },
  'domain.managed_save': {
    distribution: { type: 'uniform', min: 2.2, max: 2.6 },
    source: `${LIBVIRT}: 2.4 s`,
  },
  'domain.restore': {
    distribution: { type: 'uniform', min: 0.7, max: 0.8 },
    source: `${LIBVIRT}: 0.75 s`,
  },
  'domain.inspect': {
    distribution: { type: 'constant', value: 0.00017 },
    source: `${LIBVIRT}: 0.17 ms a call`,
  },
  'storage-pool.define': {
    distribution: { type: 'uniform', min: 0.004, max: 0.012 },
    source: `${LIBVIRT}: as for domains, 4-12 ms`,
  },
  'storage-pool.build': {
    distribution: { type: 'constant', value: 0.01 },
    source: 'assumption: a directory is made',
  },
  'storage-pool.create': {
    distribution: { type: 'constant', value: 0.01 },
    source: 'assumption: a directory is listed',
  },
  'storage-pool.refresh': {
    distribution: { type: 'constant', value: 0.01 },
    source: 'assumption: a directory is listed',
  },
  'storage-pool.destroy': {
    distribution: { type: 'constant', value: 0.01 },
    source: 'assumption: nothing to unmount',
  },
  'storage-pool.undefine': {
    distribution: { type: 'uniform', min: 0.004, max: 0.012 },
    source: `${LIBVIRT}: as for domains, 4-12 ms`,
  },
  'virtual-network.define': {
    distribution: { type: 'uniform', min: 0.005, max: 0.03 },
    source: `${LIBVIRT}: 5-30 ms, by test/lab/libvirt-storage.test.ts`,
  },
  'virtual-network.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: `${LIBVIRT}: 5-30 ms, by test/lab/libvirt-storage.test.ts`,
  },
  'virtual-network.destroy': {
    distribution: { type: 'uniform', min: 0.05, max: 0.3 },
    source: `${LIBVIRT}: 5-30 ms, by test/lab/libvirt-storage.test.ts`,
  },
  'virtual-network.undefine': {
    distribution: { type: 'uniform', min: 0.005, max: 0.03 },
    source: `${LIBVIRT}: 5-30 ms, by test/lab/libvirt-storage.test.ts`,
  },
  'storage-volume.create': {
    distribution: { type: 'uniform', min: 0.02, max: 0.06 },
    source: 'assumption: a sparse qcow2 file is made',
  },
  'storage-volume.resize': {
    distribution: { type: 'constant', value: 0.02 },
    source: 'assumption: the header of a qcow2 file is written',
  },
  'storage-volume.wipe': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: one pass over a small image',
  },
  'storage-volume.delete': {
    distribution: { type: 'constant', value: 0.01 },
    source: 'assumption: a file is unlinked',
  },
  'snapshot.create': {
    distribution: { type: 'constant', value: 0.2 },
    source: `${LIBVIRT}: internal snapshot 0.2 s`,
  },
  'snapshot.revert': {
    distribution: { type: 'constant', value: 4.7 },
    source: `${LIBVIRT}: revert 4.7 s`,
  },
  'snapshot.delete': {
    distribution: { type: 'constant', value: 0.2 },
    source: 'assumption: as long as taking it',
  },
  'migration.prepare': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: `${LIBVIRT}: the destination starts QEMU, 0.5-1 s`,
  },
  'migration.perform': {
    distribution: { type: 'uniform', min: 1.2, max: 1.4 },
    source: `${LIBVIRT}: what is left of 2.3-3 s in all`,
  },
  'migration.postcopy': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: 'assumption: as long as pre-copy of the same memory',
  },
  'migration.finish': {
    distribution: { type: 'uniform', min: 0.22, max: 0.26 },
    source: `${LIBVIRT}: downtime about 240 ms`,
  },
  'migration.confirm': {
    distribution: { type: 'uniform', min: 0.3, max: 0.4 },
    source: `${LIBVIRT}: what is left of 2.3-3 s in all`,
  },
  'migration.cancel': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: 'assumption: the destination ends an empty QEMU',
  },
};
