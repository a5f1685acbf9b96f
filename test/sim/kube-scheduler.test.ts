/**
 * kube-scheduler's own decisions against the simulated ones.
 *
 * kube-scheduler.jsonl was recorded with kube-scheduler 1.37.2 by lab/kubernetes/record-scheduler.ts:
 * random nodes (API objects without kubelets) with pods of two replica sets on them, and one more pod.
 * One case a line: what there was, the score of each plugin for each node that passed the filters
 * (after normalising, times the plugin's weight), and the node that was chosen. Ties are broken by
 * chance: the simulated scheduler must give the chosen node the highest score, not choose it.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { feasibleNodesToFind } from '../../sim/caas/scheduler.ts';
import {
  balancedAllocationScore,
  imageLocalityScore,
  leastAllocatedScore,
  spreadingScores,
} from '../../sim/caas/scores.ts';

interface RecordedPod {
  readonly owner: string;
  readonly image: string;
  readonly cpu_m: number;
  readonly memory_bytes: number;
  readonly node?: string;
}

interface RecordedNode {
  readonly name: string;
  readonly cpu_m: number;
  readonly memory_bytes: number;
  readonly pods_max: number;
  readonly isCordoned: boolean;
  readonly images: readonly { readonly name: string; readonly size_bytes: number }[];
}

interface RecordedCase {
  readonly nodes: readonly RecordedNode[];
  readonly pods: readonly RecordedPod[];
  readonly pod: RecordedPod;
  readonly chosen?: string;
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const CASES: readonly RecordedCase[] = readFileSync(
  new URL('kube-scheduler.jsonl', import.meta.url),
  'utf8',
)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line));

const SCORED = CASES.filter(({ scores }) => Object.keys(scores).length > 0);

/** What is used on a node, with the pod that asks when it is placed there. */
function usedOn({ pods, pod }: RecordedCase, node: RecordedNode) {
  const there = [...pods.filter((each) => each.node === node.name), pod];
  const sum = (of: (pod: RecordedPod) => number) => there.reduce((n, each) => n + of(each), 0);
  return {
    pods: there.length,
    cpu_m: sum((p) => p.cpu_m),
    memory_bytes: sum((p) => p.memory_bytes),
  };
}

/** The filters of the simulated scheduler: ready, not cordoned, and room for pods, CPU and memory. */
function feasible(one: RecordedCase): readonly RecordedNode[] {
  return one.nodes.filter((node) => {
    const used = usedOn(one, node);
    const hasRoom = used.cpu_m <= node.cpu_m && used.memory_bytes <= node.memory_bytes;
    return !node.isCordoned && used.pods <= node.pods_max && hasRoom;
  });
}

/** Every node's score by each plugin, times its weight; the order is that of `nodes`. */
function simulated(one: RecordedCase, nodes: readonly RecordedNode[]) {
  const ofOwner = nodes.map(
    ({ name }) =>
      one.pods.filter(({ node, owner }) => node === name && owner === one.pod.owner).length,
  );
  return {
    NodeResourcesFit: nodes.map((node) => {
      const { cpu_m, memory_bytes } = usedOn(one, node);
      return leastAllocatedScore(cpu_m, node.cpu_m, memory_bytes, node.memory_bytes);
    }),
    NodeResourcesBalancedAllocation: nodes.map((node) => {
      const used = usedOn(one, node);
      const cpuUsed_m = used.cpu_m - one.pod.cpu_m;
      const memoryUsed_bytes = used.memory_bytes - one.pod.memory_bytes;
      return balancedAllocationScore(one.pod, { ...node, cpuUsed_m, memoryUsed_bytes });
    }),
    ImageLocality: nodes.map((node) => {
      const image = imageOn(node, one.pod.image);
      const having = one.nodes.filter((each) => imageOn(each, one.pod.image)).length;
      return image
        ? imageLocalityScore(image.size_bytes, having, one.nodes.length + OTHER_NODES)
        : 0;
    }),
    PodTopologySpread: spreadingScores(ofOwner).map((score) => 2 * score),
  };
}

/** The lab's own node was there as well; it has none of the images, and was kept out of the choice. */
const OTHER_NODES = 1;

const imageOn = ({ images }: RecordedNode, image: string) =>
  images.find(({ name }) => name === image);

const PLUGINS = [
  'NodeResourcesFit',
  'NodeResourcesBalancedAllocation',
  'ImageLocality',
  'PodTopologySpread',
] as const;

describe('the simulated kube-scheduler decides as the real one', () => {
  it('over enough decisions of every sort', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(200);
    expect(SCORED.length).toBeGreaterThanOrEqual(100);
    expect(CASES.filter(({ chosen }) => chosen === undefined).length).toBeGreaterThanOrEqual(10);
  });

  it('filters the same nodes', () => {
    for (const one of CASES) {
      const names = feasible(one).map(({ name }) => name);
      const recorded = Object.keys(one.scores);
      if (recorded.length > 0) expect(recorded.sort()).toEqual([...names].sort());
      else expect(names).toEqual(one.chosen === undefined ? [] : [one.chosen]);
    }
  });

  it('looks at every node of a small cluster', () => {
    for (const { nodes } of CASES) expect(feasibleNodesToFind(nodes.length)).toBe(nodes.length);
  });

  it.each(PLUGINS)('scores by %s as it does', (plugin) => {
    for (const one of SCORED) {
      const nodes = feasible(one);
      const recorded = nodes.map(({ name }) => one.scores[name][plugin]);
      expect(simulated(one, nodes)[plugin], JSON.stringify(one)).toEqual(recorded);
    }
  });

  it('takes a node of the highest score', () => {
    for (const one of SCORED) {
      const nodes = feasible(one);
      const plugins = Object.values(simulated(one, nodes));
      const totals = nodes.map(({ name }, at) => {
        // Taints of one's own are not simulated; all nodes score the same.
        const rest = one.scores[name].TaintToleration;
        return plugins.reduce((sum, scores) => sum + scores[at], rest);
      });
      const chosen = nodes.findIndex(({ name }) => name === one.chosen);
      expect(totals[chosen], JSON.stringify(one)).toBe(Math.max(...totals));
    }
  });
});
