import type { ProfileTimings } from '../../profile.ts';

const CONF = 'docs.openstack.org/nova, default of';

/** OpenStack on hardware: documented defaults; nova itself is slower under load than in the lab. */
export const DATACENTER_IAAS: ProfileTimings = {
  'project.create': {
    distribution: { type: 'uniform', min: 0.2, max: 1 },
    source: 'assumption: some API calls',
  },
  'project.delete': {
    distribution: { type: 'uniform', min: 0.2, max: 1 },
    source: 'assumption: some API calls',
  },
  'flavor.create': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source: 'assumption: an API call',
  },
  'image.save': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.6 },
    source: 'assumption: a GiB over HTTP into RBD at 50-100 MB/s',
  },
  'image.stage': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.6 },
    source: 'assumption: as an upload',
  },
  'image.import': {
    distribution: { type: 'lognormal', median: 40, sigma: 0.6 },
    source: 'assumption: conversion to raw and copy',
  },
  'image.delete': {
    distribution: { type: 'uniform', min: 0.5, max: 3 },
    source: 'assumption: an RBD image is removed',
  },
  'compute-service.start': {
    distribution: { type: 'uniform', min: 15, max: 45 },
    source: 'assumption: container start, libvirt, resources reported',
  },
  'compute-service.report_age': {
    distribution: { type: 'uniform', min: 0, max: 10 },
    source: `${CONF}: report_interval 10 s`,
  },
  'compute-service.evacuation_delay': {
    distribution: { type: 'uniform', min: 60, max: 180 },
    source: 'assumption: host monitor, fencing and notification of masakari',
  },
  'volume.create': {
    distribution: { type: 'uniform', min: 0.5, max: 3 },
    source: 'assumption: RPC and a clone in RBD',
  },
  'volume.download': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.6 },
    source: 'assumption: a GiB at 50-100 MB/s',
  },
  'volume.attach': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPCs between nova and cinder',
  },
  'volume.detach': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPCs between nova and cinder',
  },
  'volume.extend': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPC and a header write',
  },
  'volume.upload': {
    distribution: { type: 'lognormal', median: 60, sigma: 0.6 },
    source: 'assumption: some GiB at 50-100 MB/s',
  },
  'volume.retype': {
    distribution: { type: 'lognormal', median: 60, sigma: 0.6 },
    source: 'assumption: some GiB at 50-100 MB/s',
  },
  'volume.backup': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.6 },
    source: 'assumption: some GiB at 50-100 MB/s',
  },
  'volume.restore_backup': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.6 },
    source: 'assumption: some GiB at 50-100 MB/s',
  },
  'volume.revert': {
    distribution: { type: 'lognormal', median: 30, sigma: 0.6 },
    source: 'assumption: a rollback in RBD',
  },
  'volume.delete': {
    distribution: { type: 'uniform', min: 0.5, max: 3 },
    source: 'assumption: RPC; RBD deletes beside',
  },
  'server.schedule': {
    distribution: { type: 'uniform', min: 0.4, max: 1.5 },
    source: 'assumption: API, conductor, placement and scheduler under load',
  },
  'server.claim': {
    distribution: { type: 'uniform', min: 0.2, max: 0.8 },
    source: 'assumption: RPC and the claim on the host',
  },
  'server.allocate_network': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: neutron creates and binds a port',
  },
  'server.map_block_devices': {
    distribution: { type: 'uniform', min: 0.2, max: 1 },
    source: 'assumption: bookkeeping; cinder takes its time beside',
  },
  'server.spawn': {
    distribution: { type: 'uniform', min: 2, max: 8 },
    source: 'assumption: image from the cache, VIF plugged; libvirt takes its time beside',
  },
  'server.delete': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: RPC, unplugging',
  },
  'server.soft_delete': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'assumption: RPC; the guest takes its time beside',
  },
  'server.power_off': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'assumption: RPC; the guest takes its time beside',
  },
  'server.power_on': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPC, VIF plugged',
  },
  'server.pause': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: 'assumption: RPC',
  },
  'server.unpause': {
    distribution: { type: 'uniform', min: 0.2, max: 0.6 },
    source: 'assumption: RPC',
  },
  'server.suspend': {
    distribution: { type: 'uniform', min: 0.3, max: 1 },
    source: 'assumption: RPC; libvirt saves the memory beside',
  },
  'server.resume': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPC; libvirt loads the memory beside',
  },
  'server.request_reboot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.8 },
    source: 'assumption: RPC',
  },
  'server.prepare_reboot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.5 },
    source: 'assumption: block devices are looked up',
  },
  'server.reboot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.5 },
    source: 'assumption: the guest takes its time beside',
  },
  'server.hard_reboot': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: XML made anew, VIF plugged',
  },
  'server.rescue': {
    distribution: { type: 'uniform', min: 2, max: 6 },
    source: 'assumption: a rescue disk is made',
  },
  'server.unrescue': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: the rescue disk is removed',
  },
  'server.rebuild': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: RPC; the guest is destroyed beside',
  },
  'server.rebuild_map_block_devices': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: volumes are attached anew',
  },
  'server.rebuild_spawn': {
    distribution: { type: 'uniform', min: 2, max: 8 },
    source: 'assumption: as a spawn',
  },
  'server.prepare_resize': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: scheduler and a claim',
  },
  'server.migrate_disk': {
    distribution: { type: 'lognormal', median: 30, sigma: 0.8 },
    source: 'assumption: shared storage: seconds; local disks: some GiB over SSH',
  },
  'server.switch_host': {
    distribution: { type: 'uniform', min: 1, max: 4 },
    source: 'assumption: ports and volumes change their host',
  },
  'server.finish_resize': {
    distribution: { type: 'uniform', min: 2, max: 8 },
    source: 'assumption: as a spawn',
  },
  'server.confirm_resize': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: the source is cleaned up',
  },
  'server.revert_resize': {
    distribution: { type: 'uniform', min: 5, max: 15 },
    source: 'assumption: as a resize back, the disk is still there',
  },
  'server.live_migrate': {
    distribution: { type: 'uniform', min: 3, max: 8 },
    source: 'assumption: checks on both hosts; libvirt moves the guest beside',
  },
  'server.request_snapshot': {
    distribution: { type: 'uniform', min: 0.2, max: 0.8 },
    source: 'assumption: RPC',
  },
  'server.snapshot': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: an RBD snapshot or a qcow2 one',
  },
  'server.extract_snapshot': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.6 },
    source: 'assumption: some GiB at 200 MB/s',
  },
  'server.upload_snapshot': {
    distribution: { type: 'lognormal', median: 40, sigma: 0.6 },
    source: 'assumption: some GiB at 100 MB/s',
  },
  'server.shelve': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: RPC; the guest takes its time beside',
  },
  'server.upload_shelved': {
    distribution: { type: 'lognormal', median: 40, sigma: 0.6 },
    source: 'assumption: some GiB at 100 MB/s',
  },
  'server.offload': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: as a delete',
  },
  'server.reschedule': {
    distribution: { type: 'uniform', min: 0.5, max: 2 },
    source: 'assumption: scheduler',
  },
  'server.unshelve': {
    distribution: { type: 'uniform', min: 5, max: 20 },
    source: 'assumption: as a spawn from an image that is not cached',
  },
  'server.stopped_event_delay': {
    distribution: { type: 'constant', value: 15 },
    source: 'nova virt/libvirt/host.py: a STOPPED event is held back for 15 s',
  },
  'server.rest': {
    distribution: { type: 'lognormal', median: 1200, sigma: 1 },
    source: 'assumption: how long a server stays stopped, paused, shelved, unconfirmed',
  },
};
