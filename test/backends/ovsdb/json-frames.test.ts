import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { JsonFrames } from '../../../backends/ovsdb/json-frames.ts';
import { anyText } from '../../support/any-text.ts';

const LIMITS = { message_bytes_max: 1000, depth_max: 20 };
const message = fc
  .dictionary(anyText(), fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }), { maxKeys: 4 })
  .filter((json) => Buffer.byteLength(JSON.stringify(json)) <= LIMITS.message_bytes_max);

/** Cuts a stream at any bytes and returns the messages found in it. */
function messagesOf(stream: Buffer, places: readonly number[]): unknown[] {
  const cuts = [0, ...places.map((at) => at % (stream.length + 1)), stream.length];
  cuts.sort((a, b) => a - b);
  const frames = new JsonFrames(LIMITS);
  const found: unknown[] = [];
  for (let i = 1; i < cuts.length; i++) {
    frames.push(stream.subarray(cuts[i - 1], cuts[i]), (json) => found.push(json));
  }
  expect(frames.isWithinMessage).toBe(false);
  return found;
}

describe('JSON messages', () => {
  it('are the same however the stream is cut, brackets and quotes within strings included', () => {
    const blank = fc.constantFrom('', ' ', '\n', '\r\n\t');
    fc.assert(
      fc.property(fc.array(fc.tuple(message, blank)), fc.array(fc.nat()), (all, places) => {
        const text = all.map(([json, space]) => JSON.stringify(json) + space).join('');
        const expected = all.map(([json]) => JSON.parse(JSON.stringify(json)));
        expect(messagesOf(Buffer.from(text), places)).toEqual(expected);
      }),
    );
  });

  it('that a string of brackets, quotes and backslashes fills are one message', () => {
    const nasty = { text: '}]{["\\"\\\\}' };
    expect(messagesOf(Buffer.from(JSON.stringify(nasty)), [3, 9, 12])).toEqual([nasty]);
  });

  it.each([
    ['an array', '[1]', 'OVSDB_MALFORMED'],
    ['a bare word', 'null', 'OVSDB_MALFORMED'],
    ['a closing bracket', '}', 'OVSDB_MALFORMED'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n', 'OVSDB_MALFORMED'],
    ['an object that is not JSON', '{"a":1,}', 'OVSDB_MALFORMED'],
    ['brackets that do not match', '{"a":[}}', 'OVSDB_MALFORMED'],
    ['a message too deep', `{"a":${'['.repeat(30)}`, 'OVSDB_MESSAGE_TOO_LARGE'],
    ['a message too long, before its end', `{"a":"${'x'.repeat(2000)}`, 'OVSDB_MESSAGE_TOO_LARGE'],
  ])('are refused: %s', (_, text, code) => {
    const frames = new JsonFrames(LIMITS);
    const push = () => frames.push(Buffer.from(text), () => {});
    expect(push).toThrow(FaultError);
    try {
      new JsonFrames(LIMITS).push(Buffer.from(text), () => {});
    } catch (cause) {
      expect((cause as FaultError).fault.code).toBe(code);
    }
  });

  it('that are not UTF-8 are refused', () => {
    const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => new JsonFrames(LIMITS).push(bytes, () => {})).toThrow('not JSON');
  });
});
