import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FaultError } from '../../../backends/fault.ts';
import { parseSchema } from '../../../backends/ovsdb/schema.ts';
import { checkShape, type DatabaseShape } from '../../../backends/ovsdb/shape.ts';
import { Transaction } from '../../../backends/ovsdb/transaction.ts';
import {
  decodeValue,
  encodeValue,
  NamedUuid,
  type NewValue,
  patched,
  sameValue,
} from '../../../backends/ovsdb/values.ts';
import { anyText } from '../../support/any-text.ts';
import { SCHEMA, SHAPE, UUID } from './fake-ovsdb.ts';

const schema = parseSchema(SCHEMA);
const type = (column: string) => schema.tables.get('Thing')!.get(column)!;

const strings = fc.uniqueArray(anyText(), { maxLength: 6 });
const maps = fc
  .dictionary(anyText(), anyText(), { maxKeys: 6 })
  .map((record) => new Map(Object.entries(record)));

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (cause) {
    return (cause as FaultError).fault?.code ?? `${cause}`;
  }
}

describe('values of columns', () => {
  it('come back as they were written', () => {
    const cases: [string, fc.Arbitrary<NewValue>][] = [
      ['name', anyText()],
      ['size', fc.integer({ min: 0, max: 9 })],
      ['colour', fc.constantFrom('red', 'blue', null)],
      ['tags', strings],
      ['ids', maps],
      ['other', fc.option(fc.uuid())],
    ];
    for (const [column, values] of cases) {
      fc.assert(
        fc.property(values, (value) => {
          const back = decodeValue(type(column), encodeValue(type(column), value, column), column);
          expect(sameValue(back, value as never)).toBe(true);
        }),
      );
    }
  });

  it.each<[string, NewValue]>([
    ['name', 7],
    ['name', null],
    ['name', new NamedUuid('row1')],
    ['size', 10],
    ['size', -1],
    ['size', 0.5],
    ['colour', 'green'],
    ['tags', ['a', 'a']],
    ['tags', ['a', 1]],
    ['tags', new Map()],
    ['ids', ['a']],
    ['ids', new Map([['a', 1]])],
    ['other', 'not a uuid'],
    ['other', [UUID, UUID.replace('1', '2')]],
  ])('%s does not take %o', (column, value) => {
    expect(codeOf(() => encodeValue(type(column), value, column))).toBe('OVSDB_BAD_VALUE');
  });

  it('of any other form are malformed, never a crash', () => {
    const json = fc.jsonValue();
    for (const column of Object.keys(SHAPE.Thing)) {
      fc.assert(
        fc.property(json, (value) => {
          const code = codeOf(() => decodeValue(type(column), value, column));
          expect([undefined, 'OVSDB_MALFORMED']).toContain(code);
        }),
      );
    }
  });

  it('of sets and maps follow the differences that a server sends', () => {
    fc.assert(
      fc.property(strings, strings, (before, after) => {
        const difference = [
          ...before.filter((each) => !after.includes(each)),
          ...after.filter((each) => !before.includes(each)),
        ];
        expect(sameValue(patched(type('tags'), before, difference), after)).toBe(true);
      }),
    );
    fc.assert(
      fc.property(maps, maps, (before, after) => {
        const difference = new Map([
          ...[...before].filter(([key]) => !after.has(key)),
          ...[...after].filter(([key, value]) => before.get(key) !== value),
        ]);
        expect(sameValue(patched(type('ids'), before, difference), after)).toBe(true);
      }),
    );
  });
});

describe('schemas', () => {
  it('of any other form are malformed, never a crash', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ name: fc.jsonValue(), version: fc.string(), tables: fc.jsonValue() }),
      fc.jsonValue().map((columns) => ({ ...SCHEMA, tables: { Thing: { columns } } })),
      fc
        .jsonValue()
        .map((its) => ({ ...SCHEMA, tables: { T: { columns: { c: { type: its } } } } })),
    );
    fc.assert(
      fc.property(anything, (json) => {
        expect([undefined, 'OVSDB_MALFORMED']).toContain(codeOf(() => parseSchema(json)));
      }),
    );
  });

  it('must have the columns that are needed, in their shape', () => {
    expect(codeOf(() => checkShape(schema, SHAPE))).toBeUndefined();
    const others: readonly DatabaseShape[] = [
      { Thing: { name: 'string?' } },
      { Thing: { weight: 'real' } },
      { Nothing: { name: 'string' } },
    ];
    for (const shape of others) {
      expect(codeOf(() => checkShape(schema, shape))).toBe('OVSDB_SCHEMA_UNSUPPORTED');
    }
  });
});

describe('transactions', () => {
  it('are written as RFC 7047 has them', () => {
    const transaction = new Transaction(schema);
    const row = transaction.insert('Thing', { name: 'a', tags: ['x', 'y'], other: null });
    transaction.mutate(
      'Thing',
      [['name', '==', 'b']],
      [
        ['other', 'insert', row],
        ['ids', 'delete', ['gone']],
        ['size', '+=', 1],
      ],
    );
    transaction.expect('Thing', [['name', '==', 'c']], []);
    expect(transaction.operations).toEqual([
      {
        ...{ op: 'insert', table: 'Thing', 'uuid-name': 'row1' },
        row: { name: 'a', tags: ['set', ['x', 'y']], other: ['set', []] },
      },
      {
        ...{ op: 'mutate', table: 'Thing', where: [['name', '==', 'b']] },
        mutations: [
          ['other', 'insert', ['named-uuid', 'row1']],
          ['ids', 'delete', 'gone'],
          ['size', '+=', 1],
        ],
      },
      {
        ...{ op: 'wait', timeout: 0, table: 'Thing', where: [['name', '==', 'c']] },
        ...{ until: '==', columns: ['_uuid'], rows: [] },
      },
    ]);
  });

  it('refuse columns that are not there or never change, before anything is sent', () => {
    const transaction = new Transaction(schema);
    const unknown = () => transaction.insert('Thing', { weight: 1 });
    expect(codeOf(unknown)).toBe('OVSDB_SCHEMA_UNSUPPORTED');
    const fixed = () => transaction.update('Thing', [], { serial: 'x' });
    expect(codeOf(fixed)).toBe('OVSDB_BAD_VALUE');
  });
});
