/**
 * Parameters: their declarations, the values that `--set` gives, and the `${name}` that stand for
 * them. A text that is nothing but `${name}` takes the parameter's type; within a longer text the
 * value is inserted; `$${` is a literal `${`.
 */
import { isAbsolute, join } from 'node:path';
import { nearestName } from './nearest.ts';
import { type Problem, problemAt } from './problems.ts';
import {
  type ParameterDeclaration,
  type ParameterType,
  parameterSchema,
} from './schema/parameters.ts';
import {
  childOf,
  describeNode,
  type MapNode,
  mapScalars,
  type Node,
  type Path,
  type Place,
  placeAt,
  type ScalarNode,
  sourceFile,
  toValue,
} from './tree.ts';
import { BYTES, DURATION, type Parsed, POWER, type Quantity, RATE, RATIO } from './units.ts';

export type ParameterValue = string | number | boolean;

export interface Parameters {
  /** Values by name; undefined for one that has none, which is reported. */
  readonly values: ReadonlyMap<string, ParameterValue | undefined>;
  /** Names of those that are paths, already relative to the working folder. */
  readonly paths: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

const QUANTITIES: Partial<Record<ParameterType, Quantity>> = {
  duration: DURATION,
  bytes: BYTES,
  rate: RATE,
  power: POWER,
  ratio: RATIO,
};

/** A value from the command line, and the option that gave it. */
export interface Given {
  readonly text: string;
  readonly option: '--set' | '--sweep';
}

/** Names of the parameters that a tree declares. */
export function declaredNames(tree: Node): string[] {
  const section = childOf(tree, 'parameters');
  return section?.type === 'map' ? [...section.entries.keys()] : [];
}

/** Reads the declarations and the values given for them. */
export function readParameters(tree: MapNode, given: ReadonlyMap<string, Given>): Parameters {
  const names = declaredNames(tree);
  const values = new Map<string, ParameterValue | undefined>();
  const paths = new Set<string>();
  const problems: Problem[] = [];
  for (const name of names) {
    const node = childOf(childOf(tree, 'parameters'), name)!;
    const parsed = parameterSchema.safeParse(toValue(node));
    // Mistakes in the form of a declaration are found again, and reported, by the schema.
    if (!parsed.success) {
      values.set(name, undefined);
      continue;
    }
    const type = typeOf(parsed.data);
    if (type === 'path') paths.add(name);
    const place = placeAt(tree, ['parameters', name], 'key');
    values.set(
      name,
      resolveOne(
        { name, type, node, place, given: given.get(name), declared: parsed.data },
        problems,
      ),
    );
  }
  for (const [name, one] of given) {
    if (!names.includes(name)) problems.push(unknownSet(name, one, names));
  }
  return { values, paths, problems };
}

function unknownSet(name: string, given: Given, names: readonly string[]): Problem {
  const nearest = nearestName(name, names);
  return problemAt(
    'SCENARIO_UNKNOWN_PARAMETER',
    givenPlace(name, given),
    [],
    `no parameter ${name}`,
    {
      expected:
        names.length === 0 ? 'no parameters: none is declared' : `one of ${names.join(', ')}`,
      found: name,
      nearest,
    },
  );
}

/** The command line as a file of one line, so that problems can point into it. */
function givenPlace(name: string, { text: value, option }: Given): Place {
  const text = `${name}=${value}`;
  return { file: sourceFile(option, '.', text), start: 0, end: text.length };
}

function typeOf({ type, default: usual }: ParameterDeclaration): ParameterType {
  if (type !== undefined) return type;
  if (typeof usual === 'number') return 'number';
  return typeof usual === 'boolean' ? 'boolean' : 'string';
}

interface Declared {
  readonly name: string;
  readonly type: ParameterType;
  readonly node: Node;
  readonly place: Place;
  readonly given: Given | undefined;
  readonly declared: ParameterDeclaration;
}

function resolveOne(parameter: Declared, problems: Problem[]): ParameterValue | undefined {
  const { name, type, place, given, declared } = parameter;
  const path = ['parameters', name];
  if (given !== undefined) {
    const checked = check(parameter, fromText(type, given.text));
    if (checked.ok) return checked.value;
    const message = `${given.option} ${name}: not a legal value`;
    problems.push(bad(givenPlace(name, given), path, message, checked, JSON.stringify(given.text)));
    return undefined;
  }
  if (declared.default === undefined) {
    problems.push(
      problemAt('SCENARIO_PARAMETER_REQUIRED', place, path, `parameter ${name} has no value`, {
        expected: declared.required ? `a ${type} by --set` : 'a default, or required: true',
        hint: `give it with --set ${name}=VALUE`,
      }),
    );
    return undefined;
  }
  const checked = check(parameter, declared.default);
  const usual = childOf(parameter.node, 'default');
  if (!checked.ok) {
    const at = usual?.place ?? place;
    problems.push(
      bad(at, [...path, 'default'], 'not a legal default', checked, describeNode(usual)),
    );
    return undefined;
  }
  // A default is relative to the file that declares it, a value of --set to the working folder.
  return type === 'path' ? relativeTo(place, String(checked.value)) : checked.value;
}

const relativeTo = (place: Place, path: string): string =>
  isAbsolute(path) ? path : join(place.file.folder, path);

function bad(
  place: Place,
  path: Path,
  message: string,
  checked: Parsed<ParameterValue> & { ok: false },
  found: string,
): Problem {
  const { expected, hint } = checked;
  return problemAt('SCENARIO_BAD_PARAMETER', place, path, message, { expected, hint, found });
}

/** The value that a text on the command line stands for. */
function fromText(type: ParameterType, text: string): ParameterValue {
  if (type === 'number' || type === 'integer') {
    return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text.trim()) ? Number(text) : text;
  }
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

const TYPE_EXPECTED: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  path: 'a path',
};

