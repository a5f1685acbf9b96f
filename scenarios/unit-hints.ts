/**
 * What was probably meant by a value whose unit is not one of ours. A hint never changes what the
 * value says: bits stay bits, a milliwatt does not become a megawatt, and a unit of another
 * dimension is named as such. Where a spelling may mean two things, both are offered.
 */
import { closest, distance } from 'fastest-levenshtein';

/** What a quantity measures. */
export type Dimension = 'size' | 'bit rate' | 'power' | 'time';

/** The units of every dimension, to tell one that belongs to another. */
export type Suffixes = Readonly<Record<Dimension, readonly string[]>>;

/** Ways people write units elsewhere, and what they may mean here, the likeliest first. */
const SPELLINGS: Readonly<Record<Dimension, Readonly<Record<string, readonly string[]>>>> = {
  time: {
    ...sameFor('s', 'sec', 'secs', 'second', 'seconds'),
    ...sameFor('m', 'min', 'mins', 'minute', 'minutes', 'M'),
    ...sameFor('h', 'hr', 'hrs', 'hour', 'hours'),
    ...sameFor('d', 'day', 'days'),
    ...sameFor('w', 'week', 'weeks'),
    ...sameFor('y', 'yr', 'yrs', 'year', 'years', 'a'),
    ...sameFor('ms', 'msec', 'millisecond', 'milliseconds'),
    ...sameFor('us', 'µs', 'μs', 'usec', 'microsecond', 'microseconds'),
  },
  size: {
    ...sameFor('B', 'byte', 'bytes'),
    ...Object.fromEntries(['K', 'M', 'G', 'T', 'P', 'E'].map((k) => [`${k}i`, [`${k}iB`]])),
    ...Object.fromEntries(['M', 'G', 'T', 'P', 'E'].map((k) => [k, [`${k}iB`, `${k}B`]])),
    k: ['KiB', 'kB'],
    K: ['KiB', 'kB'],
    KB: ['kB', 'KiB'],
  },
  'bit rate': {
    ...Object.fromEntries(
      ['k', 'M', 'G', 'T'].flatMap((k) =>
        ['', 'b', 'bit', 'bits', 'b/s', 'bit/s', 'bits/s', 'bitps', 'bits/sec'].map((rest) => [
          `${k}${rest}`,
          [`${k}bps`],
        ]),
      ),
    ),
    ...sameFor('bps', 'b/s', 'bit/s', 'bits/s'),
  },
  power: {
    ...sameFor('W', 'watt', 'watts'),
    ...sameFor('kW', 'kilowatt', 'kilowatts'),
    ...sameFor('MW', 'megawatt', 'megawatts'),
  },
};

function sameFor(unit: string, ...spellings: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(spellings.map((spelling) => [spelling, [unit]]));
}

/** Smaller units than ours, and how many of them make one of ours. */
const SMALLER: Readonly<Record<string, readonly [Dimension, string, number]>> = {
  ns: ['time', 'us', 1_000],
  mW: ['power', 'W', 1_000],
};

/** Upper and lower case may not be told apart where it matters: `mw` may be a milli- or megawatt. */
const CASE_MATTERS: ReadonlySet<string> = new Set(['mw', 'mW']);

/** `Gbit`, `GBits`, `Gb`: a size in bits. */
const BITS = /^([kKMGTPE]?)(?:b|[bB]its?)$/;
/** `GB/s`, `MBps`, `GiB/s`: a rate in bytes. */
const BYTE_RATE = /^([kKMGT]?)(i?)(?:B|[bB]ytes?)(?:ps|\/s|\/sec)$/;

/** What is at least as long, and nothing but letters, is taken for a word that may be misspelt. */
const WORD = /^[a-z]{5,}$/;

const round = (value: number): number => Number(value.toPrecision(12));

/** Why `number` with this suffix is no value, in one sentence, when that can be said. */
export function unitHint(
  number: string,
  suffix: string,
  dimension: Dimension,
  suffixes: Suffixes,
): string | undefined {
  if (suffixes[dimension].includes(suffix)) {
    if (/^\.\d/.test(number)) return `did you mean 0${number}${suffix}?`;
    return 'write the number in digits, at most 15 before a point and 12 after it';
  }
  const meant = meantUnits(suffix, dimension, suffixes[dimension]);
  if (meant.length > 0)
    return `did you mean ${meant.map((one) => `${number}${one}`).join(' or ')}?`;
  return converted(Number(number), suffix, dimension) ?? elsewhere(suffix, dimension, suffixes);
}

function meantUnits(
  suffix: string,
  dimension: Dimension,
  units: readonly string[],
): readonly string[] {
  const spellings = SPELLINGS[dimension];
  const known = Object.hasOwn(spellings, suffix) ? spellings[suffix] : undefined;
  if (known !== undefined) return known;
  const lower = suffix.toLowerCase();
  if (BITS.test(suffix) && suffix !== lower && dimension === 'size') return [];
  if (BYTE_RATE.test(suffix) && suffix !== lower) return [];
  if (Object.hasOwn(spellings, lower) && suffix.length > 1) return spellings[lower];
  const sameLetters = units.filter((unit) => unit.toLowerCase() === lower);
  if (sameLetters.length === 1 && suffix !== 'b' && !CASE_MATTERS.has(suffix)) return sameLetters;
  if (!WORD.test(lower)) return [];
  const words = Object.keys(spellings).filter((word) => WORD.test(word));
  const nearest = words.length === 0 ? '' : closest(lower, words);
  return distance(lower, nearest) <= 2 ? spellings[nearest] : [];
}

/** A value that says the same in one of our units. */
function converted(value: number, suffix: string, dimension: Dimension): string | undefined {
  const smaller = Object.hasOwn(SMALLER, suffix) ? SMALLER[suffix] : undefined;
  if (smaller !== undefined && smaller[0] === dimension) {
    return `did you mean ${round(value / smaller[2])}${smaller[1]}?`;
  }
  const bits = dimension === 'size' ? BITS.exec(suffix) : null;
  if (bits !== null) {
    const prefix = bits[1].replace('K', 'k');
    const asBytes = `${round(value / 8)}${prefix}B`;
    // `Gb` is often meant as bytes; `Gbit` never is.
    return suffix.length <= 2
      ? `${suffix} counts bits: did you mean ${asBytes}, or ${value}${prefix}B?`
      : `${suffix} counts bits: did you mean ${asBytes}?`;
  }
  const bytes = dimension === 'bit rate' ? BYTE_RATE.exec(suffix) : null;
  if (bytes === null) return undefined;
  if (bytes[2] !== '') return `${suffix} counts bytes: write bits a second`;
  const prefix = bytes[1].replace('K', 'k');
  return `${suffix} counts bytes: did you mean ${round(value * 8)}${prefix}bps?`;
}

function elsewhere(suffix: string, dimension: Dimension, suffixes: Suffixes): string | undefined {
  const others = Object.entries(suffixes) as readonly [Dimension, readonly string[]][];
  const other = others.find(([name, units]) => name !== dimension && units.includes(suffix));
  return other === undefined ? undefined : `${suffix} is a unit of ${other[0]}`;
}
