import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration } from '../../scenarios/unit-format.ts';
import {
  BIT_RATE,
  BIT_RATE_UNITS,
  BYTE_UNITS,
  BYTES,
  COUNT,
  CPU,
  DURATION,
  DURATION_UNITS,
  GROWTH,
  POWER,
  POWER_UNITS,
  type Quantity,
  RATE,
  RATIO,
  type Unit,
} from '../../scenarios/units.ts';
import { anyText } from '../support/any-text.ts';

/** Units as they are written elsewhere. */
const SPELT = ['Gbit', 'GBits', 'Gb', 'Gib', 'MB/s', 'MBps', 'kWh', 'mW', 'ns', 'Mi', 'K', 'hrs'];

const ALL = [BYTES, BIT_RATE, DURATION, RATE, POWER, RATIO, GROWTH, CPU, COUNT];

/** The value of a text that must be legal. */
function read(quantity: Quantity, input: unknown): number {
  const parsed = quantity.parse(input);
  if (!parsed.ok) throw new Error(`${String(input)}: expected ${parsed.expected}`);
  return parsed.value;
}

/** The whole answer to a text that must not be legal, as one line. */
function refusal(quantity: Quantity, input: unknown): string {
  const parsed = quantity.parse(input);
  if (parsed.ok) throw new Error(`${String(input)} was read as ${parsed.value}`);
  return parsed.hint === undefined ? parsed.expected : `${parsed.expected} | ${parsed.hint}`;
}

