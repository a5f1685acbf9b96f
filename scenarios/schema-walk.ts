/** Finding one's way in a Zod schema by the path of a value: which keys and choices are legal there. */
import type { z } from 'zod';
import { childOf, type Node, type Path } from './tree.ts';

export type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypeDef & Record<string, unknown>;

const defOf = (schema: Schema): Def => schema._zod.def as unknown as Def;

/** The schema below optional, default and transform wrappers. */
export function unwrap(schema: Schema): Schema {
  let inner = schema;
  for (;;) {
    const def = defOf(inner);
    if (def.type === 'pipe') inner = def.in as Schema;
    else if (WRAPPERS.has(def.type)) inner = def.innerType as Schema;
    else return inner;
  }
}

const WRAPPERS: ReadonlySet<string> = new Set([
  'optional',
  'nullable',
  'default',
  'prefault',
  'readonly',
  'nonoptional',
  'catch',
]);

export const kindOf = (schema: Schema): string => defOf(unwrap(schema)).type;

/** Keys of an object schema with the schema of each, in the order written. */
export function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  return (defOf(unwrap(schema)).shape as Record<string, Schema> | undefined) ?? {};
}

/** Items of an array, values of a record. */
export function elementOf(schema: Schema): Schema | undefined {
  const def = defOf(unwrap(schema));
  return (def.type === 'array' ? def.element : def.valueType) as Schema | undefined;
}

export function optionsOf(schema: Schema): readonly Schema[] {
  return (defOf(unwrap(schema)).options as readonly Schema[] | undefined) ?? [];
}

export const discriminatorOf = (schema: Schema): string | undefined =>
  defOf(unwrap(schema)).discriminator as string | undefined;

/** Values of a literal or an enum. */
export function choicesOf(schema: Schema): readonly unknown[] {
  const def = defOf(unwrap(schema));
  if (def.type === 'literal') return def.values as readonly unknown[];
  return def.type === 'enum' ? Object.values(def.entries as Record<string, unknown>) : [];
}

/** The choices for the keys of a record, when it has only some. */
export function keyChoicesOf(schema: Schema): readonly string[] {
  const keyType = defOf(unwrap(schema)).keyType as Schema | undefined;
  return keyType === undefined ? [] : choicesOf(keyType).map(String);
}

/**
 * The schema of the value at a path, with its wrappers; `node` is the value at the start, to choose
 * between options.
 */
export function schemaAt(root: Schema, node: Node | undefined, path: Path): Schema | undefined {
  let schema: Schema | undefined = root;
  let here = node;
  for (const step of path) {
    if (schema === undefined) return undefined;
    schema = childSchema(option(schema, here), step);
    here = childOf(here, step);
  }
  return schema === undefined ? undefined : option(schema, here);
}

/** What is said of a value: the outermost description of its schema, or none. */
export function descriptionOf(schema: Schema): string {
  let inner: Schema | undefined = schema;
  while (inner !== undefined) {
    const { description } = inner as z.ZodType;
    if (description !== undefined) return description;
    const { innerType, in: input }: Def = defOf(inner);
    inner = (innerType ?? input) as Schema | undefined;
  }
  return '';
}

function childSchema(schema: Schema, step: string | number): Schema | undefined {
  const shape = shapeOf(schema);
  return Object.hasOwn(shape, step) ? shape[step] : elementOf(schema);
}

/** The option of a discriminated union that a value chooses; any other schema as it is. */
function option(schema: Schema, node: Node | undefined): Schema {
  const key = discriminatorOf(schema);
  if (key === undefined) return schema;
  const chosen = childOf(node, key);
  const value = chosen?.type === 'scalar' ? chosen.value : undefined;
  const found = optionsOf(schema).find((o) => choicesOf(shapeOf(o)[key]).includes(value));
  return found ?? schema;
}
