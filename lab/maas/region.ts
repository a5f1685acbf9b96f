/**
 * What a region does with machines, after what was seen on a real one (MAAS 3.4.10): which status
 * allows what, which follows which, and how long hardware takes. The hardware is simulated.
 */
import { type StatusName, successorsOf } from '../../model/bare-metal/maas.ts';
import { type MachineRecord, statusLabel } from './machine-record.ts';
import { badForm, busy, Refusal, wrongState } from './refusal.ts';

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

export interface RegionEvent {
  readonly id: number;
  readonly machine: MachineRecord;
  readonly type: string;
  readonly level: string;
  readonly created: string;
}

/** Work in an ephemeral system whose end may be made to fail. */
export type Job = 'commission' | 'test' | 'deploy' | 'erase' | 'rescue';

const EVENTS_KEPT = 10_000;
const RELEASABLE: readonly StatusName[] = [
  ...(['reserved', 'allocated', 'deploying', 'deployed', 'broken'] as const),
  ...(['failed_deployment', 'failed_releasing', 'failed_disk_erasing'] as const),
];

export class Region {
  readonly machines = new Map<string, MachineRecord>();
  readonly events: RegionEvent[] = [];
  readonly times: RegionTimes;
  /** Jobs of a machine, by hostname, that end badly. */
  readonly failing = new Map<string, ReadonlySet<Job>>();
  /** Without a rack controller nothing can be switched on or off. */
  isRackConnected = true;
  /** Whether commissioning finds the subnet that a network card is on. */
  linksSubnets = true;
  /** While held, no job and no power action ends. */
  #held: (() => void)[] | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  #eventId = 0;

