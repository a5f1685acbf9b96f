import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytes,
  countOf,
  decimal,
  layerTitle,
  list,
  noun,
  percent,
  WIDTH,
  wrap,
} from '../../cli/report/words.ts';
import { parseTime } from '../../cli/tools/time.ts';
import { clock, span } from '../../engine/time-text.ts';
import { KINDS } from '../../model/index.ts';
import { LAYERS } from '../../model/layers.ts';

test('times are read as they are written', () => {
  expect(clock(0)).toBe('00:00:00');
  expect(clock(93_600)).toBe('1d02:00:00');
  expect(clock(59.6)).toBe('00:01:00');
  fc.assert(
    fc.property(fc.nat(400 * 86_400), (time_s) => {
      expect(parseTime(clock(time_s))).toBe(time_s);
    }),
  );
});

test('lengths of time say what matters', () => {
  const told = [0, 0.004, 0.45, 3.66, 9.96, 59.7, 61, 3_600, 5_400, 90_000, 172_800].map(span);
  expect(told).toEqual([
    ...['0 s', '<0.1 s', '0.5 s', '3.7 s', '10 s', '1m', '1m 1s', '1h', '1h 30m', '1d 1h', '2d'],
  ]);
});

test('shares near one keep the digits that matter', () => {
  expect([0, 0.5, 0.123_45, 0.995, 0.999_95, 0.999_999, 1].map(percent)).toEqual([
    ...['0 %', '50 %', '12.3 %', '99.5 %', '99.995 %', '99.9999 %', '100 %'],
  ]);
});

test('a share below one is never written as all of it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 0.999_999, noNaN: true }), (ratio) => {
      if (ratio < 1) expect(percent(ratio)).not.toBe('100 %');
    }),
  );
});

test('amounts carry their unit', () => {
  expect(bytes(0)).toBe('0 B');
  expect(bytes(1536)).toBe('1.5 KiB');
  expect(bytes(8 * 2 ** 40)).toBe('8 TiB');
  expect(decimal(4_420, 'W')).toBe('4.42 kW');
  expect(decimal(310e9, 'W')).toBe('310 GW');
});

test('every layer and kind has a name, plurals included', () => {
  for (const layer of LAYERS) expect(layerTitle(layer)).toMatch(/^[A-Za-z ]+$/);
  for (const { kind } of KINDS) {
    expect(noun(kind)).toMatch(/^[A-Za-z ]+$/);
    expect(noun(kind, 2)).not.toBe('');
  }
  expect(countOf(1, 'pg')).toBe('1 PG');
  expect(countOf(1_200, 'pg')).toBe('1,200 PGs');
  expect(list([])).toBe('');
  expect(list(['a', 'b', 'c'])).toBe('a, b and c');
});

test('wrapped text keeps every word and the width', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,30}$/), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(words, fc.nat(12), fc.nat(20), (all, indent, hang) => {
      const lines = wrap(all.join(' '), indent, hang);
      expect(lines.flatMap((line) => line.trim().split(' '))).toEqual(all);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(WIDTH);
      expect(lines[0].startsWith(' '.repeat(indent))).toBe(true);
    }),
  );
});
