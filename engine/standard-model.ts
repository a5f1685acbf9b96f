/** The compiled form of the whole model; compiled once, when first asked for. */
import { KINDS, STACK } from '../model/index.ts';
import { type CompiledModel, compileModel } from './compile.ts';

let compiled: CompiledModel | undefined;

export function standardModel(): CompiledModel {
  compiled ??= compileModel(KINDS, STACK);
  return compiled;
}
