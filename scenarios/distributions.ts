/**
 * Distributions as people write them: `5m` (constant), `{ exponential: 5m }`,
 * `{ lognormal: { median: 4s, sigma: 0.3 } }`, `{ uniform: [1s, 3s] }` and so on, in any quantity.
 */
import type { Distribution } from '../model/scenario.ts';
import { nearestName } from './nearest.ts';
import type { Parsed, Quantity } from './units.ts';

/** The written form, for a quantity whose values are written as `Q`. */
export type DistributionInput<Q> =
  | Q
  | { readonly constant: Q }
  | { readonly uniform: readonly [Q, Q] }
  | { readonly exponential: Q }
  | { readonly lognormal: { readonly median: Q; readonly sigma: number } }
  | { readonly weibull: { readonly scale: Q; readonly shape: number } }
  | { readonly gamma: { readonly shape: number; readonly scale: Q } }
  | { readonly empirical: readonly Q[] };

/** One mistake in a distribution; `path` leads from the distribution to it. */
export interface DistributionMistake {
  readonly kind: 'unit' | 'form' | 'name' | 'missing' | 'unknown-key' | 'range';
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly expected: string;
  readonly hint?: string;
}

export type ParsedDistribution =
  | { readonly ok: true; readonly value: Distribution }
  | { readonly ok: false; readonly mistakes: readonly DistributionMistake[] };

/** Most observations of an empirical distribution. */
const EMPIRICAL_MAX = 100_000;

type Reader = (
  body: unknown,
  quantity: Quantity,
  mistakes: DistributionMistake[],
) => Distribution | undefined;

const SHAPE = { what: 'a shape between 0.01 and 1000, without a unit', min: 0.01, max: 1000 };
const SIGMA = { what: 'a sigma between 0 and 10, without a unit', min: 0, max: 10 };

/** How the body of each distribution is read; the keys are the names users write. */
const READERS: Readonly<Record<Distribution['type'], Reader>> = {
  constant: (body, quantity, mistakes) => {
    const value = readValue(body, quantity, ['constant'], mistakes);
    return value === undefined ? undefined : { type: 'constant', value };
  },
  uniform: (body, quantity, mistakes) => {
    const values = readValues(body, quantity, 'uniform', mistakes);
    if (values === undefined) return undefined;
    if (values.length !== 2 || values[0] > values[1]) {
      mistakes.push({
        kind: 'range',
        path: ['uniform'],
        message: values.length === 2 ? 'the bounds are in the wrong order' : 'not two bounds',
        expected: 'the lower and the upper bound, such as [1, 3] with their units',
      });
      return undefined;
    }
    return { type: 'uniform', min: values[0], max: values[1] };
  },
  exponential: (body, quantity, mistakes) => {
    const mean = readValue(body, quantity, ['exponential'], mistakes);
    return mean === undefined ? undefined : { type: 'exponential', mean };
  },
  lognormal: (body, quantity, mistakes) => {
    const read = readPair(body, 'lognormal', ['median', quantity], ['sigma', SIGMA], mistakes);
    return read && { type: 'lognormal', median: read[0], sigma: read[1] };
  },
  weibull: (body, quantity, mistakes) => {
    const read = readPair(body, 'weibull', ['scale', quantity], ['shape', SHAPE], mistakes);
    return read && { type: 'weibull', scale: read[0], shape: read[1] };
  },
  gamma: (body, quantity, mistakes) => {
    const read = readPair(body, 'gamma', ['scale', quantity], ['shape', SHAPE], mistakes);
    return read && { type: 'gamma', scale: read[0], shape: read[1] };
  },
  empirical: (body, quantity, mistakes) => {
    const values = readValues(body, quantity, 'empirical', mistakes);
    if (values === undefined) return undefined;
    return { type: 'empirical', values: [...values].sort((a, b) => a - b) };
  },
};

export const DISTRIBUTION_NAMES = Object.keys(READERS) as readonly Distribution['type'][];

/** Whether a value has the shape of one distribution rather than of a plain value. */
const isMapping = (input: unknown): input is Readonly<Record<string, unknown>> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** Reads the written form. Never throws; all mistakes are reported at once. */
export function parseDistribution(input: unknown, quantity: Quantity): ParsedDistribution {
  const mistakes: DistributionMistake[] = [];
  const value = isMapping(input)
    ? readNamed(input, quantity, mistakes)
    : readConstant(input, quantity, mistakes);
  return value === undefined ? { ok: false, mistakes } : { ok: true, value };
}

