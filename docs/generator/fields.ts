/** The fields of a schema, in words: of the options of drivers and of what verbs take. */
import { z } from 'zod';
import { code } from './markdown.ts';

export interface Field {
  readonly name: string;
  /** Its type in JSON's words, or its choices. */
  readonly type: string;
  /** `required`, what it is by default, or nothing. */
  readonly need: string;
  readonly meaning: string;
}

interface JsonField {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonField[];
  readonly items?: JsonField;
  readonly properties?: Readonly<Record<string, JsonField>>;
  readonly additionalProperties?: JsonField | boolean;
  readonly default?: unknown;
  readonly description?: string;
}

/** As whoever writes them gives them, before defaults and transformations. */
export function fieldsOf(schema: z.ZodType): readonly Field[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as { properties?: Readonly<Record<string, JsonField>>; required?: readonly string[] };
  return Object.entries(properties).map(([name, field]) => ({
    name,
    type: typeWords(field),
    need: required.includes(name) ? 'required' : defaultWords(field.default),
    meaning: field.description ?? '',
  }));
}

function typeWords(field: JsonField): string {
  const { anyOf, items, properties, additionalProperties: values } = field;
  if (anyOf) return anyOf.map(typeWords).join(' or ');
  if (field.enum) return field.enum.map((each) => code(String(each))).join(', ');
  if (field.const !== undefined) return code(String(field.const));
  if (field.type === 'array') return items ? `list of ${typeWords(items)}` : 'list';
  if (properties) return `mapping with ${Object.keys(properties).map(code).join(', ')}`;
  if (field.type === 'object') {
    const of = typeof values === 'object' ? typeWords(values) : '';
    return of === '' ? 'mapping' : `mapping of ${of}`;
  }
  return field.type ?? 'any';
}

/** Empty texts, lists and mappings are nothing, like what is left out. */
function defaultWords(value: unknown): string {
  const isNothing =
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return isNothing ? '' : `else ${code(String(value))}`;
}
