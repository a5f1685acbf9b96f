/** Values of options, with errors that say what was expected. */
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