  constructor(times: RegionTimes = QUICK) {
    this.times = times;
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

  // ---------------------------------------------------------------- what a request does at once

  commission(machine: MachineRecord): void {
    if (!['new', 'failed_commissioning', 'ready', 'broken'].includes(machine.status)) {
      const why = `Commission is not available because of the current state of the node: ${statusLabel(machine.status)}`;
      throw badForm('__all__', why);
    }
    this.#needsRack();
    machine.hasPassedCommissioning = false;
    this.#become(machine, 'commissioning');
    this.#boot(machine, 'commission', this.times.commission_s, (passed) => {
      machine.isKnown ||= passed;
      machine.hasPassedCommissioning = passed;
      if (passed && this.linksSubnets) for (const nic of machine.interfaces) nic.subnet ??= 1;
      this.#become(machine, passed ? 'ready' : 'failed_commissioning');
      this.#shutDown(machine);
    });
  }

  test(machine: MachineRecord): void {
    this.#needs(machine, successorsOf(machine.status).includes('testing'), 'test');
    this.#needsRack();
    if (machine.status !== 'failed_testing') this.#remember(machine);
    const { status, power } = machine.previous ?? machine;
    this.#become(machine, 'testing');
    this.#boot(machine, 'test', this.times.test_s, (passed) => {
      this.#become(machine, passed ? (PASSED[status] ?? status) : 'failed_testing');
      if (power !== 'on' || !passed) this.#shutDown(machine);
    });
  }

  allocate(machine: MachineRecord, owner: string): void {
    this.#become(machine, 'allocated');
    machine.owner = owner;
  }

  deploy(machine: MachineRecord, os: { osystem: string; distro_series: string }): void {
    const allowed = machine.status === 'ready' || machine.status === 'allocated';
    this.#needs(machine, allowed, 'deploy');
    if (!machine.interfaces.some(({ subnet }) => subnet !== undefined)) {
      throw badForm('network', 'Node must have at least one interface linked to a subnet');
    }
    this.#needsRack();
    if (machine.status === 'ready') this.#become(machine, 'allocated');
    this.#become(machine, 'deploying');
    this.#boot(machine, 'deploy', this.times.deploy_s, (passed) => {
      if (passed) Object.assign(machine, os);
      this.#become(machine, passed ? 'deployed' : 'failed_deployment');
    });
  }

  release(machine: MachineRecord, erase: boolean): void {
    if (machine.status === 'ready' || machine.status === 'releasing') return;
    if (!RELEASABLE.includes(machine.status)) {
      const is = statusLabel(machine.status);
      throw wrongState(`Machine cannot be released in its current state ('${is}').`);
    }
    machine.stop();
    if (!erase) {
      this.#releaseNow(machine);
      return;
    }
    this.#needsRack();
    this.#become(machine, 'disk_erasing');
    this.#boot(machine, 'erase', this.times.erase_s, (passed) => {
      if (passed) this.#releaseNow(machine);
      else this.#become(machine, 'failed_disk_erasing');
    });
  }

  abort(machine: MachineRecord): void {
    const to = machine.status === 'testing' ? untested(machine) : ABORTED[machine.status];
    this.#needs(machine, to !== undefined, 'abort');
    machine.stop();
    this.#become(machine, to as StatusName);
    this.#switch(machine, 'off', () => {});
  }

  enterRescueMode(machine: MachineRecord): void {
    const may = successorsOf(machine.status).includes('entering_rescue_mode');
    this.#needs(machine, may, 'enter rescue mode');
    this.#needsRack();
    this.#remember(machine);
    this.#become(machine, 'entering_rescue_mode');
    this.#boot(machine, 'rescue', this.times.rescue_s, (passed) => {
      this.#become(machine, passed ? 'rescue_mode' : 'failed_entering_rescue_mode');
    });
  }

  exitRescueMode(machine: MachineRecord): void {
    this.#needs(machine, RESCUED.has(machine.status), 'exit rescue mode');
    machine.stop();
    this.#become(machine, 'exiting_rescue_mode');
    const { status, power } = machine.previous ?? { status: 'ready', power: 'off' };
    this.#switch(machine, power === 'on' ? 'on' : 'off', () => this.#become(machine, status));
  }

  markBroken(machine: MachineRecord): void {
    if (machine.status === 'broken') return;
    this.#needs(machine, successorsOf(machine.status).includes('broken'), 'mark broken');
    machine.stop();
    this.#remember(machine);
    this.#become(machine, 'broken');
  }

  markFixed(machine: MachineRecord): void {
    this.#needs(machine, machine.status === 'broken', 'mark fixed');
    this.#become(machine, machine.osystem ? 'deployed' : 'ready');
  }

  overrideFailedTesting(machine: MachineRecord): void {
    this.#needs(machine, machine.status === 'failed_testing', 'override failed testing of');
    this.#become(machine, machine.osystem ? 'deployed' : 'ready');
  }

  setLock(machine: MachineRecord, locked: boolean): void {
    const may = machine.status === 'deployed' || machine.status === 'deploying';
    if (locked) this.#needs(machine, may, 'lock');
    machine.locked = locked;
  }

  setPower(machine: MachineRecord, to: 'on' | 'off'): void {
    this.#needsRack();
    if (machine.isSwitching) {
      throw busy(
        `Unable to change power state to '${to}' for node ${machine.hostname}: another action is already in progress.`,
      );
    }
    this.#switch(machine, to, () => {});
  }

  /** Asks the BMC. */
  queryPower(machine: MachineRecord): MachineRecord['power'] {
    if (isUnmanaged(machine)) return 'unknown';
    if (isBroken(machine)) machine.power = 'error';
    else if (machine.power === 'unknown' || machine.power === 'error') machine.power = 'off';
    return machine.power;
  }

  // ---------------------------------------------------------------- what follows

  #releaseNow(machine: MachineRecord): void {
    this.#become(machine, 'releasing');
    const end = () => {
      Object.assign(machine, { osystem: '', distro_series: '', user_data: '', owner: '' });
      this.#become(machine, machine.hasPassedCommissioning ? 'ready' : 'new');
    };
    if (machine.power === 'on') this.#switch(machine, 'off', end);
    else end();
  }

  /** Powers a machine on, and ends the job when its ephemeral system has done it. */
  #boot(machine: MachineRecord, job: Job, takes_s: number, end: (passed: boolean) => void): void {
    const isWell = !this.failing.get(machine.hostname)?.has(job);
    this.#switch(machine, 'on', (isOn) => {
      machine.stop = this.#after(takes_s, () => end(isWell && isOn));
    });
  }

  #switch(machine: MachineRecord, to: 'on' | 'off', then: (worked: boolean) => void): void {
    machine.isSwitching = true;
    const stop = this.#after(this.times.power_s, () => {
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

  #shutDown(machine: MachineRecord): void {
    if (isUnmanaged(machine) || isBroken(machine)) return;
    if (this.times.shutdown_s === 0) {
      machine.power = 'off';
      return;
    }
    this.#after(this.times.shutdown_s, () => {
      if (machine.status === 'ready') machine.power = 'off';
    });
  }

  #after(seconds: number, work: () => void): () => void {
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

  #become(machine: MachineRecord, status: StatusName): void {
    if (!successorsOf(machine.status).includes(status)) {
      const [from, to] = [statusLabel(machine.status), statusLabel(status)];
      throw wrongState(`Invalid transition: ${from} -> ${to}.`);
    }
    machine.status = status;
    this.#tell(machine, statusLabel(status));
  }

  #tell(machine: MachineRecord, type: string): void {
    const created = new Date().toISOString();
    this.events.push({ id: ++this.#eventId, machine, type, level: 'INFO', created });
    if (this.events.length > EVENTS_KEPT) this.events.shift();
  }

  #remember(machine: MachineRecord): void {
    if (RESCUED.has(machine.status)) return;
    machine.previous = { status: machine.status, power: machine.power };
  }

  #needs(machine: MachineRecord, allowed: boolean, what: string): void {
    if (allowed) return;
    const is = statusLabel(machine.status);
    throw wrongState(`Can't ${what} a machine that is in the '${is}' state`);
  }

  #needsRack(): void {
    if (!this.isRackConnected) {
      throw new Refusal(503, 'Unable to connect to any rack controller; no connections available.');
    }
  }
}

const ABORTED: Readonly<Partial<Record<StatusName, StatusName>>> = {
  commissioning: 'new',
  deploying: 'allocated',
  disk_erasing: 'failed_disk_erasing',
};

/** Aborted tests lead back to what was, except that a failed commissioning is to be done again. */
function untested({ previous }: MachineRecord): StatusName | undefined {
  return previous?.status === 'failed_commissioning' ? 'new' : previous?.status;
}

const RESCUED: ReadonlySet<StatusName> = new Set([
  ...(['rescue_mode', 'entering_rescue_mode'] as const),
  ...(['failed_entering_rescue_mode', 'failed_exiting_rescue_mode'] as const),
]);

/** Machines that were out of order are ready when they pass all tests. */
const PASSED: Readonly<Partial<Record<StatusName, StatusName>>> = {
  failed_commissioning: 'new',
  missing: 'ready',
  retired: 'ready',
  broken: 'ready',
  failed_deployment: 'ready',
  failed_releasing: 'ready',
  failed_disk_erasing: 'ready',
};

/** Somebody switches the machine by hand. */
function isUnmanaged(machine: MachineRecord): boolean {
  return machine.power_type === 'manual';
}

/** A BMC at this address does not answer. */
export const DEAD_BMC = '192.0.2.1';

function isBroken(machine: MachineRecord): boolean {
  return machine.power_parameters['power_address'] === DEAD_BMC;
}
