/**
 * The fields that scenario schemas are made of. Each is a Zod schema whose input is the written form
 * and whose output is in base units; `fieldNotes` keeps what editors and the reference page say of it.
 */
import { z } from 'zod';
import type { Distribution } from '../../model/scenario.ts';
import type { ProblemCode } from '../codes.ts';
import {
  DISTRIBUTION_NAMES,
  type DistributionInput,
  type DistributionMistake,
  parseDistribution,
} from '../distributions.ts';
import { NAME_WORDS } from '../tree.ts';
import type {
  BitRateText,
  BytesText,
  CpuText,
  DurationText,
  GrowthText,
  PowerText,
  RateText,
  RatioText,
} from '../unit-text.ts';
import {
  BIT_RATE,
  BYTES,
  COUNT,
  CPU,
  DURATION,
  GROWTH,
  POWER,
  type Quantity,
  RATE,
  RATIO,
} from '../units.ts';

/** What the reference and the JSON Schema say of a field that Zod itself cannot describe. */
export interface FieldNote {
  readonly type: string;
  readonly example: string;
  readonly jsonSchema: Readonly<Record<string, unknown>>;
}

export const fieldNotes = new WeakMap<z.core.$ZodType, FieldNote>();

/** Extra facts of an issue that Zod carries for us to the problem. */
export interface IssueParams {
  readonly code: ProblemCode;
  readonly expected?: string;
  readonly hint?: string;
}

function noted<T extends z.core.$ZodType>(schema: T, note: FieldNote): T {
  fieldNotes.set(schema, note);
  return schema;
}

function quantitySchema(q: Quantity): Record<string, unknown> {
  const text = { type: 'string', pattern: `^${q.pattern}$` };
  const zero = { type: 'number', const: 0 };
  return { anyOf: [text, q.plain ? { type: 'number', minimum: 0 } : zero] };
}

/** A value with a unit. `In` is its written type in TypeScript scenarios. */
function quantity<In extends string | number>(q: Quantity, minimum = 0) {
  const written = noted(
    z.custom<In>((input) => input !== undefined, { error: () => q.expected }),
    { type: q.name, example: q.example, jsonSchema: quantitySchema(q) },
  );
  return written.transform((input, context): number => {
    const parsed = q.parse(input);
    if (parsed.ok && parsed.value >= minimum) return parsed.value;
    const params: IssueParams = parsed.ok
      ? { code: 'SCENARIO_OUT_OF_RANGE', expected: `${q.expected}, more than 0` }
      : { code: 'SCENARIO_BAD_UNIT', expected: parsed.expected, hint: parsed.hint };
    const message = parsed.ok ? 'zero is not allowed here' : `not a legal ${q.name} value`;
    context.issues.push({ code: 'custom', message, params, input });
    return z.NEVER;
  });
}

const MISTAKE_CODES: Readonly<Record<DistributionMistake['kind'], ProblemCode>> = {
  unit: 'SCENARIO_BAD_UNIT',
  form: 'SCENARIO_BAD_DISTRIBUTION',
  name: 'SCENARIO_BAD_DISTRIBUTION',
  missing: 'SCENARIO_MISSING_KEY',
  'unknown-key': 'SCENARIO_UNKNOWN_KEY',
  range: 'SCENARIO_OUT_OF_RANGE',
};

function distributionSchema(q: Quantity): Record<string, unknown> {
  const value = quantitySchema(q);
  const number = { type: 'number', minimum: 0 };
  const body = (properties: Record<string, unknown>) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  });
  const bodies: Record<Distribution['type'], unknown> = {
    constant: value,
    uniform: { type: 'array', items: value, minItems: 2, maxItems: 2 },
    exponential: value,
    lognormal: body({ median: value, sigma: number }),
    weibull: body({ scale: value, shape: number }),
    gamma: body({ shape: number, scale: value }),
    empirical: { type: 'array', items: value, minItems: 1 },
  };
  return {
    anyOf: [value, ...DISTRIBUTION_NAMES.map((name) => body({ [name]: bodies[name] }))],
  };
}

function distribution<In extends string | number>(q: Quantity) {
  const written = noted(
    z.custom<DistributionInput<In>>((input) => input !== undefined, { error: () => q.expected }),
    {
      type: `${q.name} or distribution`,
      example: `{ exponential: ${q.example} }`,
      jsonSchema: distributionSchema(q),
    },
  );
  return written.transform((input, context): Distribution => {
    const parsed = parseDistribution(input, q);
    if (parsed.ok) return parsed.value;
    for (const { kind, path, message, expected, hint } of parsed.mistakes) {
      const params: IssueParams = { code: MISTAKE_CODES[kind], expected, hint };
      context.issues.push({ code: 'custom', message, params, path: [...path], input });
    }
    return z.NEVER;
  });
}

/** Smallest quantity that counts as more than zero. */
const POSITIVE = Number.MIN_VALUE;

export const bytes = () => quantity<BytesText>(BYTES);
export const positiveBytes = () => quantity<BytesText>(BYTES, 1);
export const bitRate = () => quantity<BitRateText>(BIT_RATE, 1);
export const duration = () => quantity<DurationText>(DURATION);
export const positiveDuration = () => quantity<DurationText>(DURATION, POSITIVE);
export const rate = () => quantity<RateText>(RATE);
export const power = () => quantity<PowerText>(POWER);
export const ratio = () => quantity<RatioText>(RATIO);
export const growth = () => quantity<GrowthText>(GROWTH);
export const cores = () => quantity<CpuText>(CPU, POSITIVE);
export const durations = () => distribution<DurationText>(DURATION);
export const ratios = () => distribution<RatioText>(RATIO);
export const counts = () => distribution<number>(COUNT);

export const whole = (minimum: number, maximum: number) => z.int().min(minimum).max(maximum);
export const decimal = (minimum: number, maximum: number) => z.number().min(minimum).max(maximum);
export const text = (maximum = 2_000) => z.string().max(maximum);

/** A name as a value; keys of mappings are checked when the tree is built. */
export const name = () =>
  z.string().regex(/^[A-Za-z][A-Za-z0-9._-]{0,62}$/, { error: () => NAME_WORDS });

/** A machine's own name, as DNS and control planes have them. */
export const hostName = () => z.string().regex(HOST_NAME, { error: () => HOST_NAME_WORDS });

export const HOST_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;

/** The same in words, for errors. */
const HOST_NAME_WORDS =
  'a name of a machine: up to 253 letters, digits, dots, dashes or underscores, no sign first';

/** Anything that YAML can hold, for what is passed on as it is. */
export const anyValue = () =>
  noted(z.json(), { type: 'value', example: '{ pg_num: 32 }', jsonSchema: {} });

/** Names of machine flavors. */
export const flavorNames = () => z.array(name()).min(1).max(1_000);

/** Things by name: a mapping whose keys are their names. */
export const named = <T extends z.core.$ZodType>(value: T) => z.record(z.string(), value);

/** The values of a mapping as a list, each with its key as `name`. */
export function listed<T>(record: Readonly<Record<string, T>>): (T & { readonly name: string })[] {
  return Object.entries(record).map(([key, value]) => ({ name: key, ...value }));
}
