/** Times as text, the same wherever a recording is told. Pure arithmetic on simulated seconds. */

const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');

/**
 * A point in time, to the second or to the millisecond, with days in front where there are any:
 * `02:03:04`, `1d02:03:04`, `3d04:05:06.789`.
 */
export function clock(time_s: number, withMillis = false): string {
  const rounded_ms = withMillis ? Math.round(time_s * 1_000) : 1_000 * Math.round(time_s);
  const days = Math.floor(rounded_ms / 86_400_000);
  const parts = [rounded_ms / 3_600_000, rounded_ms / 60_000, rounded_ms / 1_000];
  const [hours, minutes, seconds] = [parts[0] % 24, parts[1] % 60, parts[2] % 60].map(two);
  const millis = withMillis ? `.${String(rounded_ms % 1_000).padStart(3, '0')}` : '';
  return `${days > 0 ? `${days}d` : ''}${hours}:${minutes}:${seconds}${millis}`;
}

/** A length of time, rounded to what matters: `350 ms`, `12.4 s`, `5m 10s`, `2h`, `3d 4h`. */
export function roughDuration(duration_s: number): string {
  if (duration_s === 0) return '0 s';
  if (duration_s < 0.9995) return `${Number((duration_s * 1_000).toPrecision(3))} ms`;
  if (duration_s < 59.95) return `${Number(duration_s.toPrecision(3))} s`;
  const whole_s = Math.round(duration_s);
  if (whole_s < 3_600) return twoUnits(whole_s, 60, 'm', 's');
  const whole_m = Math.round(duration_s / 60);
  if (whole_m < 1_440) return twoUnits(whole_m, 60, 'h', 'm');
  return twoUnits(Math.round(duration_s / 3_600), 24, 'd', 'h');
}

function twoUnits(amount: number, size: number, large: string, small: string): string {
  const rest = amount % size;
  return `${Math.floor(amount / size)}${large}${rest === 0 ? '' : ` ${rest}${small}`}`;
}

/** A length of time, to a tenth of a second at best: `<0.1 s`, `0.4 s`, `17 s`, `5m 10s`, `12d 4h`. */
export function span(duration_s: number): string {
  if (duration_s > 0 && duration_s < 0.05) return '<0.1 s';
  if (duration_s > 0 && duration_s < 9.95) return `${Number(duration_s.toFixed(1))} s`;
  if (duration_s < 59.5) return `${Math.round(duration_s)} s`;
  return roughDuration(Math.round(duration_s));
}
