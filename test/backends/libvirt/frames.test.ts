import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultError } from '../../../backends/fault.ts';
import { FrameSplitter } from '../../../backends/libvirt/frames.ts';

const BYTES_MAX = 100;
const message = fc.uint8Array({ minLength: 24, maxLength: BYTES_MAX });

function framed(body: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

describe('messages', () => {
  it('are the same however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat(600)), (bodies, places) => {
        const stream = Buffer.concat(bodies.map(framed));
        const cuts = [0, ...places.filter((at) => at < stream.length), stream.length];
        cuts.sort((a, b) => a - b);
        const splitter = new FrameSplitter(BYTES_MAX);
        const found: Buffer[] = [];
        for (let i = 1; i < cuts.length; i++) {
          splitter.push(stream.subarray(cuts[i - 1], cuts[i]), (whole) => found.push(whole));
        }
        expect(found.map((each) => [...each])).toEqual(bodies.map((each) => [...each]));
        expect(splitter.isWithinMessage).toBe(false);
      }),
    );
  });

  it('of any other length are refused at once, before they arrive', () => {
    const other = fc.oneof(fc.nat(27), fc.integer({ min: BYTES_MAX + 5, max: 2 ** 32 - 1 }));
    fc.assert(
      fc.property(other, (length) => {
        const word = Buffer.alloc(4);
        word.writeUInt32BE(length);
        const splitter = new FrameSplitter(BYTES_MAX);
        expect(() => splitter.push(word, () => {})).toThrow(FaultError);
      }),
    );
  });
});
