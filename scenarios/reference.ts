/** The reference page of the scenario format, generated from the schema. */
import type { z } from 'zod';
import { PROBLEM_KINDS } from './codes.ts';
import { fieldNotes } from './schema/fields.ts';
import { scenarioSchema } from './schema.ts';
import {
  choicesOf,
  descriptionOf,
  discriminatorOf,
  elementOf,
  keyChoicesOf,
  kindOf,
  optionsOf,
  type Schema,
  shapeOf,
  unwrap,
} from './schema-walk.ts';
import { BIT_RATE, BYTES, CPU, DURATION, GROWTH, POWER, RATE, RATIO } from './units.ts';

/** One key of the format. */
export interface ReferenceRow {
  /** Path with `NAME` for names that the scenario chooses and `[]` for items. */
  readonly path: string;
  readonly type: string;
  /** Text of the default; `required`, or empty for a key that may be absent. */
  readonly usual: string;
  readonly description: string;
}

/** All keys of a section, in the order of the schema. */
export function referenceRows(section: keyof typeof scenarioSchema.shape): readonly ReferenceRow[] {
  const rows: ReferenceRow[] = [];
  collect(scenarioSchema.shape[section], section, rows);
  return rows;
}

function collect(schema: Schema, path: string, rows: ReferenceRow[]): void {
  rows.push({
    path,
    type: typeName(schema),
    usual: defaultText(schema),
    description: descriptionOf(schema),
  });
  descend(schema, path, rows);
}

/** Adds the rows of what a schema holds. */
function descend(schema: Schema, path: string, rows: ReferenceRow[]): void {
  if (fieldNotes.has(unwrap(schema))) return;
  const kind = kindOf(schema);
  if (kind === 'object') {
    for (const [key, child] of Object.entries(shapeOf(schema))) {
      collect(child, `${path}.${key}`, rows);
    }
  } else if (kind === 'record' || kind === 'array') {
    const element = elementOf(schema);
    const step = kind === 'array' ? '[]' : `.${keyPlaceholder(schema)}`;
    if (element !== undefined) descend(element, `${path}${step}`, rows);
  } else if (kind === 'union') {
    for (const option of optionsOf(schema)) descendOption(schema, option, path, rows);
  }
}

function descendOption(union: Schema, option: Schema, path: string, rows: ReferenceRow[]): void {
  const key = discriminatorOf(union);
  if (key === undefined) return;
  const { [key]: tag, ...shape } = shapeOf(option);
  const here = `${path}(${choicesOf(tag).join('|')})`;
  const usual = 'required';
  const type = `\`${key}: ${choicesOf(tag).join('|')}\``;
  rows.push({ path: here, type, usual, description: descriptionOf(tag) });
  for (const [name, child] of Object.entries(shape)) collect(child, `${here}.${name}`, rows);
}

const keyPlaceholder = (record: Schema): string =>
  keyChoicesOf(record).length > 0 ? 'KIND' : 'NAME';

function typeName(schema: Schema): string {
  const note = fieldNotes.get(unwrap(schema));
  if (note !== undefined) return `${note.type}, such as \`${note.example}\``;
  const choices = choicesOf(schema);
  if (choices.length > 0) return choices.map((c) => `\`${c}\``).join(', ');
  const kind = kindOf(schema);
  const element = elementOf(schema);
  if (kind === 'array' && element !== undefined) return `list of ${plural(typeName(element))}`;
  if (kind === 'record' && element !== undefined) {
    const keys = keyChoicesOf(schema);
    const by = keys.length === 0 ? 'name' : keys.map((k) => `\`${k}\``).join(', ');
    return `${plural(typeName(element))} by ${by}`;
  }
  if (kind === 'union' && discriminatorOf(schema) === undefined) {
    return optionsOf(schema).map(typeName).join(' or ');
  }
  return kind === 'number' ? numberName(unwrap(schema) as z.ZodNumber) : (TYPE_NAMES[kind] ?? kind);
}

