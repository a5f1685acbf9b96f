/** The vm_states of a server, each with its tasks. `idle` stands for task_state None. */
import { add, atLeast, below, request, type StateConfig, set } from '../kind.ts';
import {
  at,
  DELETING,
  EVACUATE,
  GUEST_RUNS,
  GUEST_STANDS,
  type On,
  rebuildTasks,
  resizeTasks,
  SOFT_DELETING,
  shelveTasks,
  snapshotTasks,
  task,
  taskWhileRunning,
  to,
  vmState,
} from './server-tasks.ts';

/** nova's `scheduler.max_attempts`: hosts tried before a build or an unshelve is given up. */
const MAX_ATTEMPTS = 3;

/** A step of a build: a fault sends it to the next host, at most MAX_ATTEMPTS times. */
function building(description: string, verb: string, next: string, why: string): StateConfig {
  return {
    description,
    tags: ['transient'],
    entry: request(verb),
    on: {
      done: to(next, why),
      fault: [
        {
          guard: below('attempts', MAX_ATTEMPTS),
          target: at('building.scheduling'),
          description: 'the host could not build it: rescheduled to another one',
        },
        to('error.idle', 'every attempt failed: MaxRetriesExceeded'),
      ],
    },
  };
}

const BUILDING: StateConfig = {
  initial: 'scheduling',
  on: {
    delete: to('building.deleting', 'DELETE /servers/ID is accepted while it is being built'),
    error_out: to('error.idle', 'nova gives the build up'),
  },
  states: {
    scheduling: {
      description: 'nova-scheduler asks placement for candidates, filters and weighs them.',
      tags: ['transient'],
      entry: [add('attempts', 1), request('schedule')],
      on: {
        done: to('building.idle', 'a host was selected and its resources are allocated'),
        fault: to('error.idle', 'NoValidHost: No valid host was found.'),
      },
    },
    idle: building(
      'On its way to the host: nova-compute claims the resources (task_state None).',
      'claim',
      'building.networking',
      'the claim on the host succeeded',
    ),
    networking: building(
      'neutron creates the ports and binds them to the host.',
      'allocate_network',
      'building.block_device_mapping',
      'the ports exist',
    ),
    block_device_mapping: building(
      'cinder creates and attaches the volumes.',
      'map_block_devices',
      'building.spawning',
      'the volumes are attached',
    ),
    spawning: building(
      'The image is fetched; libvirt defines and starts the domain.',
      'spawn',
      'active.idle',
      'the guest runs',
    ),
    deleting: DELETING,
  },
};

/** stopped, paused and the other idle states that an operator may reset or nova may error out. */
const ERROR_OUT: On = { error_out: to('error.idle', 'an operator resets the state to error') };

/** A snapshot and shelving, which need no running guest. */
const imageOf = (vm: string): On => ({
  snapshot: to(`${vm}.image_snapshot_pending`, 'createImage is accepted'),
  shelve: to(`${vm}.shelving`, 'shelve is accepted'),
});

