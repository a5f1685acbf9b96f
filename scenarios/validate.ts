/** Holds a tree against the schema and turns what Zod finds into problems with places and names. */
import type { z } from 'zod';
import type { ProblemCode } from './codes.ts';
import { expectedOf, formWords, tagsIn } from './expected.ts';
import { nearestName } from './nearest.ts';
import { type Problem, type ProblemDetail, problemAt } from './problems.ts';
import type { IssueParams } from './schema/fields.ts';
import { SECTION_NAMES, type SectionName, type Sections, scenarioSchema } from './schema.ts';
import { keyChoicesOf, schemaAt, shapeOf } from './schema-walk.ts';
import {
  childOf,
  describeNode,
  type MapNode,
  type Node,
  nodeAt,
  type Path,
  placeAt,
  toValue,
} from './tree.ts';

type Issue = z.core.$ZodIssue;
type UnionIssue = z.core.$ZodIssueInvalidUnion;

export interface Validated {
  /** Sections without problems, resolved. */
  readonly sections: Sections;
  readonly problems: readonly Problem[];
}

/** Checks every section on its own, so that one mistake does not hide those of other sections. */
export function validateTree(tree: MapNode): Validated {
  const problems: Problem[] = [...unknownSections(tree)];
  const sections: Record<string, unknown> = {};
  for (const name of SECTION_NAMES) {
    const node = childOf(tree, name);
    const schema = scenarioSchema.shape[name];
    const result = schema.safeParse(node && toValue(node));
    if (result.success) sections[name] = result.data;
    else problems.push(...problemsIn(result.error, { tree, at: [name], schema }));
  }
  return { sections: sections as Sections, problems };
}

/** A part of a tree that is held against a schema. */
export interface Held {
  readonly tree: Node;
  /** Where the part is. */
  readonly at: Path;
  readonly schema: z.ZodType;
}

/** What Zod finds wrong with a part, as problems with places and names. */
export function problemsIn({ issues }: z.ZodError, held: Held): readonly Problem[] {
  return issues.flatMap(meantOf).flatMap((issue) => problemsOf(issue, held));
}

/** The schema of what is at a path from the top of the tree. */
function schemaOf({ tree, at, schema }: Held, path: Path): ReturnType<typeof schemaAt> {
  return schemaAt(schema, nodeAt(tree, at), path.slice(at.length));
}

/**
 * What is wrong with the one form of several that a value has: whoever writes `[a, 3]` where a number
 * or a list of names may be wants to hear about the 3. The issue itself when no form was meant.
 */
function meantOf(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter((form) => !form.some(isOtherForm));
  if (meant.length !== 1) return [issue];
  return meant[0].flatMap((each) => meantOf({ ...each, path: [...issue.path, ...each.path] }));
}

/**
 * Whether the value as a whole is of another type, or none of the choices. A number that is not whole
 * is a number still.
 */
function isOtherForm(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_union') return isOfNoForm(issue);
  return (
    issue.code === 'invalid_value' || (issue.code === 'invalid_type' && issue.expected !== 'int')
  );
}

const isOfNoForm = ({ errors }: UnionIssue): boolean =>
  errors.every((form) => form.some(isOtherForm));

function unknownSections(tree: MapNode): Problem[] {
  const unknown = [...tree.entries.keys()].filter((k) => !SECTION_NAMES.includes(k as SectionName));
  return unknown.map((key) => unknownKey(tree, [], key, SECTION_NAMES));
}

/** Problems of one issue; none when it stems from a value that is not known. */
function problemsOf(issue: Issue, held: Held): readonly Problem[] {
  const { tree } = held;
  const path = [...held.at, ...(issue.path as (string | number)[])];
  if (isUnknown(nodeAt(tree, path))) return [];
  if (issue.code === 'unrecognized_keys') {
    const schema = schemaOf(held, path);
    const valid = schema === undefined ? [] : [...Object.keys(shapeOf(schema))];
    const names = valid.length > 0 || schema === undefined ? valid : keyChoicesOf(schema);
    return issue.keys.map((key) => unknownKey(tree, path, key, names));
  }
  if (issue.code === 'invalid_key') return invalidKey(held, path);
  const node = nodeAt(tree, path);
  if (node === undefined) return [missingKey(held, path, issue)];
  const [code, message, detail] = describeIssue(issue, node, held, path);
  const found = describeNode(node);
  return [problemAt(code, placeAt(tree, path), path, message, { ...detail, found })];
}

/** Whether a value is that of a parameter without one, which is reported already. */
const isUnknown = (node: Node | undefined): boolean =>
  node?.type === 'scalar' && node.unknown === true;

