/**
 * Closed forms that simulations are held against: queues and reliability.
 *
 * Sources: Kleinrock, "Queueing Systems", volume 1, 1975 (M/M/1, Erlang B and C); Karlin and
 * Taylor, "A First Course in Stochastic Processes", 1975 (absorption of birth-death chains).
 */

/** Mean number in an M/M/1 system; `load` = arrival rate / service rate, below 1. */
export function mm1MeanNumber(load: number): number {
  return load / (1 - load);
}

/** Mean seconds in an M/M/1 system, waiting and being served. */
export function mm1MeanTime_s(arrivals_per_s: number, services_per_s: number): number {
  return 1 / (services_per_s - arrivals_per_s);
}

/** Erlang B: share of arrivals lost by `servers` without a queue, offered `load` erlangs. */
export function erlangB(servers: number, load: number): number {
  let blocked = 1;
  for (let n = 1; n <= servers; n++) blocked = (load * blocked) / (n + load * blocked);
  return blocked;
}

/** Erlang C: share of arrivals that have to wait in M/M/c; `load` in erlangs, below `servers`. */
export function erlangC(servers: number, load: number): number {
  const blocked = erlangB(servers, load);
  return (servers * blocked) / (servers - load * (1 - blocked));
}

/** Mean seconds that an arrival waits in M/M/c before it is served. */
export function mmcMeanWait_s(
  servers: number,
  arrivals_per_s: number,
  services_per_s: number,
): number {
  const load = arrivals_per_s / services_per_s;
  return erlangC(servers, load) / (servers * services_per_s - arrivals_per_s);
}

export interface RedundantGroup {
  readonly devices: number;
  /** Failures at a time that the group survives; one more loses data. */
  readonly tolerated: number;
  readonly failure_per_s: number;
  /** Rate of one repair. */
  readonly repair_per_s: number;
  /** Repairs that go on at the same time; default: one for every failed device. */
  readonly repairers?: number;
}

/**
 * Mean seconds until a group of devices with exponential failures and repairs first has more
 * failures than it tolerates (MTTDL), from all healthy: the exact time to absorption of the
 * birth-death chain of the number of failed devices.
 */
export function meanTimeToLoss_s(group: RedundantGroup): number {
  const { devices, tolerated, failure_per_s, repair_per_s } = group;
  const repairers = group.repairers ?? devices;
  let total_s = 0;
  // Mean time to go from `failed` to `failed` + 1, from that of one failure fewer.
  let step_s = 0;
  for (let failed = 0; failed <= tolerated; failed++) {
    const fails_per_s = (devices - failed) * failure_per_s;
    const repairs_per_s = Math.min(failed, repairers) * repair_per_s;
    step_s = (1 + repairs_per_s * step_s) / fails_per_s;
    total_s += step_s;
  }
  return total_s;
}
