import type { Stream } from '../../engine/random.ts';

export interface CaseNode {
  readonly name: string;
  readonly cpu_m: number;
  readonly memory_bytes: number;
  readonly pods_max: number;
  readonly isCordoned: boolean;
  readonly images: readonly { readonly name: string; readonly size_bytes: number }[];
}

export interface CasePod {
  readonly name: string;
  /** Its replica set. */
  readonly owner: string;
  readonly image: string;
  readonly cpu_m: number;
  readonly memory_bytes: number;
  /** Where it runs already. */
  readonly node?: string;
}

/** Nodes with pods on them, and a pod that is to be placed. */
export interface SchedulerCase {
  readonly nodes: readonly CaseNode[];
  readonly pods: readonly CasePod[];
  readonly pod: CasePod;
}

const MI = 2 ** 20;
const IMAGES = [
  { name: 'registry.example/small:1', size_bytes: 20 * MI },
  { name: 'registry.example/medium:1', size_bytes: 300 * MI },
  { name: 'registry.example/large:1', size_bytes: 1500 * MI },
] as const;

/** A case that differs in whatever the scheduler looks at; some have no room at all. */
export function randomCase(random: Stream, index: number): SchedulerCase {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)];
  const owners = [`set-${index}-a`, `set-${index}-b`];
  const pod = (name: string, node?: string): CasePod => ({
    name,
    owner: pick(owners),
    image: pick(IMAGES).name,
    cpu_m: 50 * (1 + random.below(20)),
    memory_bytes: 32 * MI * (1 + random.below(24)),
    ...(node && { node }),
  });
  const nodes = Array.from({ length: 2 + random.below(5) }, (_, i) => ({
    name: `node-${index}-${i}`,
    cpu_m: 500 * (1 + random.below(8)),
    memory_bytes: 256 * MI * (1 + random.below(12)),
    pods_max: 2 + random.below(8),
    isCordoned: random.below(8) === 0,
    images: IMAGES.filter(() => random.below(3) === 0),
  }));
  const pods: CasePod[] = [];
  for (const node of nodes) {
    let [cpu_m, memory_bytes] = [node.cpu_m, node.memory_bytes];
    for (let i = random.below(4); i > 0 && pods.length < 40; i--) {
      const one = pod(`there-${index}-${pods.length}`, node.name);
      cpu_m -= one.cpu_m;
      memory_bytes -= one.memory_bytes;
      if (cpu_m >= 0 && memory_bytes >= 0) pods.push(one);
    }
  }
  return { nodes, pods, pod: pod(`asks-${index}`) };
}
