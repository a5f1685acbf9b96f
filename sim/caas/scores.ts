/**
 * The arithmetic of kube-scheduler's plugins: whole numbers from 0 to 100, cut as Go cuts them
 * (pkg/scheduler/framework/plugins of Kubernetes 1.37).
 */

const MAX_NODE_SCORE = 100;
const HALF_SCORE = MAX_NODE_SCORE / 2;
/** maxSkew of the default hostname constraint of PodTopologySpread. */
const HOSTNAME_MAX_SKEW = 3;
/** An image scores from 0 to 100 between these sizes. */
const IMAGE_MIN_bytes = 23 * 1024 ** 2;
const IMAGE_MAX_bytes = 1000 * 1024 ** 2;
const IMAGE_RANGE_bytes = IMAGE_MAX_bytes - IMAGE_MIN_bytes;

/** What a pod asks for: thousandths of a CPU, bytes. */
export interface Requests {
  readonly cpu_m: number;
  readonly memory_bytes: number;
}

/** What a node has, and what the pods on it have asked for. */
export interface NodeUse extends Requests {
  readonly cpuUsed_m: number;
  readonly memoryUsed_bytes: number;
}

/** LeastAllocated: the mean share of CPU and memory left free, 0..100, in whole numbers. */
export function leastAllocatedScore(
  cpu_m: number,
  cpuCapacity_m: number,
  memory_bytes: number,
  memoryCapacity_bytes: number,
): number {
  return Math.trunc(
    (freeScore(cpu_m, cpuCapacity_m) + freeScore(memory_bytes, memoryCapacity_bytes)) / 2,
  );
}

function freeScore(requested: number, capacity: number): number {
  if (requested > capacity || capacity === 0) return 0;
  return Math.trunc(((capacity - requested) * MAX_NODE_SCORE) / capacity);
}

/**
 * BalancedAllocation: what the pod does to the balance of a node's CPU and memory, 50..100; 75 when
 * it changes nothing (since 1.36: `balancedResourceScorer` of the plugins noderesources).
 */
export function balancedAllocationScore(pod: Requests, node: NodeUse): number {
  const { cpuUsed_m, memoryUsed_bytes, cpu_m, memory_bytes } = node;
  const before = balance(cpuUsed_m / cpu_m, memoryUsed_bytes / memory_bytes);
  const after = balance(
    (cpuUsed_m + pod.cpu_m) / cpu_m,
    (memoryUsed_bytes + pod.memory_bytes) / memory_bytes,
  );
  return HALF_SCORE + Math.trunc((HALF_SCORE + after - before) / 2);
}

/** 100 when CPU and memory are used to the same share; 50 at the least. */
function balance(cpu: number, memory: number): number {
  return Math.trunc((1 - Math.abs(Math.min(1, cpu) - Math.min(1, memory)) / 2) * MAX_NODE_SCORE);
}

/**
 * ImageLocality of a node that has the pod's image: its size, times the share of all nodes of the
 * cluster that have it, so that pods do not gather where an image is.
 */
export function imageLocalityScore(
  size_bytes: number,
  nodesWithImage: number,
  nodes: number,
): number {
  const spread_bytes = Math.trunc(size_bytes * (nodesWithImage / nodes));
  const within_bytes = Math.min(IMAGE_MAX_bytes, Math.max(IMAGE_MIN_bytes, spread_bytes));
  const share = (MAX_NODE_SCORE * (within_bytes - IMAGE_MIN_bytes)) / IMAGE_RANGE_bytes;
  return Math.trunc(share);
}

/**
 * PodTopologySpread by hostname: fewer pods of the same owner are better. Turns the counts of all
 * feasible nodes into scores, in place.
 */
export function spreadingScores(scores: number[]): number[] {
  const weight = Math.log(scores.length + 2);
  let max = 0;
  let min = Number.POSITIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) {
    const score = Math.round(scores[i] * weight + (HOSTNAME_MAX_SKEW - 1));
    if (score > max) max = score;
    if (score < min) min = score;
    scores[i] = score;
  }
  for (let i = 0; i < scores.length; i++) {
    scores[i] = Math.trunc((MAX_NODE_SCORE * (max + min - scores[i])) / max);
  }
  return scores;
}
