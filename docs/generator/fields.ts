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
  readonly type?: string | readonly string[];
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
  const { anyOf, items, properties, additionalProperties: values, type } = field;
  if (anyOf) return alternatives(anyOf.map(typeWords));
  if (field.enum) return field.enum.map((each) => code(String(each))).join(', ');
  if (field.const !== undefined) return code(String(field.const));
  if (type === 'array') return ofWhat('list', items);
  if (properties) return `mapping with ${Object.keys(properties).map(code).join(', ')}`;
  if (type === 'object') return ofWhat('mapping', typeof values === 'object' ? values : undefined);
  return type === undefined ? ANY : alternatives([type].flat());
}

const ANY = 'any';

/** `list of string`; what may be anything is not told. */
function ofWhat(whole: string, part: JsonField | undefined): string {
  const words = part === undefined ? ANY : typeWords(part);
  return words === ANY ? whole : `${whole} of ${words}`;
}

/** `null` is what is left out, and needs no word. */
const alternatives = (words: readonly string[]): string =>
  words.filter((each) => each !== 'null').join(' or ');

/** Empty texts, lists and mappings are nothing, like what is left out. */
function defaultWords(value: unknown): string {
  const isNothing =
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return isNothing ? '' : `else ${code(String(value))}`;
}
