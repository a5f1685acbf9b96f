import type { Diagnosis } from './driver.ts';
import { faultOf } from './fault.ts';

export interface Probe {
  readonly check: Diagnosis['check'];
  /** What was found; throws when the check fails. */
  readonly look: () => Promise<string>;
}

/** Makes checks one after the other; one that fails ends them, since the next ones build on it. */
export async function diagnose(probes: readonly Probe[]): Promise<readonly Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { check, look } of probes) {
    try {
      found.push({ check, ok: true, found: await look() });
    } catch (thrown) {
      const { message, advice, code } = faultOf(thrown, 'none');
      found.push({ check, ok: false, found: `${message} (${code})`, advice });
      break;
    }
  }
  return found;
}

/** Compares dotted versions by their numbers: negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/[^0-9]+/).map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
