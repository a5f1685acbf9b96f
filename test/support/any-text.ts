import fc from 'fast-check';

/**
 * Characters that some reader or other takes for something else: line ends of Unicode, blanks,
 * controls, marks of byte order and direction, those that join or combine, the last of the planes.
 */
const TREACHEROUS = [
  ...['\0', '\t', '\n', '\v', '\f', '\r', '\u001b', '\u007f', '\u0085', '\u00a0', '\u00ad'],
  ...['\u0130', '\u0301', '\u061c', '\u200b', '\u200d', '\u2028', '\u2029', '\u202e', '\u3000'],
  ...['\ufeff', '\ufffd', '\uffff', '\u{1f600}', '\u{e0001}', '\u{10ffff}'],
];

const character = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.constantFrom(...TREACHEROUS) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);

/** Any text that can come from outside: what is plain, what is not, and both in one. */
export function anyText(
  lengths: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.string(lengths) },
    { weight: 3, arbitrary: fc.string({ ...lengths, unit: character }) },
    { weight: 1, arbitrary: fc.string({ ...lengths, unit: 'binary' }) },
  );
}
