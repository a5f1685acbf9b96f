/**
 * Values replaced by their path, for sweeps: `site.racks[0].machines.compute=4`. They work on the
 * written form, before parameters are filled in, and are checked like any other value.
 */
import { nearestName } from './nearest.ts';
import { declaredNames } from './parameters.ts';
import { type Problem, problemAt } from './problems.ts';
import { SECTION_NAMES } from './schema.ts';
import { childOf, type MapNode, type Node, type Path, type Place, sourceFile } from './tree.ts';
import { parseYaml } from './yaml.ts';

const SECTIONS: ReadonlySet<string> = new Set(SECTION_NAMES);

export interface Overridden {
  readonly tree: MapNode;
  readonly problems: readonly Problem[];
}

/**
 * Replaces values in a tree; each value is YAML (`4`, `512GiB`, `{ exponential: 5m }`). Problems name
 * `--sweep`, which gives them.
 */
export function applyOverrides(
  tree: MapNode,
  overrides: Readonly<Record<string, string>>,
): Overridden {
  const problems: Problem[] = [];
  let result: MapNode = tree;
  for (const [text, value] of Object.entries(overrides)) {
    const file = sourceFile(`--sweep ${text}`, '.', value);
    const parsed = parseYaml(file);
    problems.push(...parsed.problems);
    const path = resolvePath(result, text, { file, start: 0, end: value.length }, problems);
    if (path === undefined || parsed.tree === undefined) continue;
    result = replaced(result, path, parsed.tree) as MapNode;
  }
  return { tree: result, problems };
}

/**
 * The steps of a written path. Keys may hold dots (`m1.small`), so at each mapping the longest key
 * that fits is taken; a key that does not exist yet may only be the last step.
 */
function resolvePath(
  tree: Node,
  text: string,
  place: Place,
  problems: Problem[],
): Path | undefined {
  const path: (string | number)[] = [];
  let node: Node | undefined = tree;
  let rest = text;
  while (rest !== '') {
    const step = nextStep(rest, node);
    if (step === undefined) return badPath(text, path, place, problems, undefined);
    const [key, length] = step;
    rest = rest.slice(length);
    const child = childOf(node, key);
    const isName = path.length > 0 || SECTIONS.has(String(key));
    const creates = typeof key === 'string' && isName && rest === '';
    if (child === undefined && !(creates && node?.type === 'map')) {
      const names = node?.type === 'map' ? [...node.entries.keys()] : [];
      if (path.length === 0) names.push(...SECTIONS, ...declaredNames(tree));
      return badPath(text, [...path, key], place, problems, nearestName(String(key), names));
    }
    path.push(key);
    node = child;
  }
  return path.length === 0 ? badPath(text, path, place, problems, undefined) : path;
}

/** The first step of a path and how many characters it takes, with the dot that follows. */
function nextStep(
  rest: string,
  node: Node | undefined,
): readonly [string | number, number] | undefined {
  const index = /^\[(\d{1,7})\]\.?/.exec(rest);
  if (index !== null) return [Number(index[1]), index[0].length];
  const quoted = /^\["([^"]{1,63})"\]\.?/.exec(rest);
  if (quoted !== null) return [quoted[1], quoted[0].length];
  const keys = node?.type === 'map' ? [...node.entries.keys()] : [];
  const fitting = keys
    .filter((k) => rest.startsWith(k) && /^(\.|\[|$)/.test(rest.slice(k.length)))
    .sort((a, b) => b.length - a.length)[0];
  const key = fitting ?? /^[A-Za-z][A-Za-z0-9_-]{0,62}/.exec(rest)?.[0];
  if (key === undefined) return undefined;
  const dot = rest[key.length] === '.' ? 1 : 0;
  return [key, key.length + dot];
}

function badPath(
  text: string,
  path: Path,
  place: Place,
  problems: Problem[],
  nearest: string | undefined,
): undefined {
  problems.push(
    problemAt('SCENARIO_BAD_OVERRIDE', place, path, `${text} leads to nothing in the scenario`, {
      expected: 'a declared parameter, or a path such as site.racks[0].machines.compute',
      nearest,
    }),
  );
  return undefined;
}

function replaced(node: Node | undefined, path: Path, value: Node): Node {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (node?.type === 'list') {
    return {
      ...node,
      items: node.items.map((x, i) => (i === step ? replaced(x, rest, value) : x)),
    };
  }
  const entries = node?.type === 'map' ? new Map(node.entries) : new Map();
  const key = entries.get(String(step))?.key ?? value.place;
  entries.set(String(step), { key, value: replaced(childOf(node, step), rest, value) });
  return { type: 'map', entries, place: node?.place ?? value.place };
}