const ACTIVE = vmState(
  'active',
  {
    description: 'The guest runs.',
    tags: ['stable', 'serving'],
    entry: [GUEST_RUNS, set('off', 0)],
    on: {
      ...ERROR_OUT,
      stop: to('active.powering-off', 'os-stop is accepted'),
      guest_stopped: to(
        'active.powering-off',
        'libvirt reports that the guest is off: nova stops it in its database too',
      ),
      reboot: to('active.rebooting', 'a soft reboot is accepted'),
      hard_reboot: to('active.rebooting_hard', 'a hard reboot is accepted'),
      pause: to('active.pausing', 'pause is accepted'),
      suspend: to('active.suspending', 'suspend is accepted'),
      rescue: to('active.rescuing', 'rescue is accepted'),
      rebuild: to('active.rebuilding', 'rebuild is accepted'),
      evacuate: EVACUATE('active'),
      resize: to('active.resize_prep', 'resize to another flavor is accepted'),
      migrate: to('active.resize_prep', 'cold migration is a resize to the same flavor'),
      live_migrate: to('active.migrating', 'os-migrateLive is accepted'),
      ...imageOf('active'),
      soft_delete: to('active.soft-deleting', 'deleted, where reclaim_instance_interval is set'),
    },
  },
  {
    'powering-off': task('The guest is asked to power off, then cut off.', 'power_off', {
      done: to('stopped.idle', 'the guest is off'),
      fault: to('active.idle', 'the guest could not be stopped'),
    }),
    rebooting: task('A soft reboot was requested.', 'request_reboot', {
      done: to('active.reboot_pending', 'nova-compute begins'),
      fault: to('active.idle', 'the request did not reach the host'),
    }),
    reboot_pending: task('The block devices are prepared for the reboot.', 'prepare_reboot', {
      done: to('active.reboot_started', 'the driver is called'),
      fault: to('active.idle', 'the reboot was not begun'),
    }),
    reboot_started: task('The guest reboots.', 'reboot', {
      done: to('active.idle', 'the guest runs again'),
      fault: to('error.idle', 'the guest did not come back'),
    }),
    rebooting_hard: task('A hard reboot was requested.', 'request_reboot', {
      done: to('active.reboot_pending_hard', 'nova-compute begins'),
      fault: to('error.idle', 'the request did not reach the host'),
    }),
    reboot_pending_hard: task('Block devices and networks are made anew.', 'prepare_reboot', {
      done: to('active.reboot_started_hard', 'the driver is called'),
      fault: to('error.idle', 'the reboot was not begun'),
    }),
    reboot_started_hard: task('The domain is destroyed, defined anew, started.', 'hard_reboot', {
      done: to('active.idle', 'the guest runs again'),
      fault: to('error.idle', 'the guest did not come back'),
    }),
    pausing: task('The virtual CPUs are being stopped.', 'pause', {
      done: to('paused.idle', 'the virtual CPUs stand'),
      fault: to('active.idle', 'the guest runs on'),
    }),
    suspending: task('Memory is written to disk, the domain ends.', 'suspend', {
      done: to('suspended.idle', 'the memory image is complete'),
      fault: to('active.idle', 'the memory image could not be written'),
    }),
    rescuing: task('The guest is rebooted from a rescue image.', 'rescue', {
      done: to('rescued.idle', 'the rescue system runs'),
      fault: to('error.idle', 'the rescue system did not start'),
    }),
    ...rebuildTasks('active'),
    ...resizeTasks('active'),
    migrating: taskWhileRunning('Memory is copied to another host.', 'live_migrate', {
      done: to('active.idle', 'the guest runs on the destination'),
      fault: to('active.idle', 'rolled back: the guest runs on the source'),
      error_out: to('error.idle', 'source or destination died in the middle of it'),
    }),
    ...snapshotTasks('active'),
    ...shelveTasks('active'),
    'soft-deleting': SOFT_DELETING,
  },
);

const STOPPED = vmState(
  'stopped',
  {
    description: 'The guest is off (SHUTOFF).',
    tags: ['stable'],
    entry: [GUEST_STANDS, set('off', 1)],
    on: {
      ...ERROR_OUT,
      start: to('stopped.powering-on', 'os-start is accepted'),
      guest_started: to('active.idle', 'libvirt reports that the guest runs (started by hand)'),
      hard_reboot: to('active.rebooting_hard', 'a hard reboot powers it on'),
      rescue: to('active.rescuing', 'rescue is accepted'),
      rebuild: to('stopped.rebuilding', 'rebuild is accepted'),
      evacuate: EVACUATE('stopped'),
      resize: to('stopped.resize_prep', 'resize to another flavor is accepted'),
      migrate: to('stopped.resize_prep', 'cold migration is a resize to the same flavor'),
      ...imageOf('stopped'),
      soft_delete: to('stopped.soft-deleting', 'deleted, where reclaim_instance_interval is set'),
    },
  },
  {
    'powering-on': task('The guest is being started.', 'power_on', {
      done: to('active.idle', 'the guest runs'),
      fault: to('stopped.idle', 'the guest did not start'),
    }),
    ...rebuildTasks('stopped'),
    ...resizeTasks('stopped'),
    ...snapshotTasks('stopped'),
    ...shelveTasks('stopped'),
    'soft-deleting': SOFT_DELETING,
  },
);

