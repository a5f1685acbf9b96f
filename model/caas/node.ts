import { defineKind, request, type StateConfig, type TransitionConfig } from '../kind.ts';

const SILENT: TransitionConfig = {
  target: '#node.readiness.unreporting',
  description: 'its machine is gone or cut off: no more heartbeats, yet the API says Ready',
};
const KUBELET_STOP: TransitionConfig = {
  target: '#node.readiness.unreporting',
  description: 'the kubelet is killed: no more heartbeats, while its containers run on',
};
const MACHINE_BACK: TransitionConfig = {
  target: '#node.readiness.registering',
  reenter: true,
  description: 'its machine answers: the kubelet starts, or reaches the API again',
};
const KUBELET_START: TransitionConfig = {
  target: '#node.readiness.registering',
  reenter: true,
  description: 'the kubelet is started again',
};
const DELETE: TransitionConfig = {
  target: '#node.readiness.deleted',
  description: 'the Node object is deleted: its machine has left the cluster',
};
const REPORTS: Readonly<Record<string, TransitionConfig>> = {
  node_ready: {
    target: '#node.readiness.Ready',
    description: 'the API reports the condition Ready=True',
  },
  node_not_ready: {
    target: '#node.readiness.NotReady',
    description: 'the API reports the condition Ready=False',
  },
};

const READINESS: StateConfig = {
  initial: 'registering',
  states: {
    registering: {
      description: 'The kubelet starts, registers the node and posts its first status.',
      tags: ['transient'],
      entry: request('register'),
      on: {
        done: { target: 'Ready', description: 'the kubelet posts Ready=True' },
        fault: { target: 'NotReady', description: 'the kubelet posts Ready=False' },
        heartbeat_missed: {
          target: 'Unknown',
          description: 'no status for node-monitor-grace-period after all',
        },
        lost: SILENT,
        restored: MACHINE_BACK,
        kubelet_stop: KUBELET_STOP,
        kubelet_start: KUBELET_START,
        ...REPORTS,
        delete: DELETE,
      },
    },
    Ready: {
      description: 'Ready=True: the kubelet renews its lease and can run pods.',
      tags: ['stable', 'serving'],
      on: {
        runtime_down: {
          target: 'NotReady',
          description: 'the kubelet reports that its container runtime is down',
        },
        node_not_ready: REPORTS.node_not_ready,
        heartbeat_missed: { target: 'Unknown', description: 'no status for the grace period' },
        lost: SILENT,
        kubelet_stop: KUBELET_STOP,
        delete: DELETE,
      },
    },
    NotReady: {
      description: 'Ready=False: the kubelet reports that it cannot run pods.',
      tags: ['failed'],
      on: {
        runtime_up: { target: 'Ready', description: 'the container runtime answers again' },
        node_ready: REPORTS.node_ready,
        heartbeat_missed: { target: 'Unknown', description: 'no status for the grace period' },
        lost: SILENT,
        kubelet_stop: KUBELET_STOP,
        delete: DELETE,
      },
    },
    unreporting: {
      description: 'Silent, and not yet noticed: the API still shows the last status.',
      tags: ['transient'],
      entry: request('monitor'),
      on: {
        done: {
          target: 'Unknown',
          description: 'the node lifecycle controller heard nothing for node-monitor-grace-period',
        },
        heartbeat_missed: { target: 'Unknown', description: 'the API reports Ready=Unknown' },
        restored: MACHINE_BACK,
        kubelet_start: KUBELET_START,
        ...REPORTS,
        delete: DELETE,
      },
    },
    Unknown: {
      description: 'Ready=Unknown: tainted unreachable, NoSchedule and NoExecute.',
      tags: ['failed'],
      initial: 'tolerated',
      on: {
        restored: MACHINE_BACK,
        kubelet_start: KUBELET_START,
        ...REPORTS,
        delete: DELETE,
      },
      states: {
        tolerated: {
          description: 'Its pods tolerate the taint for tolerationSeconds.',
          entry: request('tolerate'),
          on: {
            done: { target: 'evicted', description: 'tolerationSeconds are over' },
            evict: { target: 'evicted', description: 'its pods are deleted at once' },
          },
        },
        evicted: { description: 'Its pods were marked for deletion.' },
      },
    },
    deleted: {
      description: 'The Node object is gone.',
      tags: ['stable'],
    },
  },
};

const SCHEDULING: StateConfig = {
  initial: 'schedulable',
  states: {
    schedulable: {
      description: 'New pods may be placed here.',
      tags: ['stable'],
      on: {
        cordon: { target: 'cordoned', description: 'kubectl cordon: spec.unschedulable is set' },
        drain: { target: 'draining', description: 'kubectl drain: cordon, then evict every pod' },
      },
    },
    cordoned: {
      description: 'spec.unschedulable: no new pods, the present ones stay.',
      tags: ['stable'],
      on: {
        uncordon: { target: 'schedulable', description: 'kubectl uncordon' },
        drain: { target: 'draining', description: 'kubectl drain evicts every pod' },
      },
    },
    draining: {
      description: 'Pods are evicted one by one, as far as disruption budgets allow.',
      tags: ['transient'],
      on: {
        drained: { target: 'drained', description: 'no pod but those of daemon sets is left' },
        cordon: { target: 'cordoned', description: 'the drain is given up, the node stays closed' },
        uncordon: { target: 'schedulable', description: 'the drain is given up' },
      },
    },
    drained: {
      description: 'Empty and closed: its machine can be taken away.',
      tags: ['stable'],
      on: { uncordon: { target: 'schedulable', description: 'kubectl uncordon' } },
    },
  },
};

export const node = defineKind({
  kind: 'node',
  layer: 'caas',
  describes: 'A Kubernetes node: its Ready condition, and whether it takes new pods.',
  source:
    'kubernetes.io "Node Status" and "Taint based Evictions"; kubelet killed -> Ready=Unknown in ' +
    '9 s with a grace period of 8 s, observed with Kubernetes 1.20',
  ignores: [
    ...['lost', 'restored', 'kubelet_stop', 'kubelet_start', 'runtime_down', 'runtime_up'],
    ...['node_ready', 'node_not_ready', 'heartbeat_missed', 'evict', 'done', 'fault'],
    ...['cordon', 'uncordon', 'drain', 'drained', 'delete'],
  ],
  machine: { type: 'parallel', states: { readiness: READINESS, scheduling: SCHEDULING } },
});