function readConstant(
  input: unknown,
  quantity: Quantity,
  mistakes: DistributionMistake[],
): Distribution | undefined {
  const parsed = quantity.parse(input);
  if (parsed.ok) return { type: 'constant', value: parsed.value };
  mistakes.push({
    kind: 'unit',
    path: [],
    message: `not a legal ${quantity.name} value or distribution`,
    expected: `${quantity.expected}; or a distribution such as { exponential: ${quantity.example} }`,
    hint: parsed.hint,
  });
  return undefined;
}

function readNamed(
  input: Readonly<Record<string, unknown>>,
  quantity: Quantity,
  mistakes: DistributionMistake[],
): Distribution | undefined {
  const keys = Object.keys(input);
  const expected = `one of ${DISTRIBUTION_NAMES.join(', ')}`;
  if (keys.length !== 1) {
    mistakes.push({
      kind: 'form',
      path: [],
      message: `a distribution has one name, this has ${keys.length === 0 ? 'none' : keys.length}`,
      expected: `{ NAME: ... } where NAME is ${expected}`,
    });
    return undefined;
  }
  const [name] = keys;
  if (!Object.hasOwn(READERS, name)) {
    const nearest = nearestName(name, DISTRIBUTION_NAMES);
    mistakes.push({
      kind: 'name',
      path: [name],
      message: `there is no distribution ${name}`,
      expected,
      hint: nearest && `did you mean ${nearest}?`,
    });
    return undefined;
  }
  return READERS[name as Distribution['type']](input[name], quantity, mistakes);
}

function readValue(
  input: unknown,
  quantity: Quantity,
  path: readonly (string | number)[],
  mistakes: DistributionMistake[],
): number | undefined {
  const parsed: Parsed<number> = quantity.parse(input);
  if (parsed.ok) return parsed.value;
  mistakes.push({
    kind: 'unit',
    path,
    message: `not a legal ${quantity.name} value`,
    expected: parsed.expected,
    hint: parsed.hint,
  });
  return undefined;
}

function readValues(
  body: unknown,
  quantity: Quantity,
  name: string,
  mistakes: DistributionMistake[],
): readonly number[] | undefined {
  if (!Array.isArray(body) || body.length === 0 || body.length > EMPIRICAL_MAX) {
    mistakes.push({
      kind: 'form',
      path: [name],
      message: `${name} needs a list`,
      expected: `a list of ${quantity.name} values, such as [${quantity.example}, ...]`,
    });
    return undefined;
  }
  const before = mistakes.length;
  const values = body.map((item, i) => readValue(item, quantity, [name, i], mistakes));
  return mistakes.length === before ? (values as number[]) : undefined;
}

interface PlainRange {
  readonly what: string;
  readonly min: number;
  readonly max: number;
}

/** A body of one value with a unit and one plain number: `{ median: 4s, sigma: 0.3 }`. */
function readPair(
  body: unknown,
  name: string,
  [valueKey, quantity]: readonly [string, Quantity],
  [plainKey, range]: readonly [string, PlainRange],
  mistakes: DistributionMistake[],
): readonly [number, number] | undefined {
  const form = `{ ${valueKey}: ${quantity.example}, ${plainKey}: 0.5 }`;
  if (!isMapping(body)) {
    mistakes.push({
      kind: 'form',
      path: [name],
      message: `${name} needs ${valueKey} and ${plainKey}`,
      expected: `a mapping such as ${form}`,
    });
    return undefined;
  }
  const before = mistakes.length;
  for (const key of Object.keys(body)) {
    if (key === valueKey || key === plainKey) continue;
    const nearest = nearestName(key, [valueKey, plainKey]);
    mistakes.push({
      kind: 'unknown-key',
      path: [name, key],
      message: `unknown key ${key}`,
      expected: `one of ${valueKey}, ${plainKey}`,
      hint: nearest && `did you mean ${nearest}?`,
    });
  }
  for (const key of [valueKey, plainKey]) {
    if (Object.hasOwn(body, key)) continue;
    mistakes.push({
      kind: 'missing',
      path: [name],
      message: `${key} is missing`,
      expected: `a mapping such as ${form}`,
    });
  }
  const value = Object.hasOwn(body, valueKey)
    ? readValue(body[valueKey], quantity, [name, valueKey], mistakes)
    : undefined;
  const plain = body[plainKey];
  const inRange = typeof plain === 'number' && plain >= range.min && plain <= range.max;
  if (Object.hasOwn(body, plainKey) && !inRange) {
    mistakes.push({
      kind: 'range',
      path: [name, plainKey],
      message: `not a legal ${plainKey}`,
      expected: range.what,
    });
  }
  return mistakes.length === before ? [value as number, plain as number] : undefined;
}
