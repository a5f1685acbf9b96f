/**
 * Values with units, as people write them (`512GiB`, `10Gbps`, `1h30m`, `0.9%/y`), read into the base
 * units of model/scenario.ts: bytes, bits per second, seconds, events per second, watts, plain ratios.
 *
 * Every quantity is one entry of data: its units with exact scales, an example, and the text that an
 * error shows. A unit is never guessed: `5`, `512G` and `80` (for 80 %) are errors with a hint.
 */
import { type Dimension, type Suffixes, unitHint } from './unit-hints.ts';

/** Scale of a unit to the base unit as an exact fraction, so that scaling rounds at most once. */
export interface Unit {
  readonly suffix: string;
  readonly numerator: number;
  readonly denominator: number;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly expected: string; readonly hint?: string };

/** A kind of value with units. `parse` never throws, whatever it is given. */
export interface Quantity {
  /** What it is called in errors and in the reference: `duration`, `bytes`. */
  readonly name: string;
  /** What an error says was expected, with examples. */
  readonly expected: string;
  readonly example: string;
  /** Base unit of the parsed number. */
  readonly base: string;
  /** Regular expression of the written form, for editors; without anchors. */
  readonly pattern: string;
  /** Whether a plain YAML number is a legal value too. */
  readonly plain: boolean;
  readonly parse: (input: unknown) => Parsed<number>;
}

const NUMBER = '\\d{1,15}(?:\\.\\d{1,12})?';

const unit = (suffix: string, numerator: number, denominator = 1): Unit => ({
  suffix,
  numerator,
  denominator,
});

/** A year is 365 days (8,760 hours), as annual failure rates and MTBF figures count it. */
const YEAR_S = 365 * 86_400;

/** Largest first, which is also the order they may be written in (`1h30m`). */
export const DURATION_UNITS: readonly Unit[] = [
  unit('y', YEAR_S),
  unit('w', 7 * 86_400),
  unit('d', 86_400),
  unit('h', 3_600),
  unit('m', 60),
  unit('s', 1),
  unit('ms', 1, 1_000),
  unit('us', 1, 1_000_000),
];

export const BYTE_UNITS: readonly Unit[] = [
  unit('B', 1),
  unit('kB', 1e3),
  unit('MB', 1e6),
  unit('GB', 1e9),
  unit('TB', 1e12),
  unit('PB', 1e15),
  unit('EB', 1e18),
  unit('KiB', 2 ** 10),
  unit('MiB', 2 ** 20),
  unit('GiB', 2 ** 30),
  unit('TiB', 2 ** 40),
  unit('PiB', 2 ** 50),
  unit('EiB', 2 ** 60),
];

export const BIT_RATE_UNITS: readonly Unit[] = [
  unit('bps', 1),
  unit('kbps', 1e3),
  unit('Mbps', 1e6),
  unit('Gbps', 1e9),
  unit('Tbps', 1e12),
];

export const POWER_UNITS: readonly Unit[] = [unit('W', 1), unit('kW', 1e3), unit('MW', 1e6)];

/** `digits` scaled by a unit. Decimals are moved into the denominator, so `1.1m` is exactly 66 s. */
function scaled(text: string, { numerator, denominator }: Unit): number {
  const dot = text.indexOf('.');
  const decimals = dot < 0 ? 0 : text.length - dot - 1;
  return (Number(text.replace('.', '')) * numerator) / (denominator * 10 ** decimals);
}

const suffixesOf = (units: readonly Unit[]): string[] => units.map(({ suffix }) => suffix);

const SUFFIXES: Suffixes = {
  size: suffixesOf(BYTE_UNITS),
  'bit rate': suffixesOf(BIT_RATE_UNITS),
  power: suffixesOf(POWER_UNITS),
  time: suffixesOf(DURATION_UNITS),
};

/** Bare numbers from here on are taken for amounts of the base unit. */
const LARGE = 100_000;

/** What a bare number is called with its unit: the usual one, or the base unit if it is large. */
interface Usual {
  readonly dimension: Dimension;
  readonly unit: string;
  readonly base: string;
}

/** Why a text or number is no value of these units, in one sentence, when that can be said. */
function hintFor(input: unknown, { dimension, unit, base }: Usual): string | undefined {
  if (typeof input !== 'string' && typeof input !== 'number') return undefined;
  const text = String(input).trim();
  if (/^-/.test(text)) return 'negative values are not allowed';
  const parts = /^([\d.]+)\s*(\S{0,12})$/.exec(text);
  if (parts === null || !Number.isFinite(Number(parts[1]))) return undefined;
  const [, number, suffix] = parts;
  if (suffix !== '') return unitHint(number, suffix, dimension, SUFFIXES);
  return `add the unit: did you mean ${number}${Number(number) < LARGE ? unit : base}?`;
}

