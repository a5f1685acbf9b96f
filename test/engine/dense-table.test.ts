import { expect, it } from 'vitest';
import { DenseTable } from '../../engine/dense-table.ts';
import { standardModel } from '../../engine/standard-model.ts';

it('has the entry of the whole table for every state and every event', () => {
  const model = standardModel();
  const dense = new DenseTable(model);
  const entries = new Int32Array(model.table.length);
  for (let state = 0; state < model.stateNames.length; state++) {
    for (let event = 0; event < dense.eventCount; event++) {
      entries[state * dense.eventCount + event] = dense.entry(state, event);
    }
  }
  expect(entries.some((entry) => entry !== 0)).toBe(true);
  expect(Buffer.compare(Buffer.from(entries.buffer), Buffer.from(model.table.buffer))).toBe(0);
});
