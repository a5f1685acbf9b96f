import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, readSource } from '../../viz/page/codec.ts';
import { clock, metricValue, span, speedLabel, timeTicks } from '../../viz/page/format.ts';
import { readHash, writeHash } from '../../viz/page/hash.ts';
import { NameIndex } from '../../viz/page/search.ts';
import { anyText } from '../support/any-text.ts';

describe('times as text', () => {
  it.each([
    [0, '00:00:00'],
    [3725, '01:02:05'],
    [3725.25, '01:02:05.250'],
    [2 * 86_400 + 61, '2d00:01:01'],
    [59.9996, '00:01:00.000'],
  ])('%d s is %s on the clock', (time_s, expected) => {
    expect(clock(time_s)).toBe(expected);
  });

  it.each([
    [0, '0 s'],
    [0.0421, '42.1 ms'],
    [0.00001, '0.01 ms'],
    [4.21, '4.21 s'],
    [42.4, '42.4 s'],
    [130, '2m 10s'],
    [3599.7, '1h'],
    [86_400, '1d'],
    [90_000, '1d 1h'],
    [400 * 86_400, '400d'],
    [Number.POSITIVE_INFINITY, 'for ever'],
  ])('%d s lasts %s', (seconds, expected) => {
    expect(span(seconds)).toBe(expected);
  });

  it('names speeds', () => {
    expect([0.1, 1, 60, 86_400].map(speedLabel)).toEqual([
      '100 ms per s',
      'real time',
      '1m per s',
      '1d per s',
    ]);
  });

  it('puts ticks at round instants within the span, not too many', () => {
    const start = fc.double({ min: 0, max: 1e7, noNaN: true });
    const width = fc.double({ min: 0.01, max: 4e8, noNaN: true });
    fc.assert(
      fc.property(start, width, fc.integer({ min: 2, max: 20 }), (from, length, most) => {
        const ticks = timeTicks(from, from + length, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const { time_s } of ticks) {
          expect(time_s).toBeGreaterThanOrEqual(from - 1e-6);
          expect(time_s).toBeLessThanOrEqual(from + length + 1e-6);
        }
      }),
    );
    expect(timeTicks(0, 86_400, 4).map((t) => t.label)).toEqual([
      '00:00',
      '06:00',
      '12:00',
      '18:00',
      '1d',
    ]);
  });

  it.each([
    ['power_w', 250, '250 W'],
    ['cpu_utilisation_ratio', 0.425, '42.5 %'],
    ['used_bytes', 3 * 1024 ** 3, '3 GiB'],
    ['used_bytes', 0, '0 B'],
    ['queue', 12_345, '12.3K'],
  ])('%s %d is %s', (name, value, expected) => {
    expect(metricValue(name, value)).toBe(expected);
  });
});

describe('the address', () => {
  it('leads back to the same place', () => {
    const name = anyText({ minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.option(name, { nil: undefined }),
        (time_s, entity) => {
          const place = readHash(writeHash({ time_s: time_s + 0, entity }));
          expect(place).toEqual(
            entity === undefined ? { time_s: time_s + 0 } : { time_s: time_s + 0, entity },
          );
        },
      ),
    );
  });

  it('keeps slashes readable', () => {
    expect(writeHash({ time_s: 12.5, entity: 'server/web 1' })).toBe('#t=12.5&e=server/web%201');
  });

  it.each(['', '#', '#t=', '#t=abc', '#t=-1', '#t=Infinity', '#x=1'])('ignores %j', (hash) => {
    expect(readHash(hash)).toEqual({});
  });
});

describe('the embedded recording', () => {
  it('comes out of base64 as it went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(fromBase64(` ${Buffer.from(bytes).toString('base64')}\n`)).toEqual(bytes);
      }),
    );
    const large = new Uint8Array(2_000_001).map((_, i) => i * 7);
    expect(Buffer.compare(fromBase64(Buffer.from(large).toString('base64')), large)).toBe(0);
  });

  it('is decompressed', async () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i % 251);
    const text = gzipSync(bytes).toString('base64');
    const read = await readSource({ from: 'embedded', encoding: 'gzip', text, note: '' });
    expect(read).toEqual(bytes);
  });

  it('is missed where the page was built without one', async () => {
    const source = { from: '', encoding: '', text: '@recording@', note: '' };
    await expect(readSource(source)).rejects.toThrow('without a recording');
  });
});

describe('search', () => {
  const index = new NameIndex([
    'osd/osd.10',
    'osd/osd.2',
    'server/web-1',
    '',
    'pod/web-1',
    'pod/my-web-1',
  ]);

  it('finds entities by part of their name, exact ones first, in natural order', () => {
    expect(index.find('osd')).toEqual([1, 0]);
    expect(index.find('web-1')).toEqual([4, 2, 5]);
    expect(index.find(' MY-web-1 ')).toEqual([5]);
    expect(index.find('WEB pod')).toEqual([4, 5]);
  });

  it('finds nothing for nothing', () => {
    expect(index.find('  ')).toEqual([]);
    expect(index.find('gone')).toEqual([]);
  });
});
