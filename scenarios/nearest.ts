import { closest, distance } from 'fastest-levenshtein';

/**
 * The valid name nearest to what was written, or undefined when none is near enough to be a likely
 * slip: letters in another order, up to two fifths of them different, or the end left out.
 */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || written === '' || written.length > 200) return undefined;
  const lower = written.toLowerCase();
  const nearest = closest(lower, [...names]);
  const far = distance(lower, nearest.toLowerCase());
  if (far <= 1) return nearest;
  const reordered = names.find((n) => n.length === lower.length && letters(n) === letters(lower));
  if (reordered !== undefined && distance(lower, reordered.toLowerCase()) <= 2) return reordered;
  const longest = Math.max(lower.length, nearest.length);
  if (far <= Math.floor(longest * 0.4)) return nearest;
  return lower.length >= 3 ? names.find((n) => n.toLowerCase().startsWith(lower)) : undefined;
}

const letters = (text: string): string => [...text.toLowerCase()].sort().join('');
