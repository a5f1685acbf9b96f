/** How TypeScript scenarios write values with units: a wrong unit is a compile error. */

type TimeSuffix = 'y' | 'w' | 'd' | 'h' | 'm' | 's' | 'ms' | 'us';
type ByteSuffix =
  | 'B'
  | `${'k' | 'M' | 'G' | 'T' | 'P' | 'E'}B`
  | `${'K' | 'M' | 'G' | 'T' | 'P' | 'E'}iB`;

/** Zero needs no unit. */
export type DurationText =
  | `${number}${TimeSuffix}`
  | `${number}${TimeSuffix}${number}${string}`
  | 0;
export type BytesText = `${number}${ByteSuffix}` | 0;
export type BitRateText = `${number}${'' | 'k' | 'M' | 'G' | 'T'}bps` | 0;
export type PowerText = `${number}${'W' | 'kW' | 'MW'}` | 0;
export type RateText = `${number}/${string}` | `${number}%/${string}` | 0;
export type GrowthText = `${number}%/y` | 0;
export type RatioText = `${number}%` | number;
export type CpuText = `${number}m` | number;
