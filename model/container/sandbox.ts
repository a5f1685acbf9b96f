import { defineKind, request, type TransitionConfig } from '../kind.ts';

const REMOVED: TransitionConfig = {
  target: 'absent',
  description: 'the runtime no longer lists it (removed behind our back)',
};
const LOST: TransitionConfig = {
  target: 'unreachable',
  description: 'the runtime is lost with its host',
};
const NOT_READY: TransitionConfig = {
  target: 'SANDBOX_NOTREADY',
  description: 'its pause process is gone (killed, or the host was rebooted)',
};

export const sandbox = defineKind({
  kind: 'sandbox',
  layer: 'container',
  describes:
    'A pod sandbox: the namespaces, cgroup and network that the containers of a pod share.',
  source:
    'CRI v1 PodSandboxState; sequences observed with containerd 1.6.20 (RunPodSandbox 110-530 ms, ' +
    'pause killed -> NOTREADY 90-150 ms)',
  // The CRI refuses a call in the wrong state (gRPC 2), or it changes nothing.
  ignores: ['run', 'stop', 'remove', 'lost', 'restored', 'done', 'fault'],
  machine: {
    initial: 'absent',
    states: {
      absent: {
        description: 'Not known to the runtime.',
        tags: ['stable'],
        on: {
          run: { target: 'creating', description: 'RunPodSandbox is called' },
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          pause_exited: NOT_READY,
        },
        meta: { ignores: ['gone'] },
      },
      creating: {
        description: 'Namespaces and cgroup are made, CNI attaches the network, pause starts.',
        tags: ['transient'],
        entry: request('run'),
        on: {
          done: { target: 'SANDBOX_READY', description: 'the pause process runs' },
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          fault: {
            target: 'failed',
            description: 'RunPodSandbox fails: name reserved, unknown handler, CNI error',
          },
          pause_exited: NOT_READY,
          lost: LOST,
          remove: { target: 'removing', description: 'RemovePodSandbox before it was ready' },
          gone: REMOVED,
        },
      },
      SANDBOX_READY: {
        description: 'The pause process runs; containers can be created in it.',
        tags: ['stable', 'serving'],
        on: {
          stop: { target: 'stopping', description: 'StopPodSandbox is called' },
          remove: { target: 'removing', description: 'RemovePodSandbox stops it by force' },
          pause_exited: NOT_READY,
          lost: LOST,
          gone: REMOVED,
        },
        meta: { ignores: ['sandbox_ready'] },
      },
      stopping: {
        description: 'Containers are ended, the network is detached, pause is killed.',
        tags: ['transient'],
        entry: request('stop'),
        on: {
          done: { target: 'SANDBOX_NOTREADY', description: 'pause ended, the network is gone' },
          fault: { target: 'SANDBOX_READY', description: 'CNI could not detach the network' },
          sandbox_ready: {
            target: 'SANDBOX_READY',
            description: 'the runtime still lists it as ready: it was not stopped',
          },
          pause_exited: NOT_READY,
          lost: LOST,
          gone: REMOVED,
        },
      },
      SANDBOX_NOTREADY: {
        description: 'The pause process does not run; only its record and its logs are left.',
        tags: ['stable'],
        on: {
          remove: { target: 'removing', description: 'RemovePodSandbox is called' },
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          gone: REMOVED,
        },
        meta: { ignores: ['pause_exited'] },
      },
      removing: {
        description: 'The record, the logs and the containers of the sandbox are removed.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'absent', description: 'the runtime forgot it' },
          gone: { target: 'absent', description: 'the runtime forgot it' },
          fault: { target: 'SANDBOX_NOTREADY', description: 'the runtime could not remove it' },
          lost: { target: 'SANDBOX_NOTREADY', description: 'the host died; its record stays' },
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          pause_exited: NOT_READY,
        },
      },
      failed: {
        description: 'RunPodSandbox failed; the kubelet tries again.',
        tags: ['failed'],
        on: {
          run: { target: 'creating', description: 'RunPodSandbox is called again' },
          remove: { target: 'absent', description: 'given up: there is nothing to remove' },
          gone: REMOVED,
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          pause_exited: NOT_READY,
        },
      },
      unreachable: {
        description: 'The runtime does not answer: nobody can say whether it runs.',
        tags: ['failed'],
        on: {
          restored: {
            target: 'SANDBOX_READY',
            description: 'the runtime answers, and the pause process had never stopped',
          },
          sandbox_ready: { target: 'SANDBOX_READY', description: 'the runtime lists it as ready' },
          pause_exited: NOT_READY,
          gone: REMOVED,
        },
      },
    },
  },
});
