/** The compiled form of the whole model; compiled once, when first asked for. */
import { KINDS, STACK } from '../model/index.ts';
import { compileModel } from './compile.ts';
import type { CompiledModel } from './tables.ts';

let compiled: CompiledModel | undefined;

export function standardModel(): CompiledModel {
  compiled ??= compileModel(KINDS, STACK);
  return compiled;
}