interface SimpleQuantity {
  readonly name: string;
  readonly base: string;
  readonly units: readonly Unit[];
  readonly example: string;
  readonly expected: string;
  readonly usual: Usual;
  readonly max: number;
  readonly maxText: string;
  readonly whole?: true;
}

/** A number with exactly one unit. */
function simple(spec: SimpleQuantity): Quantity {
  const suffixes = spec.units.map((u) => u.suffix).join('|');
  const pattern = `(?:${NUMBER}) ?(?:${suffixes})`;
  const form = new RegExp(`^(${NUMBER}) ?(${suffixes})$`);
  const byName = new Map(spec.units.map((u) => [u.suffix, u]));
  const parse = (input: unknown): Parsed<number> => {
    if (input === 0 || input === '0') return { ok: true, value: 0 };
    const match = typeof input === 'string' ? form.exec(input.trim()) : null;
    if (match === null) {
      return {
        ok: false,
        expected: spec.expected,
        hint: hintFor(input, spec.usual),
      };
    }
    const value = scaled(match[1], byName.get(match[2])!);
    if (value > spec.max) {
      return { ok: false, expected: `${spec.expected}, at most ${spec.maxText}` };
    }
    return { ok: true, value: spec.whole ? Math.round(value) : value };
  };
  const { name, base, example, expected } = spec;
  return { name, base, example, expected, pattern, plain: false, parse };
}

export const BYTES: Quantity = simple({
  name: 'bytes',
  base: 'bytes',
  units: BYTE_UNITS,
  example: '512GiB',
  expected: 'a size with its unit, such as 512GiB, 960GB or 20MiB',
  usual: { dimension: 'size', unit: 'GiB', base: 'B' },
  max: 2 ** 70,
  maxText: '1024EiB',
  whole: true,
});

export const BIT_RATE: Quantity = simple({
  name: 'bit rate',
  base: 'bits per second',
  units: BIT_RATE_UNITS,
  example: '25Gbps',
  expected: 'a bit rate with its unit, such as 25Gbps or 100Mbps',
  usual: { dimension: 'bit rate', unit: 'Gbps', base: 'bps' },
  max: 1e15,
  maxText: '1000Tbps',
});

export const POWER: Quantity = simple({
  name: 'power',
  base: 'watts',
  units: POWER_UNITS,
  example: '350W',
  expected: 'a power with its unit, such as 120W or 12kW',
  usual: { dimension: 'power', unit: 'W', base: 'W' },
  max: 1e9,
  maxText: '1000MW',
});

// ---------------------------------------------------------------- durations

const DURATION_SUFFIXES = 'y|w|d|h|ms|us|m|s';
const DURATION_PART = `${NUMBER} ?(?:${DURATION_SUFFIXES})`;
const DURATION_FORM = new RegExp(`^(?:${DURATION_PART} ?){1,8}$`);
const DURATION_MAX_S = 10_000 * YEAR_S;

function parseDuration(input: unknown): Parsed<number> {
  const expected = 'a duration with its unit, such as 5m, 1h30m, 2d or 1y';
  if (input === 0 || input === '0') return { ok: true, value: 0 };
  if (typeof input !== 'string' || !DURATION_FORM.test(input.trim())) {
    return { ok: false, expected, hint: durationHint(input) };
  }
  let sum = 0;
  let last = -1;
  for (const [, digits, suffix] of input.matchAll(
    new RegExp(`(${NUMBER}) ?(${DURATION_SUFFIXES})`, 'g'),
  )) {
    const rank = DURATION_UNITS.findIndex((u) => u.suffix === suffix);
    if (rank <= last) {
      return { ok: false, expected, hint: 'write each unit once, the largest first, as in 1h30m' };
    }
    last = rank;
    sum += scaled(digits, DURATION_UNITS[rank]);
  }
  if (sum > DURATION_MAX_S) return { ok: false, expected: `${expected}, at most 10000y` };
  return { ok: true, value: sum };
}

function durationHint(input: unknown): string | undefined {
  if (typeof input === 'string' && /^[\d.]+ ?(mo|months?)$/i.test(input.trim())) {
    return 'months differ in length: write days, such as 30d';
  }
  return hintFor(input, { dimension: 'time', unit: 's', base: 's' });
}

export const DURATION: Quantity = {
  name: 'duration',
  base: 'seconds',
  example: '5m',
  expected: 'a duration with its unit, such as 5m, 1h30m, 2d or 1y',
  pattern: `(?:${DURATION_PART} ?)+`,
  plain: false,
  parse: parseDuration,
};

// ---------------------------------------------------------------- rates

const RATE_FORM = new RegExp(`^(${NUMBER})(%?) ?/ ?(\\S.*)$`);
const RATE_MAX_PER_S = 1e9;

