import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandLine } from '../../../backends/ssh/quote.ts';
import { anyText } from '../../support/any-text.ts';

/** Anything but a zero character, which no argument can hold. */
const argument = anyText({ maxLength: 20 }).map((text) => text.replaceAll('\0', ''));

it('is split by a shell into exactly the arguments that were given', () => {
  const hostile = fc.constantFrom(
    '$(id)',
    '`id`',
    "'",
    '"',
    '\\',
    '\n',
    '*',
    '~',
    '-n',
    '; id',
    '',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(argument, hostile), { maxLength: 6 }), (args) => {
      const print = ['printf', '%s\\0', ...args];
      // printf without arguments for its format still prints one, empty.
      const expected = args.length === 0 ? [''] : args;
      const { stdout } = spawnSync('/bin/sh', ['-c', commandLine(print)], { encoding: 'utf8' });
      expect(stdout.split('\0').slice(0, -1)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

it('refuses a zero character', () => {
  expect(() => commandLine(['a\0b'])).toThrow(RangeError);
});
