import { atLeast, defineKind, type StateConfig } from '../kind.ts';
import { VM_STATES } from './server-vm.ts';

const HOST_LOST = 'what the guest lives on is gone: its domain, ports or volumes';

/** What `host_status` says of the server's host, and whether its guest is there at all. */
const HOST: StateConfig = {
  initial: 'UP',
  states: {
    UP: {
      description: 'The host reports; the guest, its ports and its volumes are there.',
      tags: ['stable', 'serving'],
      on: {
        lost: { guard: atLeast('running', 1), target: 'UNKNOWN', description: HOST_LOST },
        host_unknown: [
          {
            guard: atLeast('running', 1),
            target: 'SILENT',
            description: 'nova-compute has not reported for service_down_time; the guest runs on',
          },
          {
            target: 'UNKNOWN',
            description: 'nova-compute has not reported for service_down_time',
          },
        ],
        host_down: { target: 'DOWN', description: 'an operator forces the host down' },
      },
    },
    SILENT: {
      description: 'nova-compute does not report (nova says UNKNOWN), but the guest is there.',
      tags: ['failed', 'serving'],
      on: {
        lost: { guard: atLeast('running', 1), target: 'UNKNOWN', description: HOST_LOST },
        host_up: { target: 'UP', description: 'the host reports again' },
        host_down: { target: 'DOWN', description: 'the host is fenced and forced down' },
      },
    },
    UNKNOWN: {
      description: 'The host does not report, or the guest is cut off from what it needs.',
      tags: ['failed'],
      on: {
        restored: { target: 'UP', description: 'everything the guest needs is back' },
        host_up: { target: 'UP', description: 'the host reports again' },
        host_down: {
          target: 'DOWN',
          description: 'the host is fenced and forced down, to evacuate its servers',
        },
      },
    },
    DOWN: {
      description: 'The host is forced down.',
      tags: ['failed'],
      on: {
        restored: { target: 'UP', description: 'it lives on another host, or its host is back' },
        host_up: { target: 'UP', description: 'the host is in service again' },
        host_unknown: { target: 'UNKNOWN', description: 'no longer forced down, still silent' },
      },
    },
  },
};

export const server = defineKind({
  kind: 'server',
  layer: 'iaas',
  describes: "A server (instance) of nova: vm_state, task_state and its host's status.",
  source:
    'nova/compute/vm_states.py and task_states.py, api-guide "Server concepts"; sequences ' +
    'observed with nova 26 (Zed), fake and libvirt drivers. `idle` stands for task_state None.',
  slots: { running: 0, attempts: 0, off: 0 },
  // An action in a wrong state is refused (409 conflictingRequest) and changes nothing.
  ignores: [
    ...['done', 'fault', 'lost', 'restored', 'host_up', 'host_unknown', 'host_down'],
    ...['stop', 'start', 'pause', 'unpause', 'suspend', 'resume', 'reboot', 'hard_reboot'],
    ...['rescue', 'unrescue', 'rebuild', 'evacuate', 'resize', 'migrate', 'live_migrate'],
    ...['confirm_resize', 'revert_resize', 'snapshot', 'shelve', 'unshelve', 'shelve_offload'],
    ...[
      'delete',
      'soft_delete',
      'restore',
      'reset_state',
      'error_out',
      'guest_stopped',
      'guest_started',
    ],
    ...['upload', 'extract', 'spawned', 'stopping', 'offload', 'keep'],
  ],
  machine: {
    type: 'parallel',
    states: {
      vm: {
        initial: 'building',
        states: VM_STATES,
      },
      host: HOST,
    },
  },
});
