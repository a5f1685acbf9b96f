/**
 * Names that refer to other parts of a scenario, as one table. It is checked on the written form, so
 * that names are checked even while other parts of the scenario are still wrong.
 */
import { nearestName } from './nearest.ts';
import { type Problem, problemAt } from './problems.ts';
import { BUILT_IN_PROFILES } from './schema/profiles.ts';
import { childOf, type Node, nodeAt, type Path, type Place } from './tree.ts';

interface Reference {
  /** Path of the name: `*` is any key, `[]` any item, a final `{}` the keys of a mapping. */
  readonly from: string;
  /** Path of the mapping that defines it; `$1` is what the first `*` stood for. */
  readonly to: string;
  /** What is named, in the singular. */
  readonly what: string;
  /** Names that exist without being defined. */
  readonly builtIn?: readonly string[];
  /** Not checked unless the defining mapping is there. */
  readonly optional?: true;
}

const machineFlavors = (...paths: string[]): Reference[] =>
  paths.map((from) => ({ from, to: 'site.flavors', what: 'machine flavor' }));

const inOpenStack = (parent: string, ...keys: string[]): Reference[] =>
  keys.map((key) => ({
    from: `${parent}.${key}`,
    to: `stack.openstack.${key}s`,
    what: key === 'flavor' ? 'server flavor' : key,
  }));

const images = (kind: string): Reference => ({
  from: `stack.kubernetes.*.${kind}.*.image`,
  to: 'stack.containers.images',
  what: 'container image',
  optional: true,
});

const REFERENCES: readonly Reference[] = [
  ...machineFlavors(
    'site.racks[].machines{}',
    'stack.hypervisor.on[]',
    'stack.ovn.chassis[]',
    'stack.ovn.gateways[]',
    'stack.ceph.mons.on[]',
    'stack.ceph.mgrs.on[]',
    'stack.ceph.osds.on[]',
    'stack.ceph.mds.on[]',
    'stack.ceph.rgw.on[]',
    'stack.openstack.control[]',
    'stack.openstack.compute[]',
    'stack.containers.on[]',
    'stack.kubernetes.*.nodes.on[]',
    'maintenance[].on[]',
  ),
  { from: 'stack.ceph.pools.*.rule', to: 'stack.ceph.rules', what: 'CRUSH rule' },
  { from: 'stack.openstack.volume_pool', to: 'stack.ceph.pools', what: 'Ceph pool' },
  ...inOpenStack('stack.kubernetes.*.nodes', 'project', 'flavor', 'image', 'network'),
  ...inOpenStack('stack.juju.*.on', 'project', 'flavor', 'image', 'network'),
  ...inOpenStack('workload.servers.*', 'project', 'image', 'network'),
  { from: 'workload.servers.*.flavors{}', to: 'stack.openstack.flavors', what: 'server flavor' },
  { from: 'workload.trace.project', to: 'stack.openstack.projects', what: 'project' },
  { from: 'stack.juju.*.on.cluster', to: 'stack.kubernetes', what: 'Kubernetes cluster' },
  { from: 'objectives.*.cluster', to: 'stack.kubernetes', what: 'Kubernetes cluster' },
  {
    from: 'stack.juju.*.relations[][]',
    to: 'stack.juju.$1.applications',
    what: 'application of the model',
  },
  images('deployments'),
  images('stateful_sets'),
  images('daemon_sets'),
  images('jobs'),
  { from: 'profile', to: 'profiles', what: 'profile', builtIn: BUILT_IN_PROFILES },
  { from: 'profiles.*.extends', to: 'profiles', what: 'profile', builtIn: BUILT_IN_PROFILES },
];

/** Problems of all names that are defined nowhere. */
export function checkReferences(tree: Node): readonly Problem[] {
  return REFERENCES.flatMap((reference) => {
    const steps = reference.from.split(/\.|(?=\[\])|(?=\{\})/);
    const problems: Problem[] = [];
    visit(tree, steps, [], [], (use) => {
      const problem = checkUse(tree, reference, use);
      if (problem !== undefined) problems.push(problem);
    });
    return problems;
  });
}

interface Use {
  readonly name: string;
  readonly place: Place;
  readonly path: Path;
  readonly captures: readonly string[];
}

/** Calls back for every name that a pattern leads to. */
function visit(
  node: Node | undefined,
  steps: readonly string[],
  path: Path,
  captures: readonly string[],
  found: (use: Use) => void,
): void {
  if (node === undefined) return;
  const [step, ...rest] = steps;
  if (step === undefined) {
    if (node.type === 'scalar' && typeof node.value === 'string') {
      found({ name: node.value, place: node.place, path, captures });
    }
  } else if (step === '[]') {
    const items = node.type === 'list' ? node.items : [];
    for (const [i, item] of items.entries()) visit(item, rest, [...path, i], captures, found);
  } else if (node.type === 'map' && (step === '*' || step === '{}')) {
    for (const [key, entry] of node.entries) {
      const here = [...path, key];
      if (step === '{}') found({ name: key, place: entry.key, path: here, captures });
      else visit(entry.value, rest, here, [...captures, key], found);
    }
  } else {
    visit(childOf(node, step), rest, [...path, step], captures, found);
  }
}

function checkUse(tree: Node, reference: Reference, use: Use): Problem | undefined {
  const to = reference.to.split('.').map((s) => (s === '$1' ? use.captures[0] : s));
  const defined = nodeAt(tree, to);
  if (reference.builtIn?.includes(use.name)) return undefined;
  if (defined === undefined && reference.optional) return undefined;
  if (defined === undefined && reference.builtIn === undefined) {
    const missing = missingSection(tree, to);
    if (missing === 'unclear') return undefined;
    if (missing !== undefined) return missingSectionProblem(reference, use, missing);
  }
  // A section that is no mapping is reported by the schema.
  if (defined !== undefined && defined.type !== 'map') return undefined;
  const names = [...(defined?.entries.keys() ?? []), ...(reference.builtIn ?? [])];
  if (names.includes(use.name)) return undefined;
  const nearest = nearestName(use.name, names);
  const message = `there is no ${reference.what} ${use.name.slice(0, 80)}`;
  const list = names.length > 20 ? `${names.slice(0, 20).join(', ')}, ...` : names.join(', ');
  return problemAt('SCENARIO_UNKNOWN_NAME', use.place, use.path, message, {
    expected: names.length === 0 ? `a name under ${to.join('.')}` : `one of ${list}`,
    found: use.name.slice(0, 80),
    nearest,
  });
}

/**
 * The part of the stack that a definition would be in, when the scenario lacks it as a whole.
 * `unclear` when a part above it is of the wrong type, or is required and reported as missing.
 */
function missingSection(tree: Node, to: Path): string | undefined {
  if (to[0] === 'site') return 'unclear';
  for (let length = 1; length <= Math.min(2, to.length); length++) {
    const node = nodeAt(tree, to.slice(0, length));
    if (node === undefined) return to.slice(0, 2).join('.');
    if (node.type !== 'map') return 'unclear';
  }
  return undefined;
}

function missingSectionProblem(reference: Reference, use: Use, section: string): Problem {
  return problemAt(
    'SCENARIO_MISSING_SECTION',
    use.place,
    use.path,
    `the ${reference.what} ${use.name.slice(0, 80)} needs ${section}, which is not there`,
    { expected: `the section ${section}` },
  );
}