const PAUSED = vmState(
  'paused',
  {
    description: 'In memory, virtual CPUs stand.',
    tags: ['stable'],
    on: {
      ...ERROR_OUT,
      ...imageOf('paused'),
      unpause: to('paused.unpausing', 'unpause is accepted'),
      hard_reboot: to('active.rebooting_hard', 'a hard reboot ends the pause'),
      live_migrate: to('paused.migrating', 'os-migrateLive is accepted in vm_state paused'),
      guest_stopped: to('stopped.idle', 'libvirt reports that the guest is off'),
    },
  },
  {
    unpausing: task('The virtual CPUs are let run.', 'unpause', {
      done: to('active.idle', 'the guest runs'),
      fault: to('paused.idle', 'the guest stays paused'),
    }),
    migrating: task('Memory is copied to another host; the guest stands.', 'live_migrate', {
      done: to('paused.idle', 'the guest stands on the destination'),
      fault: to('paused.idle', 'rolled back: the guest stands on the source'),
      error_out: to('error.idle', 'source or destination died in the middle of it'),
    }),
    ...snapshotTasks('paused'),
    ...shelveTasks('paused'),
  },
);

const SUSPENDED = vmState(
  'suspended',
  {
    description: 'Off, with its memory saved on the host.',
    tags: ['stable'],
    on: {
      ...ERROR_OUT,
      ...imageOf('suspended'),
      resume: to('suspended.resuming', 'resume is accepted'),
      hard_reboot: to('active.rebooting_hard', 'a hard reboot discards the saved memory'),
    },
  },
  {
    resuming: task('The saved memory is loaded.', 'resume', {
      done: to('active.idle', 'the guest runs on'),
      fault: to('suspended.idle', 'the memory image could not be loaded'),
    }),
    ...snapshotTasks('suspended'),
    ...shelveTasks('suspended'),
  },
);

const RESCUED = vmState(
  'rescued',
  {
    description: 'Runs a rescue system beside its own disk.',
    tags: ['stable'],
    on: {
      ...ERROR_OUT,
      unrescue: to('rescued.unrescuing', 'unrescue is accepted'),
      guest_stopped: to('stopped.idle', 'libvirt reports that the rescue system is off'),
    },
  },
  {
    unrescuing: task('The guest is rebooted from its own disk.', 'unrescue', {
      done: to('active.idle', 'the guest runs'),
      fault: to('error.idle', 'the guest did not start from its disk'),
    }),
  },
);

/** Waiting to be confirmed or reverted, running or (when it was stopped before) not. */
function resizedIdle(description: string, end: string, spec: StateConfig): StateConfig {
  return {
    description,
    ...spec,
    on: {
      ...ERROR_OUT,
      // nova sets no task_state while it confirms; the verb runs in this state.
      confirm_resize: {
        actions: request('confirm_resize'),
        description: 'confirmResize is accepted: the source is cleaned up',
      },
      done: to(end, 'confirmed: the old host is free'),
      fault: to('error.idle', 'the source could not be cleaned up'),
      revert_resize: to('resized.resize_reverting', 'revertResize is accepted'),
    },
  };
}

const RESIZED = vmState(
  'resized',
  resizedIdle('Runs in its new size; both hosts hold resources until confirmed.', 'active.idle', {
    tags: ['stable', 'serving'],
    entry: GUEST_RUNS,
  }),
  {
    shutdown: resizedIdle('Off, in its new size (power_state SHUTDOWN).', 'stopped.idle', {
      tags: ['stable'],
    }),
    resize_reverting: task('The guest moves back to its old host and size.', 'revert_resize', {
      done: [
        {
          guard: atLeast('off', 1),
          target: at('stopped.idle'),
          description: 'reverted; it was stopped before and is again',
        },
        to('active.idle', 'it runs on the old host again'),
      ],
      fault: to('error.idle', 'the old host could not take it back'),
    }),
  },
);

