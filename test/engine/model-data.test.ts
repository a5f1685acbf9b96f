import { expect, it } from 'vitest';
import { modelFromData, modelToData } from '../../engine/model-data.ts';
import { standardModel } from '../../engine/standard-model.ts';

const hex = (table: Int32Array) => Buffer.from(table.buffer).toString('hex');

it('a compiled model is the same after a round trip through JSON', () => {
  const model = standardModel();
  const copy = modelFromData(JSON.parse(JSON.stringify(modelToData(model))));
  const { kindId, stateId, eventId, verbId, ...tables } = model;
  for (const [name, table] of Object.entries(tables)) {
    const copied = copy[name as keyof typeof tables];
    // Comparing half a million numbers one by one, as `toEqual` does, takes half a minute.
    if (table instanceof Int32Array) expect(hex(copied as Int32Array), name).toBe(hex(table));
    else expect(copied, name).toEqual(table);
  }
  for (const { kind } of model.kinds) expect(copy.kindId(kind)).toBe(kindId(kind));
  model.stateNames.forEach((name) => {
    expect(copy.stateId(name)).toBe(stateId(name));
  });
  expect(copy.eventId('lost')).toBe(eventId('lost'));
  expect(() => copy.verbId('no.such')).toThrow(/no verb 'no.such'/);
  expect(verbId('domain.create')).toBe(copy.verbId('domain.create'));
});
