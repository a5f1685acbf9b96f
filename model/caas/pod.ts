import {
  add,
  atLeast,
  defineKind,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
} from '../kind.ts';

const to = (target: string, description: string): TransitionConfig => ({
  target: `#pod.phase.${target}`,
  description,
});

const DELETE = to('Terminating', 'DELETE: deletionTimestamp is set, the grace period begins');
const DELETE_UNBOUND = to('deleted', 'DELETE of a pod without a node takes effect at once');
const FORCE_DELETE = to('deleted', 'deleted with grace period 0, or by the pod garbage collector');
const FAILED = to('Failed.Error', 'its container ended in failure and is not to be restarted');
const SUCCEEDED = to('Succeeded', 'its container ended well and is not to be restarted');
const EVICTED = to('Failed.Evicted', 'the kubelet evicts it: memory or disk pressure');
const DEADLINE = to('Failed.DeadlineExceeded', 'activeDeadlineSeconds are over');
const STARTED: TransitionConfig = {
  target: '#pod.phase.Running.Started',
  description: 'the kubelet reports its container running',
};
const UNKNOWN = to('Unknown', 'the API reports phase Unknown: its node cannot be asked');

/** What may happen to a pod that has a node, whatever the kubelet is doing with it. */
const BOUND: Readonly<Record<string, TransitionConfig>> = {
  started: STARTED,
  succeeded: SUCCEEDED,
  failed: FAILED,
  evicted: EVICTED,
  deadline_exceeded: DEADLINE,
  state_unknown: UNKNOWN,
  delete: DELETE,
  force_delete: FORCE_DELETE,
};

/** How a container of a running pod ends. */
const ENDS: Readonly<Record<string, TransitionConfig>> = {
  exited: to('Running.Completed', 'its container ended with exit code 0'),
  exited_error: to('Running.Error', 'its container ended with another exit code'),
  oom_killed: to('Running.OOMKilled', 'its container was killed at its memory limit'),
  crash: to('Running.Error', 'its container is killed'),
  sandbox_changed: to('Running.SandboxChanged', 'its sandbox is gone: a new one is needed'),
};

const RESTART: Readonly<Record<string, TransitionConfig>> = {
  done: STARTED,
  fault: to('Running.CrashLoopBackOff', 'the container did not start'),
  back_off: to('Running.CrashLoopBackOff', 'it ended too soon after its last restart'),
  oom_killed: ENDS.oom_killed,
  sandbox_changed: ENDS.sandbox_changed,
};

function ended(description: string, ignored: readonly string[]): StateConfig {
  return {
    description,
    tags: ['transient'],
    entry: [set('running', 0), add('restarts', 1), request('restart')],
    on: Object.fromEntries(Object.entries(RESTART).filter(([e]) => !ignored.includes(e))),
    meta: { ignores: ignored },
  };
}

const PENDING: StateConfig = {
  initial: 'Scheduling',
  on: { failed: FAILED, deadline_exceeded: DEADLINE, started: STARTED },
  states: {
    Scheduling: {
      description: 'In the queue of the scheduler, without a node.',
      tags: ['transient'],
      entry: request('schedule'),
      on: {
        done: to('Pending.ContainerCreating', 'the scheduler bound it to a node'),
        bound: to('Pending.ContainerCreating', 'the API reports PodScheduled=True'),
        fault: to('Pending.Unschedulable', 'FailedScheduling: no node passes every filter'),
        unschedulable: to('Pending.Unschedulable', 'the API reports PodScheduled=False'),
        delete: DELETE_UNBOUND,
        force_delete: FORCE_DELETE,
      },
    },
    Unschedulable: {
      description: 'No node can take it (PodScheduled=False).',
      tags: ['failed'],
      on: {
        requeued: to('Pending.Scheduling', 'something changed that may let it fit'),
        bound: to('Pending.ContainerCreating', 'the API reports PodScheduled=True'),
        delete: DELETE_UNBOUND,
        force_delete: FORCE_DELETE,
      },
    },
    ContainerCreating: {
      description: 'The kubelet mounts volumes, runs the sandbox, pulls the image, starts it.',
      tags: ['transient'],
      entry: request('start'),
      on: {
        ...BOUND,
        done: STARTED,
        fault: to('Pending.CreateContainerError', 'sandbox or container could not be created'),
        image_pull_failed: to('Pending.ErrImagePull', 'the image could not be pulled'),
      },
    },
    ErrImagePull: {
      description: 'The last pull of the image failed.',
      tags: ['failed'],
      on: {
        ...BOUND,
        back_off: to('Pending.ImagePullBackOff', 'the kubelet waits before it pulls again'),
      },
      after: {
        sync_period: to('Pending.ImagePullBackOff', 'the kubelet waits before it pulls again'),
      },
    },
    ImagePullBackOff: {
      description: 'Waiting for the next attempt to pull the image.',
      tags: ['failed'],
      entry: request('image_back_off'),
      on: {
        ...BOUND,
        done: to('Pending.ContainerCreating', 'the back-off is over: the image is pulled again'),
        image_pull_failed: to('Pending.ErrImagePull', 'the image could not be pulled, once more'),
      },
    },
    CreateContainerError: {
      description: 'Sandbox or container could not be created; the kubelet tries again.',
      tags: ['failed'],
      on: BOUND,
      after: {
        sync_period: to('Pending.ContainerCreating', 'the kubelet tries again'),
      },
    },
  },
};

