/** The tables of what verbs take name verbs that the drivers have, and say of every field what it is. */
import { describe, expect, it } from 'vitest';
import { DRIVERS } from '../../backends/catalogue.ts';
import { fieldsOf } from '../../docs/generator/fields.ts';
import { verbsByKind } from '../../docs/generator/opened-drivers.ts';
import { DRIVER_NAMES } from '../../model/drivers.ts';

describe.each(DRIVER_NAMES)('what the verbs of %s take', (name) => {
  it('is told of verbs that it has', async () => {
    const { params } = await DRIVERS[name]();
    const offered = await verbsByKind(name, Object.keys(params));
    for (const [kind, verbs] of Object.entries(params)) {
      expect(offered.get(kind), kind).toEqual(expect.arrayContaining(Object.keys(verbs)));
    }
  });

  it('is described, field by field, in a sentence', async () => {
    const { params } = await DRIVERS[name]();
    for (const [kind, verbs] of Object.entries(params)) {
      for (const [verb, schema] of Object.entries(verbs)) {
        const fields = fieldsOf(schema);
        expect(fields.length, `${kind} ${verb}`).toBeGreaterThan(0);
        for (const field of fields) {
          expect(field.meaning, `${kind} ${verb} ${field.name}`).toMatch(/^[A-Z0-9`].*\.$/s);
        }
      }
    }
  });
});
