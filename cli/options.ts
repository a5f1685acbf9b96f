/** Values of options, with errors that say what was expected. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { StrataError } from '../engine/errors.ts';
import { DURATION } from '../scenarios/units.ts';

/** A whole number within bounds. Throws USAGE_NUMBER. */
export function integerOption(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= min && value <= max) return value;
  throw new StrataError(
    'USAGE_NUMBER',
    `${name} takes a whole number from ${min} to ${max}, got '${text}'`,
  );
}

/** A duration such as `36h`, in seconds. Throws USAGE_DURATION. */
export function durationOption(name: string, text: string): number {
  const parsed = DURATION.parse(text);
  if (parsed.ok && parsed.value > 0) return parsed.value;
  throw new StrataError(
    'USAGE_DURATION',
    `${name} takes a duration such as 90s, 36h, 30d or 1y, at most 10000y, got '${text}'`,
  );
}

/** A seed: any whole number that JavaScript holds exactly. */
export function seedOption(text: string): number {
  return integerOption('--seed', text, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Refuses to write over what is read, or twice to one file, or where nothing can be written, before
 * the work begins. Throws USAGE_OVERWRITE, or an error of the file system with its path.
 */
export function distinctFiles(
  inputs: readonly string[],
  outputs: readonly (string | undefined)[],
): void {
  const taken = new Set(inputs.map(realPath));
  for (const output of outputs) {
    if (output === undefined) continue;
    const path = realPath(output);
    // Until it is whole, an output is written to `.part` beside it.
    if (taken.has(path) || taken.has(`${path}.part`)) {
      throw new StrataError(
        'USAGE_OVERWRITE',
        `${output} is read or written already by this command`,
        'name another file',
      );
    }
    taken.add(path);
    holdWritable(output);
  }
}

/** Throws what opening the file for writing would throw, as far as that can be told without it. */
function holdWritable(output: string): void {
  const fail = (code: string) => Object.assign(new Error(code), { code, path: output });
  const path = resolve(output);
  if (existsSync(path)) {
    if (statSync(path).isDirectory()) throw fail('EISDIR');
    // What is no plain file, such as /dev/null, is written to itself.
    if (!statSync(path).isFile()) return;
  }
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  if (!statSync(folder).isDirectory()) throw fail('ENOTDIR');
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw fail((error as NodeJS.ErrnoException).code ?? 'EACCES');
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It does not exist yet.
    return resolve(path);
  }
}
