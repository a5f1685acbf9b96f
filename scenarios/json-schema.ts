/** The scenario format as JSON Schema, for editors. */
import { z } from 'zod';
import { fieldNotes } from './schema/fields.ts';
import { scenarioSchema } from './schema.ts';
import { unwrap } from './schema-walk.ts';
import { NAME_PATTERN } from './tree.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A reference to a parameter may stand for any value that is no mapping or list. */
const REFERENCE = { type: 'string', pattern: '\\$\\{' };

/**
 * JSON Schema (draft 7, which every YAML editor knows) of the written form. Patterns know the units;
 * names that refer to other parts and values that depend on each other are beyond it, and are checked
 * when a scenario is loaded.
 */
export function scenarioJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => describe(zodSchema, jsonSchema),
  });
  return { title: 'Strata scenario, version 1', ...schema };
}

type Emitted = Record<string, unknown>;

function describe(zodSchema: z.core.$ZodType, jsonSchema: Emitted): void {
  const inner = unwrap(zodSchema);
  const note = fieldNotes.get(inner);
  if (note !== undefined) {
    Object.assign(jsonSchema, allowReference(note.jsonSchema));
    jsonSchema.examples = [note.example];
  } else if (inner === zodSchema && SCALARS.has(inner._zod.def.type)) {
    replace(jsonSchema, allowReference(withoutFormat(jsonSchema)));
  } else if (inner === zodSchema && inner._zod.def.type === 'record') {
    delete jsonSchema.required;
    jsonSchema.propertyNames ??= { pattern: NAME_PATTERN };
  }
}

/** Formats that JSON Schema does not know are patterns as well; editors warn about the names. */
function withoutFormat({ format: _, ...rules }: Emitted): Emitted {
  return rules;
}

const SCALARS: ReadonlySet<string> = new Set(['number', 'boolean', 'enum', 'string']);

/** The same schema, or a text that refers to a parameter. */
function allowReference(schema: Emitted): Emitted {
  const { description, default: usual, ...rules } = schema;
  const anyOf = Array.isArray(rules.anyOf) ? rules.anyOf : [rules];
  const kept: Emitted = { anyOf: [...anyOf, REFERENCE] };
  if (description !== undefined) kept.description = description;
  if (usual !== undefined) kept.default = usual;
  return kept;
}

function replace(target: Emitted, content: Emitted): void {
  for (const key of Object.keys(target)) delete target[key];
  Object.assign(target, content);
}
