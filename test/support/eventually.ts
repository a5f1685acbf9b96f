import { vi } from 'vitest';

/**
 * Waits until what is expected holds. The limit guards against waiting without end, nothing else:
 * a busy machine may take its time.
 */
export const eventually = <T>(holds: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(holds, { timeout: 60_000, interval: 20 });