function check({ type, declared }: Declared, value: ParameterValue): Parsed<ParameterValue> {
  const quantity = QUANTITIES[type];
  if (quantity !== undefined) {
    const parsed = quantity.parse(value);
    if (!parsed.ok) return parsed;
  } else if (!hasType(type, value)) {
    return { ok: false, expected: TYPE_EXPECTED[type] };
  }
  const { min, max, choices } = declared;
  if (typeof value === 'number' && min !== undefined && value < min) {
    return { ok: false, expected: `at least ${min}` };
  }
  if (typeof value === 'number' && max !== undefined && value > max) {
    return { ok: false, expected: `at most ${max}` };
  }
  if (choices !== undefined && !choices.includes(value)) {
    const nearest = nearestName(String(value), choices.map(String));
    const hint = nearest && `did you mean ${nearest}?`;
    return { ok: false, expected: `one of ${choices.join(', ')}`, hint };
  }
  return { ok: true, value };
}

function hasType(type: ParameterType, value: ParameterValue): boolean {
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string' && value.length <= 4_096 && (type !== 'path' || value !== '');
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;
const ONLY_REFERENCE = /^\$\{([^}]*)\}$/;

/** The tree with every `${name}` replaced, except in the declarations themselves. */
export function substitute(
  tree: MapNode,
  { values, paths }: Parameters,
  problems: Problem[],
): MapNode {
  const replace = (scalar: ScalarNode, path: Path): ScalarNode => {
    if (typeof scalar.value !== 'string' || !scalar.value.includes('${')) return scalar;
    if (path[0] === 'parameters') return scalar;
    let unknown = false;
    const lookUp = (name: string): ParameterValue => {
      const value = values.get(name);
      if (!values.has(name))
        problems.push(unknownReference(scalar, path, name, [...values.keys()]));
      if (value === undefined) unknown = true;
      return value ?? '';
    };
    const only = ONLY_REFERENCE.exec(scalar.value);
    const value =
      only !== null
        ? lookUp(only[1])
        : scalar.value.replace(REFERENCE, (all, name) =>
            all === '$${' ? '${' : String(lookUp(name)),
          );
    const first = /^\$\{([^}]*)\}/.exec(scalar.value)?.[1];
    const resolvedPath = first !== undefined && paths.has(first);
    if (unknown) return { type: 'scalar', value: null, place: scalar.place, unknown };
    return { type: 'scalar', value, place: scalar.place, resolvedPath };
  };
  return mapScalars(tree, replace) as MapNode;
}

function unknownReference(
  { place }: ScalarNode,
  path: Path,
  name: string,
  names: readonly string[],
): Problem {
  const nearest = nearestName(name, names);
  return problemAt('SCENARIO_UNKNOWN_PARAMETER', place, path, `no parameter ${name.slice(0, 60)}`, {
    expected: names.length === 0 ? 'no parameters: none is declared' : `one of ${names.join(', ')}`,
    found: `\${${name.slice(0, 60)}}`,
    nearest,
    hint: nearest && `did you mean \${${nearest}}?`,
  });
}

/** Parameters with values, for the recording. */
export function knownValues(parameters: Parameters): Readonly<Record<string, ParameterValue>> {
  const known: Record<string, ParameterValue> = {};
  for (const [name, value] of parameters.values) if (value !== undefined) known[name] = value;
  return known;
}
