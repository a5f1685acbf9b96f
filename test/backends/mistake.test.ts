import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mistake } from '../../backends/mistake.ts';

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
});
