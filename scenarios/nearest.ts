import { closest, distance } from 'fastest-levenshtein';

/**
 * The valid name nearest to what was written, or undefined when none is near enough to be a
 * likely slip (more than about two fifths of the letters differ).
 */
export function nearestName(written: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || written.length > 200) return undefined;
  const nearest = closest(written.toLowerCase(), [...names]);
  const far = distance(written.toLowerCase(), nearest.toLowerCase());
  const longest = Math.max(written.length, nearest.length);
  if (far <= Math.max(1, Math.floor(longest * 0.4))) return nearest;
  return names.find(
    (n) => written.length >= 3 && n.toLowerCase().startsWith(written.toLowerCase()),
  );
}
