import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mistake, mistakes } from '../../backends/mistake.ts';
import { OVS_KINDS, type OvsVerbContext } from '../../backends/ovs/kinds.ts';

const schema = z.strictObject({ tag: z.int().max(4095, 'at most 4095'), name: z.string() });
const issues = (value: unknown) => schema.safeParse(value).error?.issues ?? [];

describe('a mistake in parameters', () => {
  it('is told with its place', () => {
    expect(mistake(issues({ tag: 4096, name: 'a' })[0])).toBe('tag: at most 4095');
    expect(mistake(issues({ tag: 4096, name: 'a' })[0], 'add')).toBe('add.tag: at most 4095');
  });

  it('of the whole has no place, and no empty one', () => {
    const wrong = issues({ tag: 1, name: 'a', colour: 'red' });
    expect(mistake(wrong[0])).toBe('Unrecognized key: "colour"');
    expect(mistake(wrong[0], 'add')).toBe('add: Unrecognized key: "colour"');
  });

  it('comes with the others', () => {
    const all = mistakes(issues({ tag: 4096, colour: 'red', shape: 'round' }));
    expect(all).toMatch(/^tag: at most 4095; name: .*; Unrecognized keys: "colour", "shape"$/);
  });

  it('of an interface of Open vSwitch names the interface and the key', async () => {
    const its = OVS_KINDS.find(({ kind }) => kind === 'interface')!;
    const params = { bridge: 'br-int', colour: 'red' };
    const action = { kind: 'interface', entity: 'eth7', verb: 'add', params };
    const context = { name: 'eth7', action } as unknown as OvsVerbContext;
    await expect((async () => its.verbs['add'](context))()).rejects.toMatchObject({
      fault: {
        code: 'OVS_BAD_PARAMS',
        message: expect.stringContaining('add of eth7: there is no parameter "colour"'),
      },
    });
  });
});
