/** Durations and distributions as people read them. */
import type { Distribution } from '../../model/scenario.ts';

const LONG: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A number of seconds: in the largest unit that makes it a whole number (90 s, 36 h, 5 min). */
export function durationText(seconds: number): string {
  if (seconds === 0) return '0 s';
  if (seconds < 1e-3) return `${numberText(seconds * 1e6)} µs`;
  if (seconds < 1) return `${numberText(seconds * 1e3)} ms`;
  if (seconds < 60) return `${numberText(seconds)} s`;
  const whole = LONG.find(([size]) => Number.isInteger(seconds / size));
  const [size, name] = whole ?? LONG.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${whole ? seconds / size : numberText(seconds / size)} ${name}`;
}

export function numberText(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A distribution of durations in seconds, in words. */
export function distributionText(d: Distribution): string {
  return inWords(d, durationText);
}

/** A distribution of plain numbers, such as a share. */
export function plainDistributionText(d: Distribution): string {
  return inWords(d, numberText);
}

function inWords(d: Distribution, text: (value: number) => string): string {
  switch (d.type) {
    case 'constant':
      return text(d.value);
    case 'uniform':
      return `${text(d.min)} to ${text(d.max)}, uniform`;
    case 'exponential':
      return `exponential, mean ${text(d.mean)}`;
    case 'lognormal':
      return `lognormal, median ${text(d.median)}, sigma ${numberText(d.sigma)}`;
    case 'weibull':
      return `Weibull, shape ${numberText(d.shape)}, scale ${text(d.scale)}`;
    case 'gamma':
      return `gamma, shape ${numberText(d.shape)}, scale ${text(d.scale)}`;
    case 'empirical': {
      const { values } = d;
      return `${values.length} observations from ${text(values[0])} to ${text(values[values.length - 1])}`;
    }
  }
}
