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
import {
  balancedAllocationScore,
  feasibleNodesToFind,
  leastAllocatedScore,
  spreadingScores,
} from '../../sim/caas/scheduler.ts';

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

/**
 * Every node's score by the plugins whose arithmetic the simulated scheduler exports; the order is that
 * of `nodes`.
 */
function simulated(one: RecordedCase, nodes: readonly RecordedNode[]) {
  const resources = (
    score: (cpu: number, cpuMax: number, memory: number, memoryMax: number) => number,
  ) =>
    nodes.map((node) => {
      const { cpu_m, memory_bytes } = usedOn(one, node);
      return score(cpu_m, node.cpu_m, memory_bytes, node.memory_bytes);
    });
  const ofOwner = nodes.map(
    ({ name }) =>
      one.pods.filter(({ node, owner }) => node === name && owner === one.pod.owner).length,
  );
  return {
    NodeResourcesFit: resources(leastAllocatedScore),
    NodeResourcesBalancedAllocation: nodes.map((node) => improvement(one, node)),
    PodTopologySpread: spreadingScores(ofOwner).map((score) => 2 * score),
  };
}

/**
 * Until 1.35 kube-scheduler scored the balance that a node has with the pod, and the simulated one
 * does so. From 1.36 on it scores what the pod changes, from the same balances (`balancedResourceScorer`
 * in pkg/scheduler/framework/plugins/noderesources).
 */
function improvement(one: RecordedCase, node: RecordedNode): number {
  const balance = (cpu_m: number, memory_bytes: number) =>
    balancedAllocationScore(cpu_m, node.cpu_m, memory_bytes, node.memory_bytes);
  const used = usedOn(one, node);
  const after = balance(used.cpu_m, used.memory_bytes);
  const before = balance(used.cpu_m - one.pod.cpu_m, used.memory_bytes - one.pod.memory_bytes);
  return 50 + Math.trunc((50 + after - before) / 2);
}

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

  it.each(['NodeResourcesFit', 'NodeResourcesBalancedAllocation', 'PodTopologySpread'] as const)(
    'scores by %s as it does',
    (plugin) => {
      for (const one of SCORED) {
        const nodes = feasible(one);
        const recorded = nodes.map(({ name }) => one.scores[name][plugin]);
        expect(simulated(one, nodes)[plugin], JSON.stringify(one)).toEqual(recorded);
      }
    },
  );

  it('takes a node of the highest score', () => {
    for (const one of SCORED) {
      const nodes = feasible(one);
      const plugins = Object.values(simulated(one, nodes));
      const totals = nodes.map(({ name }, at) => {
        const rest = one.scores[name].ImageLocality + one.scores[name].TaintToleration;
        return plugins.reduce((sum, scores) => sum + scores[at], rest);
      });
      const chosen = nodes.findIndex(({ name }) => name === one.chosen);
      expect(totals[chosen], JSON.stringify(one)).toBe(Math.max(...totals));
    }
  });
});
