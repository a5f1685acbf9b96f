/** Values in base units as texts that people read, and that can be read back. */
import { BYTE_UNITS, DURATION_UNITS } from './units.ts';

/** Bytes as text with the largest binary unit that keeps at most two decimals: `1.5TiB`. */
export function formatBytes(bytes: number): string {
  const units = BYTE_UNITS.filter((u) => u.suffix.endsWith('iB')).reverse();
  const fitting = units.find((u) => bytes >= u.numerator) ?? BYTE_UNITS[0];
  return `${Number((bytes / fitting.numerator).toFixed(2))}${fitting.suffix}`;
}

/**
 * Whole seconds as text, the largest units first: 5400 is `1h30m`. Years and weeks are left out,
 * since days read better. Fractions of a second are rounded to milliseconds.
 */
export function formatDuration(seconds: number): string {
  let rest_ms = Math.round(seconds * 1000);
  let text = '';
  for (const { suffix, numerator, denominator } of DURATION_UNITS.slice(2, 7)) {
    const size_ms = (numerator * 1000) / denominator;
    const whole = Math.floor(rest_ms / size_ms);
    if (whole > 0) text += `${whole}${suffix}`;
    rest_ms -= whole * size_ms;
  }
  return text === '' ? '0s' : text;
}
