/** What the simulated control plane of Kubernetes knows of its objects beside their states. */
import type { KubernetesCluster } from '../../model/scenario.ts';
import type { ClusterLines } from '../account.ts';
import type { UnschedulablePods } from './unschedulable-pods.ts';

/** How far the kubelet is with a pod. */
export const Step = {
  /** Nothing to do. */
  NONE: 0,
  /** Waits for its kubelet, which is down. */
  STALLED: 1,
  /** The kubelet has not begun yet. */
  SYNC: 2,
  CLAIM: 3,
  ATTACH: 4,
  SANDBOX: 5,
  IMAGE: 6,
  CREATE: 7,
  START: 8,
  /** A container that is to be replaced has to end first. */
  END_CONTAINER: 9,
  /** Its container ended while its kubelet was down: nobody has decided about it yet. */
  ENDED: 10,
  BACK_OFF: 11,
  STOP_CONTAINER: 12,
  STOP_SANDBOX: 13,
  REMOVE_SANDBOX: 14,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

export interface PodTemplate {
  readonly image: string;
  /** Requests: thousandths of a CPU, bytes. */
  readonly cpu_m: number;
  readonly memory_bytes: number;
}

/** A service's endpoints, told which pods it may send requests to: 1, or 0. */
export interface EndpointsOfPods {
  podChanged(pod: PodRecord, wasListed: number, isListed: number, row: number): void;
}

/** A disruption budget, asked for evictions and told when the pods of its owner have changed. */
export interface DisruptionBudget {
  evict(pod: PodRecord, cause: number): void;
  cancel(pod: PodRecord): void;
  settle(row: number): void;
}

/** What adds nodes to a cluster and takes them away, told what it decides by. */
export interface NodeAutoscaler {
  readonly entity: number;
  podsPending(row: number): void;
  pendingChanged(row: number): void;
  utilisationChanged(node: NodeRecord): void;
  nodeJoined(node: NodeRecord): void;
  nodeDrained(node: NodeRecord, row: number): void;
}

/** What creates pods and is told what becomes of them. */
export interface PodOwner {
  /** Entity that owns the pods, or -1. */
  readonly entity: number;
  /** Whether an ended container is started again. */
  readonly restarts: boolean;
  /** Pods of daemon sets stay on lost and closed nodes. */
  readonly isDaemon: boolean;
  readonly endpoints: EndpointsOfPods | undefined;
  readonly budget: DisruptionBudget | undefined;
  /** The pod became ready or not ready, finished, or is being deleted. */
  podChanged(pod: PodRecord, row: number): void;
  /** The pod object is gone. */
  podGone(pod: PodRecord, row: number): void;
  /** Its container runs. */
  podStarted(pod: PodRecord, row: number): void;
}

export interface PodRecord {
  readonly entity: number;
  readonly uid: number;
  readonly cluster: ClusterRecord;
  readonly owner: PodOwner;
  readonly template: PodTemplate;
  /** Ordinal in a stateful set, or a number of the owner's own. */
  readonly index: number;
  /** Template revision of its owner. */
  readonly revision: number;
  /** The node a daemon set wants it on. */
  readonly pinned: NodeRecord | undefined;
  /** Its claim, or -1. */
  readonly claim: number;
  node: NodeRecord | undefined;
  sandbox: number;
  container: number;
  /** Sandboxes and containers made for it so far. */
  attempts: number;
  step: Step;
  /** The request the kubelet works on, or -1. */
  token: number;
  terminating: boolean;
  finished: boolean;
  isAttached: boolean;
  /** Whether it counts among the pods of its owner on its node. */
  isSpread: boolean;
  /** Ready in the eyes of the API: an endpoint of its service. */
  isListed: boolean;
  /** Restarts in a row, for the back-off. */
  failures: number;
  imageFailures: number;
  started_s: number;
}

export interface NodeRecord {
  readonly entity: number;
  readonly uid: number;
  readonly cluster: ClusterRecord;
  /** Host OS or server. */
  readonly host: number;
  readonly runtime: number;
  /** Allocatable: thousandths of a CPU, bytes. */
  readonly cpu_m: number;
  readonly memory_bytes: number;
  readonly pods: Set<PodRecord>;
  /** Pods of each owner that are not being deleted. */
  readonly podsOf: Map<PodOwner, number>;
  /** Names of the images in the store of its runtime. */
  readonly images: Set<string>;
  /** Requests of the pods bound to it that have not finished. */
  cpuUsed_m: number;
  memoryUsed_bytes: number;
  /** Pods that count against its limit: those that have not finished. */
  podsUsed: number;
  /** The boot of its host in which its kubelet was started. */
  boot: number;
  /** Whether its kubelet itself was stopped, not only cut off. */
  isKubeletStopped: boolean;
  /** Whether it has been Ready before. */
  hasJoined: boolean;
  /** Whether its kubelet works and reaches the API. */
  kubeletUp: boolean;
  /** While it is Unknown: the request to wait for its toleration, and when that is over. */
  toleration: number;
  evicted_s: number;
  /** Since when the cluster autoscaler holds it for unneeded; NaN: it does not. */
  unneededSince_s: number;
}

export interface ClusterRecord {
  readonly spec: KubernetesCluster;
  readonly nodes: NodeRecord[];
  /** How many of the nodes have an image, by its name. */
  readonly nodesWithImage: Map<string, number>;
  /** Requests of all its bound pods, and what its nodes can allocate. */
  readonly lines: ClusterLines;
  readonly unschedulable: UnschedulablePods<PodRecord>;
  autoscaler: NodeAutoscaler | undefined;
  /** When the lifecycle controller may taint the next node NoExecute. */
  nextTaint_s: number;
  /** Where the scheduler begins its next round over the nodes. */
  nextNode: number;
  /** Whether its workloads have been applied. */
  applied: boolean;
}
