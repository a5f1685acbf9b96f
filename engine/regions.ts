/** Machines with several regions, which move by themselves. */
import type { CompiledModel } from './tables.ts';

/**
 * The states between two of one kind: some of the regions that differ have moved already, and the others
 * have not. None where fewer than two differ.
 */
export function statesBetween(model: CompiledModel, from: number, to: number): readonly number[] {
  const [before, after] = [from, to].map((state) => model.stateNames[state].split('+'));
  const differing = before.filter((part, region) => part !== after[region]).length;
  if (differing < 2) return [];
  const { firstState, stateCount } = model.kinds[model.stateKind[from]];
  const states = Array.from({ length: stateCount }, (_, i) => firstState + i);
  return states.filter((state) => {
    const parts = model.stateNames[state].split('+');
    const isBetween = parts.every((part, i) => part === before[i] || part === after[i]);
    return isBetween && state !== from && state !== to;
  });
}
