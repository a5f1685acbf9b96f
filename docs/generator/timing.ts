/** Entries of timing profiles as text. */
import type { ProfileTimings, Timing } from '../../sim/profile.ts';
import { distributionText, numberText, plainDistributionText } from './durations.ts';

/** An entry with its source, or a dash where the profile has none. */
export function timingText(timings: ProfileTimings, key: string): string {
  if (!Object.hasOwn(timings, key)) return '-';
  const timing = timings[key];
  return `${lengthText(key, timing)} (${timing.source})`;
}

/** The distribution of an entry and how often its verb fails. */
export function lengthText(key: string, { distribution, fault_ratio }: Timing): string {
  const text = isPlain(key) ? plainDistributionText(distribution) : distributionText(distribution);
  return fault_ratio ? `${text}, fails in ${numberText(fault_ratio * 100)} %` : text;
}

/** Entries that are no durations: shares and amounts, by the unit at the end of their name. */
const isPlain = (key: string): boolean => /(utilisation|ratio|_bytes_per_s|_bytes)$/.test(key);
