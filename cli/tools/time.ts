/** Times of a recording as people write and read them. */
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

/** A point in time, `HH:MM:SS.mmm` with days in front where there are any: `3d04:05:06.789`. */
export function formatTime(time_s: number): string {
  const total_ms = Math.round(time_s * 1_000);
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const days = Math.floor(total_ms / 86_400_000);
  const clock = [total_ms / 3_600_000, total_ms / 60_000, total_ms / 1_000];
  const [hours, minutes, seconds] = [clock[0] % 24, clock[1] % 60, clock[2] % 60].map(two);
  const ms = String(total_ms % 1_000).padStart(3, '0');
  return `${days > 0 ? `${days}d` : ''}${hours}:${minutes}:${seconds}.${ms}`;
}

/** A length of time, rounded to what matters: `350 ms`, `12.4 s`, `5m 10s`, `3d 4h`. */
export function roughDuration(duration_s: number): string {
  if (duration_s === 0) return '0 s';
  if (duration_s < 0.9995) return `${Number((duration_s * 1_000).toPrecision(3))} ms`;
  if (duration_s < 59.95) return `${Number(duration_s.toPrecision(3))} s`;
  const whole_s = Math.round(duration_s);
  if (whole_s < 3_600) return `${Math.floor(whole_s / 60)}m ${whole_s % 60}s`;
  const whole_m = Math.round(duration_s / 60);
  if (whole_m < 1_440) return `${Math.floor(whole_m / 60)}h ${whole_m % 60}m`;
  const whole_h = Math.round(duration_s / 3_600);
  return `${Math.floor(whole_h / 24)}d ${whole_h % 24}h`;
}
