/** How drivers read what their verbs are given. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FaultError } from '../../backends/fault.ts';
import { faultsOf, refused } from '../../backends/fault-table.ts';
import { type Asked, paramsReader } from '../../backends/verb-params.ts';

const TABLE = {
  interface: {
    add: z.object({ bridge: z.string(), tag: z.int().max(4095, 'at most 4095').default(0) }),
    update: z.object({ type: z.enum(['patch', 'vxlan']) }),
  },
};
const fault = faultsOf({ BAD: refused('they cannot be used', 'Correct them.') });
let wrong: readonly string[] = [];
const read = paramsReader(TABLE, (what, fields) => {
  wrong = fields;
  return fault('BAD', what);
});
const asked = (verb: string, params: Asked['params'], kind = 'interface'): Asked => ({
  ...{ kind, entity: 'eth7', verb, params },
});

function refusal(verb: string, params: Asked['params']) {
  try {
    read(asked(verb, params));
  } catch (thrown) {
    if (thrown instanceof FaultError) return { message: thrown.fault.message, wrong };
    throw thrown;
  }
  throw new Error('nothing was refused');
}

describe('parameters of a verb', () => {
  it('are read by its schema, found in the table or given', () => {
    const expected = { bridge: 'br-int', tag: 0 };
    expect(read(asked('add', { bridge: 'br-int' }))).toEqual(expected);
    expect(read(asked('add', { bridge: 'br-int' }), TABLE.interface.add)).toEqual(expected);
  });

  it('leave out those of other verbs of the kind, whatever they are', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (type) => {
        expect(read(asked('add', { bridge: 'br-int', type }))).toEqual({
          bridge: 'br-int',
          tag: 0,
        });
        expect(read(asked('delete', { bridge: type, type }))).toEqual({});
      }),
    );
  });

  it('that no verb of the kind takes are refused, of a verb that takes nothing too', () => {
    for (const [verb, more] of [['add', { bridge: 'br-int' }] as const, ['delete', {}] as const]) {
      const { message, wrong } = refusal(verb, { ...more, colour: 'red' });
      expect(message).toContain(`: ${verb} of eth7: there is no parameter "colour"`);
      expect(wrong).toEqual(['colour']);
    }
  });

  it('are told of all at once when they are wrong', () => {
    const { message, wrong } = refusal('add', { tag: 4096, colour: 'red', toString: 'round' });
    expect(message).toMatch(
      /: add of eth7: bridge: [^;]+; tag: at most 4095; there is no parameter "colour"; there is no parameter "toString"$/,
    );
    expect(wrong).toEqual(['bridge', 'tag', 'colour', 'toString']);
  });

  it('of a kind that the table does not name are not looked at', () => {
    expect(read(asked('pull', { anything: 1 }, 'container-image'))).toEqual({});
  });
});
