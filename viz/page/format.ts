/** Times, spans and counts as text. */
import { clock as exactClock, roughDuration } from '../../engine/time-text.ts';

const DAY_S = 86_400;

/** `2d03:14:05.250`: milliseconds when there are any, unless told. */
export const clock = (time_s: number, withMillis = !Number.isInteger(time_s)): string =>
  exactClock(time_s, withMillis);

/** `3h 20m`, `12.4 s`, `350 ms`, as the report says it. */
export const span = (seconds: number): string =>
  Number.isFinite(seconds) ? roughDuration(seconds) : 'for ever';

const grouped = new Intl.NumberFormat('en');
/** `12,345`. */
export const count = (n: number): string => grouped.format(n);

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
/** `12.3K`. */
export const brief = (n: number): string => short.format(n);

/** `1m per s`: how fast the replay runs. */
export function speedLabel(speed: number): string {
  return speed === 1 ? 'real time' : `${span(speed)} per s`;
}

/** A metric value with the unit its name ends in: `power_w` 250 -> `250 W`. */
export function metricValue(name: string, value: number): string {
  if (name.endsWith('_ratio')) return `${(value * 100).toFixed(1)} %`;
  if (name.endsWith('_bytes')) return bytes(value);
  if (name.endsWith('_w')) return `${brief(value)} W`;
  if (name.endsWith('_s')) return span(value);
  return brief(value);
}

function bytes(value: number): string {
  const power = value > 0 ? Math.min(6, Math.floor(Math.log2(value) / 10)) : 0;
  const unit = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'][power];
  return `${Number((value / 1024 ** power).toPrecision(3))} ${unit}`;
}

const TICK_STEPS_S = [
  0.001,
  0.002,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  DAY_S,
  2 * DAY_S,
  7 * DAY_S,
  14 * DAY_S,
  30 * DAY_S,
  60 * DAY_S,
  90 * DAY_S,
  180 * DAY_S,
  365 * DAY_S,
];

/** Round instants within [start, end], at most `most` of them, and how to write them. */
export function timeTicks(
  start_s: number,
  end_s: number,
  most: number,
): { time_s: number; label: string }[] {
  const step_s =
    TICK_STEPS_S.find((s) => (end_s - start_s) / s <= most) ??
    365 * DAY_S * Math.ceil((end_s - start_s) / (365 * DAY_S * most));
  const ticks: { time_s: number; label: string }[] = [];
  for (let i = Math.ceil(start_s / step_s); i * step_s <= end_s; i++) {
    const time_s = Number((i * step_s).toPrecision(15));
    ticks.push({ time_s, label: tickLabel(time_s, step_s) });
  }
  return ticks;
}

function tickLabel(time_s: number, step_s: number): string {
  if (step_s >= DAY_S || (time_s > 0 && time_s % DAY_S === 0))
    return `${Math.round(time_s / DAY_S)}d`;
  const text = clock(time_s, step_s < 1);
  return step_s >= 60 ? text.slice(0, -3) : text;
}