const SHELVED = vmState(
  'shelved',
  {
    description: 'Off, kept as an image; its resources on the host are still held.',
    tags: ['stable'],
    on: {
      ...ERROR_OUT,
      shelve_offload: to('shelved.shelving_offloading', 'shelveOffload, or the time is over'),
      unshelve: to('shelved.unshelving', 'unshelve is accepted'),
    },
  },
  {
    shelving_offloading: task('The host is freed of it.', 'offload', {
      done: to('shelved_offloaded.idle', 'nothing of it is left on the host'),
      fault: to('shelved.idle', 'the host could not be freed'),
    }),
    unshelving: task('It is started on its old host.', 'power_on', {
      done: to('active.idle', 'the guest runs'),
      fault: to('shelved.idle', 'the guest did not start'),
    }),
  },
);

const SHELVED_OFFLOADED = vmState(
  'shelved_offloaded',
  {
    description: 'Off, kept as an image only; holds no resources of any host.',
    tags: ['stable'],
    entry: set('attempts', 0),
    on: {
      ...ERROR_OUT,
      unshelve: to('shelved_offloaded.unshelving', 'unshelve is accepted'),
    },
  },
  {
    unshelving: task('A host is scheduled for it.', 'reschedule', {
      done: to('shelved_offloaded.spawning', 'a host was selected'),
      fault: to('shelved_offloaded.idle', 'no valid host: it stays shelved'),
    }),
    spawning: task('The guest is spawned from its image.', 'unshelve', {
      done: to('active.idle', 'the guest runs'),
      fault: to('shelved_offloaded.idle', 'the host could not build it'),
    }),
  },
);

const ERROR = vmState(
  'error',
  {
    description: 'nova gave up; an operator deletes, rebuilds or resets it.',
    tags: ['failed'],
    entry: GUEST_STANDS,
    on: {
      reset_state: to('active.idle', 'an operator resets the state to active'),
      rebuild: to('error.rebuilding', 'rebuild is accepted in vm_state error'),
      evacuate: EVACUATE('error'),
      hard_reboot: to('active.rebooting_hard', 'a hard reboot may revive it'),
      rescue: to('active.rescuing', 'rescue is accepted in vm_state error'),
      stop: to('active.powering-off', 'os-stop is accepted in vm_state error'),
    },
  },
  rebuildTasks('error'),
);

const DELETED: StateConfig = {
  initial: 'idle',
  states: {
    idle: { description: 'Gone; only the database remembers it.', tags: ['stable'] },
  },
};

const SOFT_DELETED: StateConfig = {
  initial: 'idle',
  states: {
    idle: {
      description: 'Off and kept for reclaim_instance_interval.',
      tags: ['stable'],
      entry: GUEST_STANDS,
      on: {
        restore: to('soft-delete.restoring', 'an operator restores it'),
        delete: to('soft-delete.deleting', 'forceDelete, or the time is over'),
      },
    },
    restoring: task('The guest is powered on again.', 'power_on', {
      done: to('active.idle', 'the guest runs'),
      fault: to('error.idle', 'the guest did not start'),
    }),
    deleting: DELETING,
  },
};

/** Every vm_state by nova's name for it. */
export const VM_STATES: Readonly<Record<string, StateConfig>> = {
  building: BUILDING,
  active: ACTIVE,
  stopped: STOPPED,
  paused: PAUSED,
  suspended: SUSPENDED,
  rescued: RESCUED,
  resized: RESIZED,
  shelved: SHELVED,
  shelved_offloaded: SHELVED_OFFLOADED,
  error: ERROR,
  deleted: DELETED,
  'soft-delete': SOFT_DELETED,
};
