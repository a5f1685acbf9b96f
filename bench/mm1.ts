/**
 * M/M/1 (lambda 0.9, mu 1) through the engine's public scheduling API. In the steady state the mean
 * time in system is 1 / (mu - lambda) = 10.
 */
import { Stream } from '../engine/random.ts';
import { Scheduler } from '../engine/scheduler.ts';

export interface Mm1Result {
  readonly objects: number;
  readonly meanTimeInSystem: number;
  readonly objectsPerSecond: number;
}

const LAMBDA = 0.9;
const MU = 1;

/** Simulates `objects` customers and measures how long that takes. */
export function mm1(objects: number, seed: number): Mm1Result {
  const scheduler = new Scheduler();
  const root = Stream.fromSeed(seed);
  const arrivals = root.fork('arrivals');
  const services = root.fork('services');
  const arrivedAt = new Float64Array(objects);
  let arrived = 0;
  let served = 0;
  let timeInSystem = 0;

  const depart = scheduler.handler(() => {
    timeInSystem += scheduler.now - arrivedAt[served++];
    if (served < arrived) scheduler.after(services.exponential(1 / MU), depart);
  });
  const arrive = scheduler.handler(() => {
    arrivedAt[arrived++] = scheduler.now;
    if (arrived - served === 1) scheduler.after(services.exponential(1 / MU), depart);
    if (arrived < objects) scheduler.after(arrivals.exponential(1 / LAMBDA), arrive);
  });

  const start = performance.now();
  scheduler.after(0, arrive);
  scheduler.run(Number.POSITIVE_INFINITY);
  const elapsed_s = (performance.now() - start) / 1000;
  return {
    objects,
    meanTimeInSystem: timeInSystem / objects,
    objectsPerSecond: objects / elapsed_s,
  };
}