function unknownKey(tree: Node, path: Path, key: string, valid: readonly string[]): Problem {
  const nearest = nearestName(key, valid);
  return problemAt(
    'SCENARIO_UNKNOWN_KEY',
    placeAt(tree, [...path, key], 'key'),
    [...path, key],
    `unknown key ${key}`,
    {
      expected: valid.length === 0 ? 'no keys' : `one of ${valid.join(', ')}`,
      found: key,
      nearest,
    },
  );
}

function invalidKey(held: Held, path: Path): readonly Problem[] {
  const key = String(path.at(-1));
  const schema = schemaOf(held, path.slice(0, -1));
  return [
    unknownKey(held.tree, path.slice(0, -1), key, schema === undefined ? [] : keyChoicesOf(schema)),
  ];
}

function missingKey(held: Held, path: Path, issue: Issue): Problem {
  const key = path.at(-1);
  const schema = schemaOf(held, path);
  const expected = expectedOf(issue, schema) ?? (schema && formWords(schema));
  const what = typeof key === 'number' ? `item ${key + 1}` : String(key);
  return problemAt(
    'SCENARIO_MISSING_KEY',
    placeAt(held.tree, path.slice(0, -1), 'key'),
    path,
    `${what} is missing`,
    { expected, found: 'nothing' },
  );
}

type Description = readonly [ProblemCode, string, ProblemDetail];

function describeIssue(issue: Issue, node: Node, held: Held, path: Path): Description {
  const expected = expectedOf(issue, schemaOf(held, path));
  const empty = node.type === 'scalar' && node.value === null;
  if (empty) {
    const hint = 'give it a value, or remove the key';
    return ['SCENARIO_WRONG_TYPE', 'the value is empty', { expected, hint }];
  }
  switch (issue.code) {
    case 'custom': {
      const params = issue.params as IssueParams | undefined;
      if (params === undefined) return ['SCENARIO_BAD_FORMAT', BAD_FORM, { expected }];
      return [params.code, issue.message, { expected, hint: params.hint }];
    }
    case 'invalid_type':
      return ['SCENARIO_WRONG_TYPE', 'wrong type', { expected, hint: typeHint(issue, node) }];
    case 'invalid_value':
      return badChoice(issue.values, node, expected);
    case 'invalid_union': {
      const choices = choicesIn(issue);
      if (choices.length > 0 && node.type === 'scalar') return badChoice(choices, node, expected);
      if (isOfNoForm(issue)) return ['SCENARIO_WRONG_TYPE', 'wrong type', { expected }];
      return ['SCENARIO_BAD_FORMAT', BAD_FORM, { expected }];
    }
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
      return ['SCENARIO_OUT_OF_RANGE', outOfRange(issue), { expected }];
    default:
      return ['SCENARIO_BAD_FORMAT', BAD_FORM, { expected }];
  }
}

const BAD_FORM = 'not of the form';

function badChoice(choices: readonly unknown[], node: Node, expected?: string): Description {
  const nearest =
    node.type === 'scalar' ? nearestName(String(node.value), choices.map(String)) : undefined;
  return ['SCENARIO_BAD_CHOICE', 'not one of the choices', { expected, nearest }];
}

/** The choices among the forms that a value may have. */
function choicesIn(issue: UnionIssue): readonly unknown[] {
  const offered = issue.errors.flat().filter(({ path }) => path.length === 0);
  return [
    ...tagsIn(issue),
    ...offered.flatMap((each) => (each.code === 'invalid_value' ? each.values : [])),
  ];
}

function outOfRange(issue: Issue): string {
  if (issue.code === 'not_multiple_of') return 'not a whole number';
  const sized = issue.code === 'too_small' || issue.code === 'too_big' ? issue.origin : '';
  const small = issue.code === 'too_small';
  if (sized === 'array') return small ? 'the list is too short' : 'the list is too long';
  if (sized === 'string') return small ? 'the text is too short' : 'the text is too long';
  return small ? 'the number is too small' : 'the number is too large';
}

function typeHint(issue: Issue, node: Node): string | undefined {
  if (issue.code !== 'invalid_type' || node.type !== 'scalar') return undefined;
  if (issue.expected === 'string' && node.value !== null) {
    return `put it in quotes: "${node.text ?? node.value}"`;
  }
  const numeric = typeof node.value === 'string' && /^[\d.]+$/.test(node.value);
  if (numeric && (issue.expected === 'number' || issue.expected === 'int')) {
    return 'write it without quotes';
  }
  if (issue.expected === 'array') return 'write it as a list: [ ... ]';
  return undefined;
}
