/** The simulated machines themselves: how long power and work take, and how they fail. */
import type { MachineRecord } from './machine-record.ts';

/** How long hardware and installers take, seconds. */
export interface RegionTimes {
  readonly power_s: number;
  readonly commission_s: number;
  readonly test_s: number;
  readonly deploy_s: number;
  readonly erase_s: number;
  readonly rescue_s: number;
  /** From its last word until the ephemeral system is off. */
  readonly shutdown_s: number;
}

export const QUICK: RegionTimes = {
  power_s: 0.02,
  commission_s: 0.1,
  test_s: 0.05,
  deploy_s: 0.2,
  erase_s: 0.1,
  rescue_s: 0.1,
  shutdown_s: 0,
};

/** Work in an ephemeral system whose end may be made to fail. */
export type Job = 'commission' | 'test' | 'deploy' | 'erase' | 'rescue';

/** A BMC at this address does not answer. */
export const DEAD_BMC = '192.0.2.1';

/** Somebody switches the machine by hand. */
export function isUnmanaged(machine: MachineRecord): boolean {
  return machine.power_type === 'manual';
}

export function isBroken(machine: MachineRecord): boolean {
  return machine.power_parameters['power_address'] === DEAD_BMC;
}

export class Hardware {
  readonly times: RegionTimes;
  /** Jobs of a machine, by hostname, that end badly. */
  readonly failing = new Map<string, ReadonlySet<Job>>();
  readonly #tell: (machine: MachineRecord, what: string) => void;
  /** While held, no job and no power action ends. */
  #held: (() => void)[] | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(times: RegionTimes, tell: (machine: MachineRecord, what: string) => void) {
    this.times = times;
    this.#tell = tell;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = undefined;
  }

  hold(): void {
    this.#held ??= [];
  }

  letGo(): void {
    const waiting = this.#held ?? [];
    this.#held = undefined;
    for (const work of waiting) work();
  }

  /** Powers a machine on, and ends the job when its ephemeral system has done it. */
  boot(machine: MachineRecord, job: Job, end: (passed: boolean) => void): void {
    this.switch(machine, 'on', (isOn) => this.run(machine, job, (passed) => end(passed && isOn)));
  }

  /** Does a job in the ephemeral system that runs. */
  run(machine: MachineRecord, job: Job, end: (passed: boolean) => void): void {
    const isWell = !this.failing.get(machine.hostname)?.has(job);
    machine.stop = this.after(this.times[`${job}_s`], () => end(isWell));
  }

  switch(machine: MachineRecord, to: 'on' | 'off', then: (worked: boolean) => void): void {
    machine.isSwitching = true;
    const stop = this.after(this.times.power_s, () => {
      machine.isSwitching = false;
      machine.stop = () => {};
      if (isBroken(machine)) machine.power = 'error';
      else if (!isUnmanaged(machine)) machine.power = to;
      if (!isUnmanaged(machine)) this.#tell(machine, `Node powered ${machine.power}`);
      then(!isBroken(machine));
    });
    machine.stop = () => {
      machine.isSwitching = false;
      stop();
    };
  }

  /** An ephemeral system that is done switches itself off. */
  shutDown(machine: MachineRecord): void {
    if (isUnmanaged(machine) || isBroken(machine)) return;
    if (this.times.shutdown_s === 0) {
      machine.power = 'off';
      return;
    }
    this.after(this.times.shutdown_s, () => {
      if (machine.status === 'ready') machine.power = 'off';
    });
  }

  after(seconds: number, work: () => void): () => void {
    let isStopped = false;
    const run = () => {
      this.#timers.delete(timer);
      if (isStopped) return;
      if (this.#held) this.#held.push(run);
      else work();
    };
    const timer = setTimeout(run, seconds * 1000);
    this.#timers.add(timer);
    return () => {
      isStopped = true;
    };
  }
}
