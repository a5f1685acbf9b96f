import {
  atLeast,
  defineKind,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
} from '../kind.ts';

/** How a container ends, as the runtime reports it: exit code and reason. */
const EXITS: Readonly<Record<string, TransitionConfig>> = {
  exited: {
    target: '#container.CONTAINER_EXITED.Completed',
    description: 'its process ended with exit code 0',
  },
  exited_error: {
    target: '#container.CONTAINER_EXITED.Error',
    description: 'its process ended with another exit code, or by a signal (128 + signal)',
  },
  oom_killed: {
    target: '#container.CONTAINER_EXITED.OOMKilled',
    description: 'the kernel killed it at its memory limit (exit code 137)',
  },
  exited_unknown: {
    target: '#container.CONTAINER_EXITED.Unknown',
    description: 'it is gone and nobody saw how (exit code 255, after a reboot of the host)',
  },
};

const REMOVED: TransitionConfig = {
  target: '#container.absent',
  description: 'the runtime no longer lists it (removed behind our back)',
};
const LOST: TransitionConfig = {
  target: '#container.CONTAINER_UNKNOWN',
  description: 'its sandbox is lost with the host',
};
const REMOVE: TransitionConfig = {
  target: '#container.removing',
  description: 'RemoveContainer is called',
};
const REPORTED_RUNNING: TransitionConfig = {
  target: '#container.CONTAINER_RUNNING',
  description: 'the runtime lists it as running',
};
const REPORTED_CREATED: TransitionConfig = {
  target: '#container.CONTAINER_CREATED',
  description: 'the runtime lists it as created',
};

/** A state from which the runtime may report any other one. */
function observed(ignored: readonly string[], spec: StateConfig): StateConfig {
  const reports: Record<string, TransitionConfig> = {
    ...EXITS,
    gone: REMOVED,
    container_created: REPORTED_CREATED,
    container_running: REPORTED_RUNNING,
  };
  for (const name of ignored) delete reports[name];
  return { ...spec, on: { ...reports, ...spec.on }, meta: { ignores: ignored } };
}

export const container = defineKind({
  kind: 'container',
  layer: 'container',
  describes: 'One container: a process tree of an image in a sandbox.',
  source:
    'CRI v1 ContainerState and the reasons containerd gives; sequences observed with containerd ' +
    '1.6.20 (OOM -> EXITED 137 OOMKilled 95-150 ms; StartError 128)',
  // The CRI refuses a call in the wrong state (gRPC 2), or it changes nothing.
  ignores: ['create', 'start', 'stop', 'remove', 'lost', 'restored', 'done', 'fault'],
  /** 1 from the moment its process has run: what is left of it when its sandbox answers again. */
  slots: { started: 0 },
  machine: {
    initial: 'absent',
    states: {
      absent: observed(['gone'], {
        description: 'Not known to the runtime.',
        tags: ['stable'],
        entry: set('started', 0),
        on: { create: { target: 'creating', description: 'CreateContainer is called' } },
      }),
      creating: observed([], {
        description: 'The runtime prepares the root file system and the OCI specification.',
        tags: ['transient'],
        entry: request('create'),
        on: {
          done: { target: 'CONTAINER_CREATED', description: 'ready to be started' },
          fault: {
            target: 'failed',
            description: 'CreateContainerError: image missing (gRPC 5), name reserved (gRPC 2)',
          },
          lost: LOST,
        },
      }),
      failed: observed([], {
        description: 'It could not be created; the kubelet tries again.',
        tags: ['failed'],
        on: {
          create: { target: 'creating', description: 'CreateContainer is called again' },
          remove: { target: 'absent', description: 'given up: there is nothing to remove' },
        },
      }),
      CONTAINER_CREATED: observed(['container_created'], {
        description: 'Created, not started.',
        tags: ['stable'],
        on: {
          start: { target: 'starting', description: 'StartContainer is called' },
          remove: REMOVE,
          lost: LOST,
        },
      }),
      starting: observed(['container_created'], {
        description: 'The shim starts the process.',
        tags: ['transient'],
        entry: request('start'),
        on: {
          done: { target: 'CONTAINER_RUNNING', description: 'the process runs' },
          fault: {
            target: '#container.CONTAINER_EXITED.StartError',
            description: 'the process could not be started (no such command): exit code 128',
          },
          lost: LOST,
        },
      }),
      CONTAINER_RUNNING: observed(['container_running'], {
        description: 'Its process runs.',
        tags: ['stable', 'serving'],
        entry: set('started', 1),
        on: {
          stop: { target: 'stopping', description: 'StopContainer is called' },
          remove: { target: 'removing', description: 'RemoveContainer kills it first' },
          lost: LOST,
        },
      }),
      stopping: observed(['container_running'], {
        description: 'SIGTERM was sent; SIGKILL follows when the grace period is over.',
        tags: ['transient'],
        entry: request('stop'),
        on: {
          done: {
            target: '#container.CONTAINER_EXITED.Completed',
            description: 'it ended on SIGTERM in an orderly way',
          },
          fault: {
            target: '#container.CONTAINER_EXITED.Error',
            description: 'it ignored SIGTERM and was killed (exit code 137)',
          },
          lost: LOST,
        },
      }),
      CONTAINER_EXITED: {
        description: 'Its process has ended.',
        initial: 'Completed',
        on: { ...EXITS, remove: REMOVE, gone: REMOVED, container_running: REPORTED_RUNNING },
        meta: { ignores: ['container_created'] },
        states: {
          Completed: { description: 'Exit code 0.', tags: ['stable'] },
          Error: { description: 'Another exit code.', tags: ['failed'] },
          OOMKilled: { description: 'Killed at its memory limit (137).', tags: ['failed'] },
          StartError: { description: 'It could never be started (128).', tags: ['failed'] },
          Unknown: { description: 'Nobody saw how it ended (255).', tags: ['failed'] },
        },
      },
      CONTAINER_UNKNOWN: observed([], {
        description: 'Its sandbox does not answer: nobody can say whether it runs.',
        tags: ['failed'],
        on: {
          restored: [
            {
              guard: atLeast('started', 1),
              target: 'CONTAINER_RUNNING',
              description: 'the sandbox answers, and the process had never stopped',
            },
            {
              target: 'CONTAINER_CREATED',
              description: 'the sandbox answers; the process had not been started yet',
            },
          ],
          remove: REMOVE,
        },
      }),
      removing: observed(['container_created', 'container_running', ...Object.keys(EXITS)], {
        description: 'Its record and its root file system are removed.',
        tags: ['transient'],
        entry: request('remove'),
        on: {
          done: { target: 'absent', description: 'the runtime forgot it' },
          fault: {
            target: '#container.CONTAINER_EXITED.Unknown',
            description: 'the runtime could not remove it; it does not run',
          },
          lost: {
            target: '#container.CONTAINER_EXITED.Unknown',
            description: 'the host died; its record stays',
          },
        },
      }),
    },
  },
});