function parseRate(input: unknown): Parsed<number> {
  const expected = 'a rate with its unit, such as 0.9%/y, 4/h or 0.2/s';
  if (input === 0 || input === '0') return { ok: true, value: 0 };
  const match = typeof input === 'string' ? RATE_FORM.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected, hint: rateHint(input) };
  const [, digits, percent, period] = match;
  // `4/h` means one hour and `1/5m` five minutes: a period without a number counts once.
  const parsed = parseDuration(/^\d/.test(period) ? period : `1${period}`);
  if (!parsed.ok || parsed.value === 0) {
    return { ok: false, expected, hint: 'after the / comes y, w, d, h, m, s or a duration' };
  }
  const value = scaled(digits, unit('', 1, (percent === '' ? 1 : 100) * parsed.value));
  if (value > RATE_MAX_PER_S) return { ok: false, expected: `${expected}, at most 1e9 a second` };
  return { ok: true, value };
}

function rateHint(input: unknown): string | undefined {
  if (typeof input === 'number') return `add the period, such as ${input}/h or ${input}/y`;
  if (typeof input === 'string' && /^[\d.]+%?$/.test(input.trim())) {
    return `add the period, such as ${input.trim()}/h or ${input.trim()}/y`;
  }
  return undefined;
}

export const RATE: Quantity = {
  name: 'rate',
  base: 'events per second',
  example: '4/h',
  expected: 'a rate with its unit, such as 0.9%/y, 4/h or 0.2/s',
  pattern: `${NUMBER}%? ?/ ?(?:\\d.*)?(?:${DURATION_SUFFIXES})`,
  plain: false,
  parse: parseRate,
};

const GROWTH_FORM = new RegExp(`^(${NUMBER})% ?/ ?y$`);

/** Growth in a year as a plain ratio: `20%/y` is 0.2. */
export const GROWTH: Quantity = {
  name: 'growth',
  base: 'ratio per year',
  example: '20%/y',
  expected: 'a yearly growth such as 20%/y',
  pattern: `${NUMBER}% ?/ ?y`,
  plain: false,
  parse: (input) => {
    if (input === 0 || input === '0') return { ok: true, value: 0 };
    const match = typeof input === 'string' ? GROWTH_FORM.exec(input.trim()) : null;
    const value = match === null ? Number.NaN : scaled(match[1], unit('', 1, 100));
    if (value <= 100) return { ok: true, value };
    return { ok: false, expected: 'a yearly growth such as 20%/y, at most 10000%/y' };
  },
};

// ---------------------------------------------------------------- plain numbers

const PLAIN_FORM = new RegExp(`^${NUMBER}$`);
const PERCENT_FORM = new RegExp(`^(${NUMBER}) ?%$`);

/** A number that YAML read as one, or its text (parameters and `--set` arrive as text). */
function plainNumber(input: unknown): number {
  if (typeof input === 'number') return input;
  if (typeof input === 'string' && PLAIN_FORM.test(input.trim())) return Number(input);
  return Number.NaN;
}

function parseRatio(input: unknown): Parsed<number> {
  const expected = 'a ratio between 0 and 1, such as 80% or 0.8';
  const percent = typeof input === 'string' ? PERCENT_FORM.exec(input.trim()) : null;
  const value = percent === null ? plainNumber(input) : scaled(percent[1], unit('', 1, 100));
  if (value >= 0 && value <= 1) return { ok: true, value };
  const hint =
    percent === null && value > 1 && value <= 100 ? `did you mean ${value}%?` : undefined;
  return { ok: false, expected, hint };
}

export const RATIO: Quantity = {
  name: 'ratio',
  base: 'ratio',
  example: '80%',
  expected: 'a ratio between 0 and 1, such as 80% or 0.8',
  pattern: `${NUMBER} ?%`,
  plain: true,
  parse: parseRatio,
};

const MILLICORES_FORM = /^(\d{1,9})m$/;

/** CPU of a container in cores; Kubernetes' own `500m` is half a core. */
export const CPU: Quantity = {
  name: 'cpu',
  base: 'cores',
  example: '500m',
  expected: 'a number of cores such as 2, 0.5 or 500m (thousandths of a core)',
  pattern: '\\d+m',
  plain: true,
  parse: (input) => {
    const milli = typeof input === 'string' ? MILLICORES_FORM.exec(input.trim()) : null;
    const value = milli === null ? plainNumber(input) : Number(milli[1]) / 1000;
    if (value > 0 && value <= 4096) return { ok: true, value };
    return {
      ok: false,
      expected: 'a number of cores such as 2, 0.5 or 500m (thousandths of a core)',
    };
  },
};

/** A number without a unit, such as the size of a burst. */
export const COUNT: Quantity = {
  name: 'number',
  base: 'number',
  example: '5',
  expected: 'a number such as 5, not negative and without a unit',
  pattern: NUMBER,
  plain: true,
  parse: (input) => {
    const value = plainNumber(input);
    if (value >= 0 && value <= 1e9) return { ok: true, value };
    return { ok: false, expected: 'a number such as 5, not negative and without a unit' };
  },
};
