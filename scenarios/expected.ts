/** What a scenario should have instead of a mistake, in words: by what Zod says, or by the schema there. */
import type { z } from 'zod';
import type { IssueParams } from './schema/fields.ts';
import {
  choicesOf,
  descriptionOf,
  discriminatorOf,
  kindOf,
  optionsOf,
  type Schema,
  unwrap,
} from './schema-walk.ts';

type Issue = z.core.$ZodIssue;

/** What was expected where `schema` stands; undefined where nothing is known of that. */
export function expectedOf(issue: Issue, schema: Schema | undefined): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return typeWords(issue.expected, schema);
    case 'invalid_value':
      return choiceWords(issue.values);
    case 'too_small':
      return boundWords(issue.inclusive ? 'at least' : 'more than', issue.minimum, issue.origin);
    case 'too_big':
      return boundWords(issue.inclusive ? 'at most' : 'less than', issue.maximum, issue.origin);
    case 'invalid_union':
      if (tagsIn(issue).length > 0) return choiceWords(tagsIn(issue));
      return ownMessage(issue) ?? (schema && formWords(schema));
    case 'invalid_format':
      return (
        ownMessage(issue) ?? FORMAT_WORDS[issue.format] ?? described(schema) ?? patternOf(issue)
      );
    case 'custom':
      return issue.params === undefined ? issue.message : (issue.params as IssueParams).expected;
    default:
      return undefined;
  }
}

/** The values of the key that tells variants apart, when an issue is that it has none of them. */
export function tagsIn(issue: z.core.$ZodIssueInvalidUnion): readonly unknown[] {
  return (issue as { options?: readonly unknown[] }).options ?? [];
}

/** Words for the types of the schema. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list (lines that start with -)',
  tuple: 'a list',
  object: 'a mapping (lines of KEY: VALUE)',
  record: 'a mapping (lines of KEY: VALUE)',
};

/** A number that must be whole is of another type for Zod only once it is a number. */
function typeWords(type: string, schema: Schema | undefined): string {
  const isWhole = type === 'number' && schema !== undefined && typeOf(schema) === 'int';
  return TYPE_WORDS[isWhole ? 'int' : type] ?? type;
}

/** Formats of Zod whose name says more than a description of what they are for. */
const FORMAT_WORDS: Readonly<Record<string, string>> = { uuid: 'a UUID' };

/** Every form that a value may have: `one of auto, none, or a list (lines that start with -)`. */
export function formWords(schema: Schema): string | undefined {
  const isTagged = discriminatorOf(schema) !== undefined;
  const forms = isTagged ? [] : optionsOf(schema).flatMap((option) => formWords(option) ?? []);
  if (forms.length > 0) return anyOf([...new Set(forms)]);
  const choices = choicesOf(schema);
  if (choices.length > 0) return choiceWords(choices);
  return TYPE_WORDS[isTagged ? 'object' : typeOf(schema)];
}

const typeOf = (schema: Schema): string =>
  (unwrap(schema) as z.ZodNumber).format === 'safeint' ? 'int' : kindOf(schema);

const anyOf = (words: readonly string[]): string =>
  words.length === 1 ? words[0] : `${words.slice(0, -1).join(', ')}, or ${words.at(-1)}`;

const choiceWords = (choices: readonly unknown[]): string =>
  choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`;

/** What the sizes of texts and lists count. */
const COUNTED: Readonly<Record<string, string>> = { string: 'character', array: 'item' };

function boundWords(relation: string, bound: number | bigint, origin: string): string {
  const counted = COUNTED[origin];
  if (counted === undefined) return `${relation} ${bound}`;
  return `${relation} ${bound} ${counted}${Number(bound) === 1 ? '' : 's'}`;
}

/** What the schema itself says is wanted: Zod's own words tell of patterns. */
const ownMessage = ({ message }: Issue): string | undefined =>
  message.startsWith('Invalid ') ? undefined : message;

const patternOf = ({ pattern }: z.core.$ZodIssueInvalidStringFormat): string | undefined =>
  pattern && `text that matches ${pattern}`;

/**
 * A description of the reference as what was expected: `address range, such as 10.0.0.0/16`. What comes
 * after a semicolon tells what holds where nothing is given.
 */
function described(schema: Schema | undefined): string | undefined {
  const description = schema && descriptionOf(schema);
  if (!description) return undefined;
  const [wanted] = description.replaceAll('`', '').replace(/\.$/, '').split(';');
  // `MAC`, `MiB` and what stands in quotes are not capital for being the first word.
  const isWord = /^[A-Z][a-z]*(?!\w)/.test(description);
  return isWord ? wanted.charAt(0).toLowerCase() + wanted.slice(1) : wanted;
}
