/** What the states of a server are made of: tasks, the steps of long ones, and vm_states. */
import { type ActionRef, request, type StateConfig, set, type Transitions } from '../kind.ts';

/** Slot `running`: whether nova means the guest to run, so that its loss is an outage. */
export const GUEST_STANDS: ActionRef = set('running', 0);
export const GUEST_RUNS: ActionRef = set('running', 1);

export const at = (state: string): string => `#server.vm.${state}`;
export const to = (target: string, description: string, actions?: ActionRef) => ({
  target: at(target),
  description,
  ...(actions && { actions }),
});

export type On = Readonly<Record<string, Transitions>>;

/** A state with a task that interrupts the guest. */
export function task(description: string, verb: string, on: On): StateConfig {
  return { description, tags: ['transient'], entry: [GUEST_STANDS, request(verb)], on };
}

/** A state with a task during which the guest runs on. */
export function taskWhileRunning(description: string, verb: string, on: On): StateConfig {
  return { description, tags: ['transient', 'serving'], entry: request(verb), on };
}

export const DELETING = task('The guest is destroyed, ports and volumes are freed.', 'delete', {
  done: to('deleted.idle', 'nothing of it is left on the host'),
  fault: to('error.idle', 'the driver could not remove it'),
});

/** A vm_state: `idle` stands for task_state None; every vm_state can be deleted. */
export function vmState(
  name: string,
  idle: StateConfig,
  tasks: Readonly<Record<string, StateConfig>> = {},
): StateConfig {
  return {
    initial: 'idle',
    on: { delete: to(`${name}.deleting`, 'DELETE /servers/ID is accepted in every vm_state') },
    states: { idle, ...tasks, deleting: DELETING },
  };
}

/** Cold migration and resize: the same steps, from vm_state active or stopped. */
export function resizeTasks(vm: 'active' | 'stopped'): Record<string, StateConfig> {
  const toError = to('error.idle', 'the move failed half-way');
  const prep = {
    done: to(`${vm}.resize_migrating`, 'the destination has prepared itself'),
    fault: to(`${vm}.idle`, 'no valid host: the server stays as it was'),
  };
  const scheduling = 'A destination is scheduled and claims the new size.';
  return {
    resize_prep:
      vm === 'active'
        ? taskWhileRunning(scheduling, 'prepare_resize', prep)
        : task(scheduling, 'prepare_resize', prep),
    resize_migrating: task('The guest is powered off, its disk moves.', 'migrate_disk', {
      done: to(`${vm}.resize_migrated`, 'the disk is at the destination'),
      fault: toError,
    }),
    resize_migrated: task('The server belongs to the destination.', 'switch_host', {
      done: to(`${vm}.resize_finish`, 'the destination takes over'),
      fault: toError,
    }),
    resize_finish: task('The guest is built at the destination in its new size.', 'finish_resize', {
      done: to(
        vm === 'active' ? 'resized.idle' : 'resized.shutdown',
        'VERIFY_RESIZE: to be confirmed or reverted',
      ),
      fault: toError,
    }),
  };
}

/** nova lets a server that was stopped run once it is rebuilt, and then powers it off again. */
const RUNS_FOR_A_MOMENT: On = {
  spawned: to('active.idle', 'the rebuilt guest runs, until nova powers it off again'),
  stopping: to('active.powering-off', 'the rebuilt guest is powered off again'),
};

/** Rebuild, and evacuation, which nova runs as a rebuild on another host. */
export function rebuildTasks(vm: 'active' | 'stopped' | 'error'): Record<string, StateConfig> {
  const toError = to('error.idle', 'the rebuild failed');
  const end = vm === 'stopped' ? 'stopped.idle' : 'active.idle';
  return {
    rebuilding: task('The old guest is destroyed (an evacuation finds a new host).', 'rebuild', {
      done: to(`${vm}.rebuild_block_device_mapping`, 'the old guest is gone'),
      fault: toError,
    }),
    rebuild_block_device_mapping: task('Volumes are attached anew.', 'rebuild_map_block_devices', {
      done: to(`${vm}.rebuild_spawning`, 'the volumes are attached'),
      fault: toError,
    }),
    rebuild_spawning: task('The guest is spawned from its image.', 'rebuild_spawn', {
      done: to(end, 'rebuilt; a server that was stopped is stopped again'),
      ...(vm === 'stopped' && RUNS_FOR_A_MOMENT),
      fault: toError,
    }),
  };
}

/** Where nova takes snapshots and shelves (nova/compute/api.py, check_instance_state). */
type Snapshotted = 'active' | 'stopped' | 'paused' | 'suspended';

export function snapshotTasks(vm: Snapshotted): Record<string, StateConfig> {
  const step = vm === 'active' ? taskWhileRunning : task;
  const back = to(`${vm}.idle`, 'the snapshot failed and its image is deleted');
  return {
    image_snapshot_pending: step('The snapshot is queued for the host.', 'request_snapshot', {
      done: to(`${vm}.image_snapshot`, 'nova-compute begins'),
      fault: back,
    }),
    image_snapshot: step('The disk is snapshotted.', 'snapshot', {
      done: to(`${vm}.image_pending_upload`, 'the snapshot is taken'),
      upload: to(`${vm}.image_uploading`, 'the driver uploads without a local copy'),
      fault: back,
    }),
    image_pending_upload: step('The snapshot is extracted for the upload.', 'extract_snapshot', {
      done: to(`${vm}.image_uploading`, 'extracted'),
      fault: back,
    }),
    image_uploading: step('The snapshot is uploaded to glance.', 'upload_snapshot', {
      done: to(`${vm}.idle`, 'the image is active'),
      extract: to(
        `${vm}.image_pending_upload`,
        'the storage has no snapshots of its own: the disk is extracted after all',
      ),
      fault: back,
    }),
  };
}

export function shelveTasks(vm: Snapshotted): Record<string, StateConfig> {
  const back = to(`${vm}.idle`, 'shelving failed');
  return {
    shelving: task('The guest is powered off to be shelved.', 'shelve', {
      done: to(`${vm}.shelving_image_uploading`, 'powered off; its disk becomes an image'),
      offload: to('shelved.shelving_offloading', 'booted from a volume: there is no disk to keep'),
      fault: back,
    }),
    shelving_image_uploading: task('The disk is uploaded as an image.', 'upload_shelved', {
      done: to('shelved.shelving_offloading', 'uploaded (shelved_offload_time = 0)'),
      keep: to('shelved.idle', 'uploaded; it stays on its host for shelved_offload_time'),
      fault: back,
    }),
  };
}

/** Deleting where `reclaim_instance_interval` keeps servers for a while. */
export const SOFT_DELETING = task('The guest is powered off and kept for a while.', 'soft_delete', {
  done: to('soft-delete.idle', 'off, until reclaim_instance_interval is over'),
  fault: to('error.idle', 'the guest could not be stopped'),
});

export const EVACUATE = (vm: string) =>
  to(`${vm}.rebuilding`, 'the host is dead: rebuilt on another one', set('attempts', 0));