describe('values with units', () => {
  it.each([
    [BYTES, '512GiB', 549_755_813_888],
    [BYTES, '960GB', 960_000_000_000],
    [BYTES, '1.5TiB', 1_649_267_441_664],
    [BYTES, '128 MiB', 134_217_728],
    [BYTES, '1kB', 1_000],
    [BYTES, '1KiB', 1_024],
    [BYTES, 0, 0],
    [BIT_RATE, '10Gbps', 10_000_000_000],
    [BIT_RATE, '2.5Gbps', 2_500_000_000],
    [DURATION, '5m', 300],
    [DURATION, '2d', 172_800],
    [DURATION, '1h30m', 5_400],
    [DURATION, '1y', 31_536_000],
    [DURATION, '1w', 604_800],
    [DURATION, '250ms', 0.25],
    [DURATION, '1s500ms', 1.5],
    [DURATION, '1.1m', 66],
    [DURATION, '0.1s', 0.1],
    [RATE, '0.9%/y', 0.009 / 31_536_000],
    [RATE, '4/h', 4 / 3_600],
    [RATE, '0.2/s', 0.2],
    [RATE, '1/5m', 1 / 300],
    [RATE, '3/30d', 3 / 2_592_000],
    [POWER, '120W', 120],
    [POWER, '12kW', 12_000],
    [RATIO, '80%', 0.8],
    [RATIO, 0.8, 0.8],
    [RATIO, '0.8', 0.8],
    [RATIO, '99.99%', 0.9999],
    [GROWTH, '20%/y', 0.2],
    [CPU, '500m', 0.5],
    [CPU, 2, 2],
    [COUNT, 5, 5],
  ])('%s: reads %j', (quantity, input, value) => {
    expect(read(quantity, input)).toBe(value);
  });

  it.each([
    [DURATION, 5, 'did you mean 5s?'],
    [DURATION, '5', 'did you mean 5s?'],
    [DURATION, '5min', 'did you mean 5m?'],
    [DURATION, '5 hours', 'did you mean 5h?'],
    [DURATION, '2mo', 'months differ in length'],
    [DURATION, '30m1h', 'the largest first'],
    [DURATION, '-5m', 'negative values are not allowed'],
    [DURATION, '99999y', 'at most 10000y'],
    [BYTES, 512, 'did you mean 512GiB?'],
    [BYTES, '512G', 'did you mean 512GiB or 512GB?'],
    [BYTES, '128 GBits', 'GBits counts bits: did you mean 16GB?'],
    [BYTES, '128Gbit', 'Gbit counts bits: did you mean 16GB?'],
    [BYTES, '128Gb', 'Gb counts bits: did you mean 16GB, or 128GB?'],
    [BYTES, '512gb', 'did you mean 512GB?'],
    [BYTES, '512KB', 'did you mean 512kB or 512KiB?'],
    [BYTES, '10Gbps', 'Gbps is a unit of bit rate'],
    [BYTES, '512m', 'm is a unit of time'],
    [BYTES, 1_073_741_824, 'did you mean 1073741824B?'],
    [BYTES, '512gib', 'did you mean 512GiB?'],
    [BYTES, '512Mi', 'did you mean 512MiB?'],
    [BYTES, '5000EiB', 'at most 1024EiB'],
    [BIT_RATE, '10Gb/s', 'did you mean 10Gbps?'],
    [BIT_RATE, '10gbps', 'did you mean 10Gbps?'],
    [BIT_RATE, '10G', 'did you mean 10Gbps?'],
    [BIT_RATE, '100MBps', 'MBps counts bytes: did you mean 800Mbps?'],
    [BIT_RATE, '1.25 GB/s', 'GB/s counts bytes: did you mean 10Gbps?'],
    [BIT_RATE, '1GiB/s', 'GiB/s counts bytes: write bits a second'],
    [BIT_RATE, '10GB', 'GB is a unit of size'],
    [BIT_RATE, 10_000_000_000, 'did you mean 10000000000bps?'],
    [RATE, '0.9%', 'add the period, such as 0.9%/h or 0.9%/y'],
    [RATE, 4, 'add the period, such as 4/h or 4/y'],
    [RATE, '4/fortnight', 'after the / comes'],
    [RATE, '4/0s', 'after the / comes'],
    [RATIO, 80, 'did you mean 80%?'],
    [RATIO, '120%', 'between 0 and 1'],
    [POWER, '120 watts', 'did you mean 120W?'],
    [POWER, '12KW', 'did you mean 12kW?'],
    [POWER, '350mW', 'did you mean 0.35W?'],
    [DURATION, '10 mintues', 'did you mean 10m?'],
    [DURATION, '500ns', 'did you mean 0.5us?'],
    [DURATION, '4GiB', 'GiB is a unit of size'],
    [GROWTH, '20%', 'a yearly growth such as 20%/y'],
    [CPU, '500mCPU', '500m (thousandths of a core)'],
  ])('%s: refuses %j and says %s', (quantity, input, says) => {
    expect(refusal(quantity, input)).toContain(says);
  });

  it.each([
    [POWER, '12kWh'],
    [POWER, '12kVA'],
    [POWER, '1mw'],
    [BYTES, '8 blocks'],
    [DURATION, '5x'],
    [BIT_RATE, '10GiB/s'],
  ])('%s: guesses nothing for %j', (quantity, input) => {
    expect(refusal(quantity, input)).not.toContain('did you mean');
  });

  it('suggests only what is legal, whatever the unit', () => {
    const suffix = fc.oneof(fc.stringMatching(/^[a-zA-Z/%µ]{1,12}$/), fc.constantFrom(...SPELT));
    const quantities = fc.constantFrom(BYTES, BIT_RATE, DURATION, POWER);
    fc.assert(
      fc.property(quantities, fc.integer({ min: 1, max: 900 }), suffix, (quantity, n, unit) => {
        const parsed = quantity.parse(`${n}${unit}`);
        if (parsed.ok || parsed.hint === undefined) return;
        for (const [, text] of parsed.hint.matchAll(/(?:mean|or) ([\d.]+[A-Za-z]+)/g)) {
          expect(quantity.parse(text).ok, `${n}${unit}: ${parsed.hint}`).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('says what was expected with an example that is legal itself', () => {
    for (const quantity of ALL) {
      expect(quantity.parse(quantity.example).ok, quantity.name).toBe(true);
      expect(quantity.expected).toMatch(/such as/);
      expect(quantity.example).toMatch(new RegExp(`^(?:${quantity.pattern})$`));
    }
  });

  it('never throws and never reads anything as less than 0 or as no number', () => {
    const anything = fc.oneof(fc.anything(), anyText(), fc.double().map(String));
    fc.assert(
      fc.property(fc.constantFrom(...ALL), anything, (quantity, input) => {
        const parsed = quantity.parse(input);
        if (parsed.ok) expect(parsed.value).toBeGreaterThanOrEqual(0);
        else expect(parsed.expected).not.toBe('');
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('scales', () => {
  const simple: readonly (readonly [Quantity, readonly Unit[]])[] = [
    [BYTES, BYTE_UNITS],
    [BIT_RATE, BIT_RATE_UNITS],
    [DURATION, DURATION_UNITS],
    [POWER, POWER_UNITS],
  ];

  it('are those of the units, exactly, for whole numbers', () => {
    for (const [quantity, units] of simple) {
      fc.assert(
        fc.property(fc.constantFrom(...units), fc.integer({ min: 0, max: 1_000 }), (u, n) => {
          const exact = (BigInt(n) * BigInt(u.numerator)) / BigInt(u.denominator);
          const value = read(quantity, `${n}${u.suffix}`);
          if (u.denominator === 1) expect(BigInt(value)).toBe(exact);
          else expect(value).toBe(n / u.denominator);
        }),
      );
    }
  });

  it('round once for decimals: nothing is off by more than one unit in the last place', () => {
    for (const [quantity, units] of simple) {
      const decimals = fc.tuple(
        fc.constantFrom(...units),
        fc.integer({ min: 0, max: 9_999 }),
        fc.integer({ min: 1, max: 6 }),
      );
      fc.assert(
        fc.property(decimals, ([u, digits, places]) => {
          const text = (digits / 10 ** places).toFixed(places);
          const near = (digits * (u.numerator / u.denominator)) / 10 ** places;
          const value = read(quantity, `${text}${u.suffix}`);
          const slack = quantity === BYTES ? 0.5 : 0;
          expect(Math.abs(value - near)).toBeLessThanOrEqual(near * 1e-15 * 4 + slack);
        }),
      );
    }
  });

  it('add up in durations of several units', () => {
    const parts = fc.subarray([...DURATION_UNITS.keys()], { minLength: 1 });
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 59 }), (ranks, n) => {
        const units = ranks.map((i) => DURATION_UNITS[i]);
        const text = units.map((u) => `${n}${u.suffix}`).join('');
        const sum = units.reduce((total, u) => total + (n * u.numerator) / u.denominator, 0);
        expect(read(DURATION, text)).toBeCloseTo(sum, 6);
      }),
    );
  });

  it('of rates are those of the period', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 999 }),
        fc.constantFrom(...DURATION_UNITS),
        fc.boolean(),
        (n, u, percent) => {
          const value = read(RATE, `${n}${percent ? '%' : ''}/${u.suffix}`);
          const events = value * (u.numerator / u.denominator) * (percent ? 100 : 1);
          expect(events).toBeCloseTo(n, 6);
        },
      ),
    );
  });
});

describe('writing values', () => {
  it('gives durations that are read back, to the millisecond', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e8, noNaN: true }), (seconds) => {
        expect(read(DURATION, formatDuration(seconds))).toBeCloseTo(
          Math.round(seconds * 1000) / 1000,
          6,
        );
      }),
    );
    expect(formatDuration(5_400)).toBe('1h30m');
    expect(formatDuration(2 * 86_400)).toBe('2d');
    expect(formatDuration(0)).toBe('0s');
  });

  it('gives bytes that are read back, to two decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        const back = read(BYTES, formatBytes(bytes));
        expect(Math.abs(back - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.006));
      }),
    );
    expect(formatBytes(1.5 * 2 ** 40)).toBe('1.5TiB');
    expect(formatBytes(0)).toBe('0B');
  });
});