const RUNNING: StateConfig = {
  initial: 'Started',
  on: BOUND,
  states: {
    Started: {
      description: 'Its container runs.',
      tags: ['stable'],
      entry: set('running', 1),
      on: ENDS,
    },
    Completed: ended('Its container ended well; restartPolicy Always starts it again.', ['exited']),
    Error: ended('Its container ended in failure; the kubelet starts it again.', [
      'exited_error',
      'crash',
    ]),
    OOMKilled: ended('Its container exceeded its memory limit; it is started again.', [
      'oom_killed',
    ]),
    SandboxChanged: ended('Its sandbox is gone; a new one with a new container is made.', [
      'sandbox_changed',
    ]),
    CrashLoopBackOff: {
      description: 'It ends again and again: the kubelet waits before the next start.',
      tags: ['failed'],
      entry: request('back_off'),
      on: {
        done: STARTED,
        sandbox_changed: ENDS.sandbox_changed,
        oom_killed: ENDS.oom_killed,
        exited_error: ENDS.exited_error,
      },
    },
  },
};

const finished = (description: string, tag: 'stable' | 'failed'): StateConfig => ({
  description,
  tags: [tag],
  entry: set('running', 0),
});

const PHASE: StateConfig = {
  initial: 'Pending',
  states: {
    Pending: PENDING,
    Running: RUNNING,
    Succeeded: {
      ...finished('Every container ended with exit code 0.', 'stable'),
      on: { delete: DELETE, force_delete: FORCE_DELETE },
    },
    Failed: {
      initial: 'Error',
      on: { delete: DELETE, force_delete: FORCE_DELETE },
      states: {
        Error: finished('A container ended in failure.', 'failed'),
        Evicted: finished('Evicted by the kubelet.', 'failed'),
        DeadlineExceeded: finished('It ran longer than it was allowed to.', 'failed'),
      },
    },
    Unknown: {
      description: 'Phase Unknown: the state of the pod could not be obtained.',
      tags: ['failed'],
      entry: set('running', 0),
      on: Object.fromEntries(Object.entries(BOUND).filter(([e]) => e !== 'state_unknown')),
    },
    Terminating: {
      description: 'Out of every service; the kubelet ends its containers and its sandbox.',
      tags: ['transient'],
      entry: [set('running', 0), request('terminate')],
      on: {
        done: to('deleted', 'the kubelet confirms that nothing of it runs'),
        terminated: to('deleted', 'the API no longer lists it'),
        force_delete: FORCE_DELETE,
      },
    },
    deleted: { description: 'The Pod object is gone.', tags: ['stable'] },
  },
};

const toNotReady = (description: string): TransitionConfig => ({
  target: '#pod.readiness.NotReady',
  description,
});

const CONTAINER_ENDED = toNotReady('its container does not run');
const LEAVING = toNotReady('a pod that is being deleted is no endpoint');

/** What ends readiness, whether or not the API has noticed that its node is gone. */
const NO_LONGER_READY: Readonly<Record<string, TransitionConfig>> = {
  not_ready: toNotReady('its readiness probe fails'),
  ...Object.fromEntries(
    [...Object.keys(ENDS), 'succeeded', 'failed', 'evicted', 'deadline_exceeded'].map((e) => [
      e,
      CONTAINER_ENDED,
    ]),
  ),
  state_unknown: toNotReady('nothing is known of its container'),
  delete: LEAVING,
  force_delete: LEAVING,
};

const READINESS: StateConfig = {
  initial: 'NotReady',
  states: {
    NotReady: {
      description: 'Ready=False: no endpoint of any service.',
      tags: ['stable'],
      on: {
        ready: {
          guard: atLeast('running', 1),
          target: 'Ready',
          description: 'its readiness probe succeeds: services send it requests',
        },
      },
    },
    Ready: {
      description: 'Ready=True, and it answers.',
      tags: ['stable', 'serving'],
      on: {
        ...NO_LONGER_READY,
        lost: {
          target: 'Stale',
          description: 'its node, sandbox or volume is gone; the API does not know it yet',
        },
        node_unreachable: { target: 'NodeLost', description: 'its node does not report any more' },
      },
    },
    Stale: {
      description: 'Ready=True in the API, yet it does not answer: requests to it are lost.',
      tags: ['failed'],
      on: {
        ...NO_LONGER_READY,
        restored: { target: 'Ready', description: 'what it needs is back: it answers' },
        node_unreachable: {
          target: 'NodeLost',
          description: 'the node lifecycle controller marks the pods of an Unknown node not ready',
        },
      },
    },
    NodeLost: {
      description: 'Ready=False, since its node does not report.',
      tags: ['failed'],
      on: {
        ...NO_LONGER_READY,
        restored: { target: 'Ready', description: 'its node is back, and it had never stopped' },
        node_reachable: { target: 'Ready', description: 'its kubelet reports again: it runs' },
      },
    },
  },
};

export const pod = defineKind({
  kind: 'pod',
  layer: 'caas',
  describes: 'A Kubernetes pod of one container: its phase as kubectl shows it, and readiness.',
  source:
    'kubernetes.io "Pod Lifecycle"; sequences observed with Kubernetes 1.20 and containerd 1.6.20 ' +
    '(bound 20-40 ms, Running after 1.0-1.2 s, deleted 7-9 s)',
  /** restartCount of its container; whether that runs, as far as the kubelet has reported. */
  slots: { restarts: 0, running: 0 },
  ignores: [
    ...['done', 'fault', 'lost', 'restored', 'bound', 'unschedulable', 'requeued', 'started'],
    ...[
      'image_pull_failed',
      'back_off',
      'exited',
      'exited_error',
      'oom_killed',
      'crash',
      'restart',
    ],
    ...['sandbox_changed', 'ready', 'not_ready', 'succeeded', 'failed', 'evicted', 'terminated'],
    ...['deadline_exceeded', 'node_unreachable', 'node_reachable', 'state_unknown'],
    ...['delete', 'force_delete'],
  ],
  machine: { type: 'parallel', states: { phase: PHASE, readiness: READINESS } },
});
