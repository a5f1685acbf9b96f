/** Values of options, with errors that say what was expected. */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
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
    `${name} takes a duration such as 90s, 36h, 30d or 1y, got '${text}'`,
  );
}

/** A seed: any whole number that JavaScript holds exactly. */
export function seedOption(text: string): number {
  return integerOption('--seed', text, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Refuses to write over what is read, or twice to one file, before anything is written. Throws
 * USAGE_OVERWRITE.
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
