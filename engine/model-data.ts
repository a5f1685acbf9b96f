/**
 * A compiled model as plain data and back. Compiling takes longer than many a run; whoever can keep
 * files keeps the result (see cli/model.ts).
 */
import type { EdgeType } from '../model/stack.ts';
import { type CompiledKind, type CompiledModel, withLookups } from './tables.ts';

/** JSON form of a compiled model: typed arrays as lists, the table without its empty entries. */
export interface ModelData {
  readonly kinds: readonly (Omit<CompiledKind, 'events'> & {
    readonly events: readonly number[];
  })[];
  readonly stateNames: readonly string[];
  readonly stateKind: readonly number[];
  readonly stateClass: readonly number[];
  readonly serving: readonly number[];
  readonly eventNames: readonly string[];
  readonly verbNames: readonly string[];
  readonly delayNames: readonly string[];
  /** Index and entry, alternately. */
  readonly table: readonly number[];
  readonly candidates: readonly number[];
  readonly guards: readonly number[];
  readonly ops: readonly number[];
  readonly reasons: readonly string[];
  readonly edges: readonly EdgeType[];
}

export function modelToData(model: CompiledModel): ModelData {
  const table: number[] = [];
  model.table.forEach((entry, index) => {
    if (entry !== 0) table.push(index, entry);
  });
  return {
    kinds: model.kinds.map((kind) => ({ ...kind, events: [...kind.events] })),
    stateNames: model.stateNames,
    stateKind: [...model.stateKind],
    stateClass: [...model.stateClass],
    serving: [...model.serving],
    eventNames: model.eventNames,
    verbNames: model.verbNames,
    delayNames: model.delayNames,
    table,
    candidates: [...model.candidates],
    guards: [...model.guards],
    ops: [...model.ops],
    reasons: model.reasons,
    edges: model.edges,
  };
}

export function modelFromData(data: ModelData): CompiledModel {
  const table = new Int32Array(data.stateNames.length * data.eventNames.length);
  for (let i = 0; i < data.table.length; i += 2) table[data.table[i]] = data.table[i + 1];
  return withLookups({
    ...data,
    kinds: data.kinds.map((kind) => ({ ...kind, events: new Set(kind.events) })),
    stateKind: Uint8Array.from(data.stateKind),
    stateClass: Uint8Array.from(data.stateClass),
    serving: Uint8Array.from(data.serving),
    table,
    candidates: Int32Array.from(data.candidates),
    guards: Int32Array.from(data.guards),
    ops: Int32Array.from(data.ops),
  });
}