function numberName({ minValue, maxValue, format }: z.ZodNumber): string {
  const name = format === 'safeint' ? 'whole number' : 'number';
  if (minValue === null || maxValue === null || !Number.isFinite(minValue)) return name;
  if (maxValue >= Number.MAX_SAFE_INTEGER) return `${name} from ${minValue}`;
  return `${name} ${minValue} to ${maxValue}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: '`true` or `false`',
  object: 'mapping',
  union: 'mapping',
  tuple: 'pair of names',
};

const plural = (type: string): string =>
  type.replace(/^(mapping|text|pair|number|whole number)(?= |$)/, '$1s');

/** The default in the written form, through all wrappers. */
function defaultText(schema: Schema): string {
  const def = schema._zod.def as { type: string; defaultValue?: unknown; innerType?: Schema };
  if (def.type === 'default' || def.type === 'prefault') {
    const value = JSON.stringify(def.defaultValue);
    return value === '{}' || value === '[]' || value === '""' ? '' : `\`${value}\``;
  }
  return def.type === 'optional' ? '' : 'required';
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const UNITS = [DURATION, BYTES, BIT_RATE, RATE, GROWTH, POWER, RATIO, CPU];

/** The page in Markdown: units, parameters and includes, every key of every section, every code. */
export function scenarioReferenceMarkdown(): string {
  const sections = Object.keys(scenarioSchema.shape) as (keyof typeof scenarioSchema.shape)[];
  const scalar = sections.filter((s) => referenceRows(s).length === 1);
  const large = sections.filter((s) => referenceRows(s).length > 1);
  const keys = (rows: readonly ReferenceRow[]) =>
    table(
      ['key', 'type', 'default', 'description'],
      rows.map((r) => [`\`${r.path}\``, r.type, r.usual, r.description]),
    );
  return [
    '# Scenario format, version 1',
    INTRODUCTION,
    '## Values with units',
    table(
      ['quantity', 'written as', 'read in'],
      UNITS.map((q) => [q.name, q.expected, q.base]),
    ),
    DISTRIBUTIONS,
    '## Top level',
    keys(scalar.flatMap(referenceRows)),
    ...large.flatMap((section) => [`## ${section}`, keys(referenceRows(section))]),
    '## Problems',
    PROBLEMS,
    table(
      ['code', 'severity', 'meaning', 'what to do'],
      Object.entries(PROBLEM_KINDS).map(([code, kind]) => [
        `\`${code}\``,
        kind.severity,
        kind.meaning,
        kind.advice,
      ]),
    ),
    '',
  ].join('\n\n');
}

const INTRODUCTION = `This page is generated from the schema. A scenario is a YAML file, or a
TypeScript module whose default export is \`defineScenario({ ... })\` with the same keys. Keys that are
not listed here are errors. In paths, \`NAME\` is a name of your own (a letter, then letters, digits,
dots, dashes and underscores), \`KIND\` one of the names given under type, \`[]\` an item of a list, and
\`(a)\` marks keys of one variant.

**Parameters.** A text \`\${KEY}\` takes the value of the parameter \`KEY\`, which is declared under
\`parameters\` and filled in by \`--set KEY=VALUE\`. Within a longer text the value is inserted;
\`$\${\` is a literal \`\${\`.

**Includes.** \`include\` names YAML files relative to the including file. They are merged in the order
written, then comes the including file: mappings merge key by key, everything else is replaced by the
later value.

**Editors.** \`strata schema > scenario.schema.json\` writes a JSON Schema; a first line
\`# yaml-language-server: $schema=scenario.schema.json\` makes editors use it.`;

const DISTRIBUTIONS = `Where the type says "or distribution", a plain value is constant, and these are
drawn at random:

| written as | meaning |
| --- | --- |
| \`5m\` or \`{ constant: 5m }\` | always this |
| \`{ uniform: [1s, 3s] }\` | evenly between two bounds |
| \`{ exponential: 5m }\` | exponential with this mean |
| \`{ lognormal: { median: 4s, sigma: 0.3 } }\` | log-normal; sigma is the standard deviation of the logarithm |
| \`{ weibull: { scale: 10d, shape: 1.5 } }\` | Weibull |
| \`{ gamma: { shape: 2, scale: 5m } }\` | gamma; the mean is shape x scale |
| \`{ empirical: [1s, 2s, 5s] }\` | linear between observations, each equally likely |`;

const PROBLEMS = `Every problem of all files is reported at once, each with its code, place, what was
expected and the nearest valid name. Errors end the command with exit code 2; warnings do not.`;
