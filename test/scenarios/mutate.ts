/** Ways to spoil a YAML text: its nodes or its bytes. All decisions come from fast-check. */
import fc from 'fast-check';
import { isNode, isPair, parse, parseDocument, visit } from 'yaml';
import { anyText } from '../support/any-text.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Ranges of all values, and of all pairs with their keys. */
export function spansOf(text: string): readonly Span[] {
  const spans: Span[] = [];
  visit(parseDocument(text), {
    Node: (_, node) => {
      if (node.range) spans.push({ start: node.range[0], end: node.range[1] });
    },
    Pair: (_, pair) => {
      const first = isNode(pair.key) ? pair.key.range : undefined;
      const last = isNode(pair.value) ? pair.value.range : first;
      if (isPair(pair) && first && last) spans.push({ start: first[0], end: last[1] });
    },
  });
  return spans;
}

/** What nodes are replaced with: legal values of other types, nonsense, and attempts to break out. */
const VALUES = [
  ...['', '~', 'true', '0', '-1', '5', '1e300', '1e400', '.nan', '0x7fffffffffffffff', '0.1'],
  ...['text', '5GiB', '10Gbps', '5m', '1y', '999y', '0s', '4/h', '99%', '120W', "''", '""'],
  ...['[]', '{}', '[[]]', '{ a: 1 }', '{ exponential: 5m }', '{ exponential: }', '[compute]'],
  ...['*x', '&x [1]', '&x [*x]', '!!binary abcd', '!!set {a}', '!!timestamp 2001-01-01', '!js x'],
  ...['{ __proto__: 1 }', '{ constructor: { prototype: 1 } }', 'constructor', 'toString'],
  ...[
    '$\u007bracks}',
    "'$\u007bnope}'",
    "'$\u007b}'",
    "'$$\u007bx}'",
    '<<: *x',
    '? x',
    '- x',
    ': x',
  ],
  ...['|\n  block\n', '>-\n  folded', '%YAML 1.1', '---', '...', '# comment', '"\\u0000\\uD800"'],
  ...['[[[[[[[[[[[[', '{{{{{{{{{{{{', ']]]]', '}}}}', '\t', '@', '`', '\u2028', '\ud83d\ude00'],
];

type Edit = (text: string, spans: readonly Span[]) => string;

const edit = fc
  .tuple(fc.nat(5), fc.nat(), fc.nat(), fc.constantFrom(...VALUES), anyText({ maxLength: 12 }))
  .map(([kind, a, b, value, garbage]): Edit => {
    return (text, spans) => {
      const first = spans[a % spans.length];
      const second = spans[b % spans.length];
      const before = text.slice(0, first.start);
      const node = text.slice(first.start, first.end);
      const after = text.slice(first.end);
      if (kind === 0) return before + after;
      if (kind === 1) return before + value + after;
      if (kind === 2) return `${before}${node}\n${node}${after}`;
      if (kind === 3) return before + text.slice(second.start, second.end) + after;
      if (kind === 4) return before + garbage + after;
      const at = b % (node.length + 1);
      return before + node.slice(0, at) + garbage + node.slice(at + 1) + after;
    };
  });

const spansOfOriginals = new Map<string, readonly Span[]>();

/** One to four spoiled nodes. After the first edit places have moved, so later ones fall anywhere. */
export const nodeEdits = fc.array(edit, { minLength: 1, maxLength: 4 }).map((edits) => {
  return (text: string): string => {
    const spans = spansOfOriginals.get(text) ?? spansOf(text);
    spansOfOriginals.set(text, spans);
    return edits.reduce((current, apply) => apply(current, spans), text);
  };
});

const byteEdit = fc.record({
  kind: fc.nat(3),
  at: fc.nat(),
  length: fc.nat(40),
  // Mostly characters that mean something in YAML, since most other bytes are no UTF-8.
  bytes: fc.oneof(
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 8 }) },
    { weight: 5, arbitrary: anyText({ minLength: 1, maxLength: 8 }).map((t) => Buffer.from(t)) },
    { weight: 3, arbitrary: fc.constantFrom(...VALUES).map((t) => Buffer.from(t)) },
  ),
});

/** One to eight places with bytes removed, inserted, replaced or repeated. */
export const byteEdits = fc.array(byteEdit, { minLength: 1, maxLength: 8 }).map((edits) => {
  return (text: string): Uint8Array => {
    let all = Buffer.from(text);
    for (const { kind, at, length, bytes } of edits) {
      const from = at % (all.length + 1);
      const head = all.subarray(0, from);
      const cut = all.subarray(from, from + length);
      const tail = all.subarray(kind === 1 ? from : from + length);
      const middle = [Buffer.alloc(0), bytes, bytes, Buffer.concat([cut, cut])][kind];
      all = Buffer.concat([head, middle, tail]);
    }
    return all;
  };
});

/** A value of a parsed scenario with where it hangs. */
interface Slot {
  readonly parent: Record<string | number, unknown>;
  readonly key: string | number;
}

function slotsOf(value: unknown, slots: Slot[] = []): readonly Slot[] {
  if (typeof value !== 'object' || value === null) return slots;
  const parent = value as Record<string | number, unknown>;
  for (const key of Object.keys(parent)) {
    slots.push({ parent, key });
    slotsOf(parent[key], slots);
  }
  return slots;
}

const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

type TreeEdit = (slots: readonly Slot[]) => void;

const treeEdit = fc
  .tuple(fc.nat(3), fc.nat(), fc.nat(), fc.constantFrom(0, 0.5, 2, 3, 1_000, -1, 1e12))
  .map(([kind, a, b, factor]): TreeEdit => {
    return (slots) => {
      const { parent, key } = slots[a % slots.length];
      const old = parent[key];
      const alike = slots.filter((s) => typeof s.parent[s.key] === typeof old);
      const other = alike[b % Math.max(1, alike.length)];
      if (kind === 0) delete parent[key];
      else if (kind === 1 && other !== undefined) parent[key] = copy(other.parent[other.key]);
      else if (kind === 2 && Array.isArray(parent)) parent.push(copy(old));
      else if (typeof old === 'number') parent[key] = old * factor;
      else if (typeof old === 'string') parent[key] = rescaled(old, factor);
    };
  });

/** The first number of a text times a factor: another duration, size or name. */
const rescaled = (text: string, factor: number): string =>
  text.replace(/\d+/, (digits) => String(Math.round(Number(digits) * factor)));

/** One to three values removed, swapped, repeated or scaled: well-formed, but with other meanings. */
export const treeEdits = fc.array(treeEdit, { minLength: 1, maxLength: 3 }).map((edits) => {
  return (text: string): string => {
    const tree: unknown = parse(text);
    for (const apply of edits) {
      const slots = slotsOf(tree);
      if (slots.length > 0) apply(slots);
    }
    return JSON.stringify(tree, null, 1);
  };
});
