/** Kinds, states and events that objectives and operations name must be those of the model. */
import { furtherVerbs } from '../../model/driver-verbs.ts';
import { firstVerbs } from '../../model/first-verbs.ts';
import { KINDS } from '../../model/index.ts';
import type { KindDefinition, StateConfig } from '../../model/kind.ts';
import { OPERATIONS } from '../../model/operations.ts';
import {
  CLUSTER_UTILISATIONS,
  type Objective,
  type Operation,
  type Stack,
} from '../../model/scenario.ts';
import { nearestName } from '../nearest.ts';
import type { Path } from '../tree.ts';
import { check, type Report } from './check.ts';

type UtilisationObjective = Extract<Objective, { measure: 'utilisation' }>;

const KIND_NAMES = KINDS.map((k) => k.kind);

/** The kind of `KIND/NAME`; reports one that does not exist. */
function kindOf(of: string, path: Path, report: Report): KindDefinition | undefined {
  const name = of.slice(0, of.indexOf('/'));
  const kind = KINDS.find((k) => k.kind === name);
  if (kind !== undefined) return kind;
  const nearest = nearestName(name, KIND_NAMES);
  report('SCENARIO_UNKNOWN_NAME', path, `there is no kind ${name}`, {
    expected: 'KIND/NAME with a kind of the model, such as server, deployment or pg',
    nearest,
  });
  return undefined;
}

/** Leaves of every configuration below a state, by their paths; regions of the top have no name. */
function configurations(state: StateConfig, path: readonly string[]): string[][] {
  const children = Object.entries(state.states ?? {});
  if (children.length === 0) return [[path.join('.')]];
  const isTop = path.length === 0;
  if (state.type !== 'parallel') {
    return children.flatMap(([key, child]) => configurations(child, [...path, key]));
  }
  let combined: string[][] = [[]];
  for (const [key, region] of children) {
    const options = isTop ? regionOptions(region) : configurations(region, [...path, key]);
    combined = combined.flatMap((prefix) => options.map((option) => [...prefix, ...option]));
  }
  return combined;
}

const regionOptions = (region: StateConfig): string[][] =>
  Object.entries(region.states ?? {}).flatMap(([key, child]) => configurations(child, [key]));

/** Everything that a pattern may mean: whole states, their parts, and leading steps of these. */
function statePatterns({ machine }: KindDefinition): ReadonlySet<string> {
  const patterns = new Set<string>();
  for (const leaves of configurations(machine, [])) {
    const state = leaves.join('+');
    for (const part of [state, ...state.split('+')]) {
      patterns.add(part);
      for (let i = part.indexOf('.'); i >= 0; i = part.indexOf('.', i + 1)) {
        patterns.add(part.slice(0, i));
      }
    }
  }
  return patterns;
}

function checkState(kind: KindDefinition, state: string, path: Path, report: Report): void {
  const patterns = statePatterns(kind);
  if (patterns.has(state)) return;
  // Short patterns first: they are what people write.
  const names = [...patterns].sort((a, b) => a.length - b.length);
  const nearest = nearestName(state, names);
  report('SCENARIO_UNKNOWN_NAME', path, `${kind.kind} has no state ${state}`, {
    expected: `one of ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}`,
    nearest,
  });
}

/** An event of the machine leads to a state; a verb of a driver leaves the entity where it is. */
function checkRequest(kind: KindDefinition, operation: Operation, at: Path, report: Report): void {
  const { do: wanted, until } = operation;
  const isEvent = OPERATIONS[kind.kind]?.includes(wanted) ?? false;
  const further = [...furtherVerbs(kind.kind), ...firstVerbs(kind)];
  if (!isEvent && !further.includes(wanted)) {
    reportUnknown(kind.kind, wanted, further, [...at, 'do'], report);
  } else if (isEvent && until === undefined) {
    const message = `until is missing: ${wanted} of ${kind.kind} leads to a state`;
    report('SCENARIO_MISSING_KEY', [...at, 'do'], message, { expected: 'until: STATE' });
  } else if (!isEvent && until !== undefined) {
    report('SCENARIO_CONTRADICTION', [...at, 'until'], `${wanted} leads to no state`, {
      expected: 'no until: it ends when a driver has carried it out',
    });
  }
  if (isEvent && until !== undefined) checkState(kind, until, [...at, 'until'], report);
}

function reportUnknown(
  kind: string,
  wanted: string,
  further: readonly string[],
  path: Path,
  report: Report,
): void {
  const asked = [...new Set([...(OPERATIONS[kind] ?? []), ...further])];
  report('SCENARIO_UNKNOWN_NAME', path, `${kind} cannot be asked to ${wanted}`, {
    expected:
      asked.length === 0
        ? `an entity of another kind: nothing can be asked of a ${kind}`
        : `one of ${asked.join(', ')}`,
    nearest: nearestName(wanted, asked),
  });
}

/** The section of the stack without which there is nothing of a resource; power needs none. */
const SECTION_OF: Readonly<Partial<Record<UtilisationObjective['of'], keyof Stack>>> = {
  vcpus: 'openstack',
  memory: 'openstack',
  local_disk: 'openstack',
  storage: 'ceph',
  cpu_requests: 'kubernetes',
  memory_requests: 'kubernetes',
  pods: 'kubernetes',
};

function checkResource(
  of: UtilisationObjective['of'],
  stack: Stack,
  path: Path,
  report: Report,
): void {
  const section = SECTION_OF[of];
  if (section === undefined) return;
  const part = stack[section];
  if (part !== undefined && !(Array.isArray(part) && part.length === 0)) return;
  report('SCENARIO_MISSING_SECTION', [...path, 'of'], `there is no ${of} in this scenario`, {
    expected: `the section stack.${section}`,
  });
}

/** Only what a cluster has can be asked of one. */
function checkCluster(objective: UtilisationObjective, path: Path, report: Report): void {
  const { of, cluster } = objective;
  if (cluster === undefined || CLUSTER_UTILISATIONS.some((each) => each === of)) return;
  const message = `${of} is no resource of a Kubernetes cluster, but of the whole site`;
  report('SCENARIO_CONTRADICTION', [...path, 'cluster'], message, {
    expected: `no cluster, or one of ${CLUSTER_UTILISATIONS.join(', ')} under of`,
  });
}

const objectives = check(['objectives', 'stack'], (sections, report) => {
  for (const objective of sections.objectives) {
    const path = ['objectives', objective.name];
    if (objective.measure === 'utilisation') {
      checkCluster(objective, path, report);
      checkResource(objective.of, sections.stack, path, report);
      continue;
    }
    const kind = kindOf(objective.of, [...path, 'of'], report);
    if (kind === undefined) continue;
    if (objective.measure === 'latency') {
      checkState(kind, objective.from, [...path, 'from'], report);
      checkState(kind, objective.to, [...path, 'to'], report);
    }
    if (objective.measure === 'count') {
      checkState(kind, objective.state, [...path, 'state'], report);
    }
  }
});

const operations = check(['workload'], ({ workload }, report) => {
  for (const [i, operation] of workload.operations.entries()) {
    const path = ['workload', 'operations', i];
    const kind = kindOf(operation.entity, [...path, 'entity'], report);
    if (kind === undefined) continue;
    checkRequest(kind, operation, path, report);
  }
});

export const modelChecks = [objectives, operations];
