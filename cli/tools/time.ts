/** Times of a recording as people write and read them. */
import { clock, roughDuration } from '../../engine/time-text.ts';
import { DURATION } from '../../scenarios/units.ts';

const CLOCK = /^(?:(\d+)d ?)?(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$/;

/**
 * Seconds from `90`, `90.5`, `1d2h30m`, `02:03:04.5`, `1d02:03:04` (as `formatTime` writes them), or
 * undefined for anything else.
 */
export function parseTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  const clock = CLOCK.exec(trimmed);
  if (clock !== null) {
    const [, days = 0, hours, minutes, seconds = 0] = clock;
    return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  }
  const duration = DURATION.parse(trimmed);
  return duration.ok ? duration.value : undefined;
}

/** A point in time to the millisecond: `3d04:05:06.789`. */
export const formatTime = (time_s: number): string => clock(time_s, true);

export { roughDuration };
