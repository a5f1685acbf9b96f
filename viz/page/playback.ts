/** The replay's clock: pure arithmetic on simulated seconds. */
import type { Incident } from '../../engine/incidents/incidents.ts';
import { lowerBound, upperBound } from './replay.ts';

/** Simulated seconds per second of watching. */
export const SPEEDS = [0.1, 1, 10, 60, 600, 3600, 21_600, 86_400, 604_800] as const;

/** The speed at which the whole recording takes about a minute. */
export function suitableSpeed(duration_s: number): number {
  const wanted = Math.max(SPEEDS[0], duration_s / 60);
  return SPEEDS.reduce((best, speed) =>
    Math.abs(Math.log(speed / wanted)) < Math.abs(Math.log(best / wanted)) ? speed : best,
  );
}

/** The speed `steps` places faster (or slower) than one of SPEEDS, kept within them. */
export function otherSpeed(speed: number, steps: number): number {
  const i = SPEEDS.findIndex((s) => s >= speed) + steps;
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, i))];
}

/** The instant after `elapsed_ms` of watching; never beyond the end. */
export function advance(time_s: number, elapsed_ms: number, speed: number, end_s: number): number {
  return Math.min(end_s, time_s + (elapsed_ms / 1000) * speed);
}

/** Time of the first step after `time_s`, or the end of the recording. */
export function nextEvent(stepTime_s: Float64Array, time_s: number, end_s: number): number {
  const i = upperBound(stepTime_s, time_s);
  return i < stepTime_s.length ? stepTime_s[i] : end_s;
}

/** Time of the last step before `time_s`, or the start of the recording. */
export function previousEvent(stepTime_s: Float64Array, time_s: number, start_s: number): number {
  const i = lowerBound(stepTime_s, time_s) - 1;
  return i >= 0 ? stepTime_s[i] : start_s;
}

export function nextIncident<T extends Incident>(
  incidents: readonly T[],
  time_s: number,
): T | undefined {
  return incidents.find((incident) => incident.time_s > time_s);
}

export function previousIncident<T extends Incident>(
  incidents: readonly T[],
  time_s: number,
): T | undefined {
  return incidents.findLast((incident) => incident.time_s < time_s);
}
