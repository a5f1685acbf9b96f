import type { ProfileTimings } from '../../profile.ts';

const FAKE = 'measured: nova 26 (Zed) on Debian 12, 2 cores, fake driver';
const LIBVIRT = 'measured: nova 26 (Zed) on Debian 12, 2 cores, libvirt driver';
const CINDER = 'measured: cinder 21 (Zed) on Debian 12, 2 cores';

/** What nova, glance, cinder and keystone take beside the hypervisor, OVN and Ceph. */
export const LAB_IAAS: ProfileTimings = {
  'project.create': {
    distribution: { type: 'uniform', min: 0.1, max: 0.4 },
    source: 'measured: openstack-keystone 22 on Debian 12, API calls of 0.1-0.4 s',
  },
  'project.delete': {
    distribution: { type: 'uniform', min: 0.1, max: 0.4 },
    source: 'measured: openstack-keystone 22 on Debian 12, API calls of 0.1-0.4 s',
  },
  'flavor.create': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${FAKE}: API calls of about 0.1 s`,
  },
  'image.save': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'measured: glance 25 on Debian 12, an image of some MB',
  },
  'image.stage': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'assumption: as an upload',
  },
  'image.import': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'assumption: as an upload',
  },
  'image.delete': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: 'measured: glance 25 on Debian 12',
  },
  'compute-service.start': {
    distribution: { type: 'uniform', min: 4, max: 8 },
    source: `${FAKE}: three computes mapped within some seconds of their start`,
  },
  'compute-service.report_age': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: 'report_interval 10 s: a killed host was seen down after 59 s',
  },
  'compute-service.evacuation_delay': {
    distribution: { type: 'uniform', min: 3, max: 8 },
    source: 'assumption: somebody sits beside it',
  },
  'volume.create': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: `${CINDER}: creating to available`,
  },
  'volume.download': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small image',
  },
  'volume.attach': {
    distribution: { type: 'uniform', min: 0.05, max: 0.4 },
    source: `${CINDER}: reserved 31 ms, attaching 341 ms, in-use 428 ms`,
  },
  'volume.detach': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${CINDER}: detached after 329 ms`,
  },
  'volume.extend': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: 'assumption: as an attachment',
  },
  'volume.upload': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small volume',
  },
  'volume.retype': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small volume',
  },
  'volume.backup': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small volume',
  },
  'volume.restore_backup': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: a small volume',
  },
  'volume.revert': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: 'assumption: a small volume',
  },
  'volume.delete': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: `${CINDER}: delete of an empty volume`,
  },
  'server.schedule': {
    distribution: { type: 'uniform', min: 0.3, max: 0.6 },
    source: `${FAKE}: scheduling 0.7 to 1.1 s after the request`,
  },
  'server.claim': {
    distribution: { type: 'uniform', min: 0.2, max: 0.4 },
    source: `${FAKE}: host set at 1.3 s, networking at 1.4 s`,
  },
  'server.allocate_network': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${FAKE}: networking 0.1 s, with the port there`,
  },
  'server.map_block_devices': {
    distribution: { type: 'uniform', min: 0.05, max: 0.2 },
    source: `${FAKE}: below the 20 ms of polling to 0.2 s`,
  },
  'server.spawn': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: `${FAKE}: spawning to active 1.5 s; libvirt takes its time beside`,
  },
  'server.delete': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: `${FAKE}: deleting to deleted 0.9 s`,
  },
  'server.soft_delete': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${FAKE}: as a stop, 0.4 s in all`,
  },
  'server.power_off': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${FAKE}: 0.4 s in all`,
  },
  'server.power_on': {
    distribution: { type: 'uniform', min: 0.5, max: 1.3 },
    source: `${FAKE}: 1.6 s in all`,
  },
  'server.pause': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${LIBVIRT}: pause 0.2 s`,
  },
  'server.unpause': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${LIBVIRT}: unpause 0.2 s`,
  },
  'server.suspend': {
    distribution: { type: 'uniform', min: 0.2, max: 0.5 },
    source: `${FAKE}: 0.9 s in all; libvirt saves the memory beside`,
  },
  'server.resume': {
    distribution: { type: 'uniform', min: 0.5, max: 1.3 },
    source: `${FAKE}: 1.7 s in all`,
  },
  'server.request_reboot': {
    distribution: { type: 'uniform', min: 0.3, max: 0.8 },
    source: `${FAKE}: rebooting to reboot_pending 0.8 s`,
  },
  'server.prepare_reboot': {
    distribution: { type: 'uniform', min: 0.1, max: 0.2 },
    source: `${FAKE}: reboot_pending to reboot_started 0.2 s`,
  },
  'server.reboot': {
    distribution: { type: 'uniform', min: 0.1, max: 0.3 },
    source: `${FAKE}: reboot_started to active`,
  },
  'server.hard_reboot': {
    distribution: { type: 'uniform', min: 0.5, max: 1 },
    source: `${LIBVIRT}: reboot_started_hard to active 2.7 s, with the domain`,
  },
  'server.rescue': {
    distribution: { type: 'uniform', min: 1, max: 1.8 },
    source: `${FAKE}: rescuing to rescued 1.8 s`,
  },
  'server.unrescue': {
    distribution: { type: 'uniform', min: 0.8, max: 1.2 },
    source: `${FAKE}: unrescuing to active 1.1 s`,
  },
  'server.rebuild': {
    distribution: { type: 'uniform', min: 0.7, max: 1.2 },
    source: `${FAKE}: rebuilding 0.9 s`,
  },
  'server.rebuild_map_block_devices': {
    distribution: { type: 'uniform', min: 0.3, max: 0.6 },
    source: `${FAKE}: rebuild_block_device_mapping 0.5 s`,
  },
  'server.rebuild_spawn': {
    distribution: { type: 'uniform', min: 0.2, max: 0.4 },
    source: `${FAKE}: rebuild_spawning 0.2 s`,
  },
  'server.prepare_resize': {
    distribution: { type: 'uniform', min: 1.4, max: 2.6 },
    source: `${FAKE}: resize_prep 1.5-2.6 s`,
  },
  'server.migrate_disk': {
    distribution: { type: 'uniform', min: 0.3, max: 0.6 },
    source: `${FAKE}: resize_migrating 0.4-0.5 s`,
  },
  'server.switch_host': {
    distribution: { type: 'uniform', min: 2, max: 2.6 },
    source: `${FAKE}: resize_migrated 2.1-2.5 s`,
  },
  'server.finish_resize': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: `${FAKE}: resize_finish 0.3-0.5 s`,
  },
  'server.confirm_resize': {
    distribution: { type: 'uniform', min: 0.7, max: 1 },
    source: `${FAKE}: 0.8-0.9 s`,
  },
  'server.revert_resize': {
    distribution: { type: 'uniform', min: 3.5, max: 4.2 },
    source: `${FAKE}: 4.0 s`,
  },
  'server.live_migrate': {
    distribution: { type: 'uniform', min: 4, max: 6 },
    source: `${FAKE}: 8.3 s in all; libvirt moves the guest within`,
  },
  'server.request_snapshot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.4 },
    source: `${LIBVIRT}: image_snapshot_pending 0.4 s`,
  },
  'server.snapshot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.4 },
    source: `${FAKE}: image_snapshot 0.3 s`,
  },
  'server.extract_snapshot': {
    distribution: { type: 'uniform', min: 1, max: 2 },
    source: `${LIBVIRT}: image_pending_upload 1.4 s`,
  },
  'server.upload_snapshot': {
    distribution: { type: 'uniform', min: 10, max: 15 },
    source: `${LIBVIRT}: image_uploading 13 s`,
  },
  'server.shelve': {
    distribution: { type: 'uniform', min: 0.4, max: 0.7 },
    source: `${FAKE}: shelving 0.5 s; libvirt stops the guest beside`,
  },
  'server.upload_shelved': {
    distribution: { type: 'uniform', min: 6, max: 10 },
    source: `${LIBVIRT}: shelving_image_uploading 8.4 s`,
  },
  'server.offload': {
    distribution: { type: 'uniform', min: 0.6, max: 1.3 },
    source: `${FAKE}: shelving_offloading 1.2 s, libvirt 0.7 s`,
  },
  'server.reschedule': {
    distribution: { type: 'uniform', min: 0.4, max: 0.8 },
    source: `${LIBVIRT}: unshelving 0.6 s`,
  },
  'server.unshelve': {
    distribution: { type: 'uniform', min: 2, max: 4 },
    source: `${FAKE}: spawning 3.2 s; libvirt 12 s with the image`,
  },
  'server.stopped_event_delay': {
    distribution: { type: 'constant', value: 15 },
    source: 'nova virt/libvirt/host.py: a STOPPED event is held back for 15 s',
  },
  'server.rest': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: how long a server stays stopped, paused, ... until it is started again',
  },
};
