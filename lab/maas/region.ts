/**
 * What a region does with machines, after what was said by real ones (test/backends/maas/real-region.json) and their source
 * (branch 3.4, src/maasserver/models/node.py): which status follows which, who owns a machine, and
 * what is refused with which words. The hardware is simulated.
 */
import { type StatusName, tableOf } from '../../model/bare-metal/maas.ts';
import { Hardware, isBroken, isUnmanaged, QUICK, type RegionTimes } from './hardware.ts';
import { type MachineRecord, statusLabel } from './machine-record.ts';
import { badForm, busy, denied, Refusal, wrongState } from './refusal.ts';
import { afterAbort, afterTests, COMMISSIONABLE, PASSING, RELEASABLE, TESTABLE } from './rules.ts';

export interface RegionEvent {
  readonly id: number;
  readonly machine: MachineRecord;
  readonly type: string;
  readonly level: string;
  readonly created: Date;
}

interface System {
  readonly osystem: string;
  readonly distro_series: string;
}

const EVENTS_KEPT = 10_000;
const NO_SYSTEM: System = { osystem: '', distro_series: '' };

export class Region {
  readonly machines = new Map<string, MachineRecord>();
  readonly events: RegionEvent[] = [];
  readonly hardware: Hardware;
  /** Without a rack controller nothing can be switched on or off. */
  isRackConnected = true;
  /** Whether commissioning finds the subnet that a network card is on. */
  linksSubnets = true;
  /** Whether every release wipes disks: the setting `enable_disk_erasing_on_release`. */
  erasesAlways = false;
  #eventId = 0;

  constructor(times: RegionTimes = QUICK) {
    this.hardware = new Hardware(times, (machine, what) => this.#tell(machine, what));
  }

  close(): void {
    this.hardware.close();
  }

  /** Commissions, and goes on to tests as MAAS does unless it is told `testing_scripts=none`. */
  commission(machine: MachineRecord, owner: string, tests = true): void {
    this.#needsForm(machine, COMMISSIONABLE, 'Commission');
    // MAAS forgets these even when it then finds no rack controller.
    for (const nic of machine.interfaces) nic.subnet = undefined;
    this.#needsRack();
    Object.assign(machine, { wasCommissioned: true, hasPassedCommissioning: false });
    this.#become(machine, 'commissioning');
    machine.owner = owner;
    this.hardware.boot(machine, 'commission', (passed) => {
      machine.isKnown ||= passed;
      machine.hasPassedCommissioning = passed;
      if (passed && this.linksSubnets) for (const nic of machine.interfaces) nic.subnet = 1;
      if (passed && tests) return this.#testAfterCommissioning(machine);
      this.#become(machine, passed ? 'ready' : 'failed_commissioning');
      this.hardware.shutDown(machine);
    });
  }

  test(machine: MachineRecord, owner: string): void {
    this.#needsForm(machine, TESTABLE, 'Test');
    if (machine.status === 'new' && !machine.wasCommissioned) {
      const why =
        'Unable to start machine testing; this node has never been commissioned. ' +
        "Please use the 'Commission' action to commission & test this machine.";
      throw new Refusal(400, why);
    }
    this.#needsRack();
    const wasOn = machine.power === 'on';
    this.#become(machine, 'testing');
    machine.owner ||= owner;
    this.hardware.boot(machine, 'test', (passed) => {
      this.#become(machine, passed ? afterTests(machine.previous) : 'failed_testing');
      if (!wasOn || !passed) this.hardware.shutDown(machine);
    });
  }

  allocate(machine: MachineRecord, owner: string): void {
    this.#become(machine, 'allocated');
    machine.owner = owner;
  }

  needsDeployable({ status }: MachineRecord): void {
    if (status === 'ready' || tableOf(status).includes('deploying')) return;
    const is = statusLabel(status);
    throw wrongState(`Can't deploy a machine that is in the '${is}' state`);
  }

  /** A free machine is acquired on the way; a request that is refused changes nothing. */
  deploy(machine: MachineRecord, owner: string, system: System): void {
    this.needsDeployable(machine);
    this.#needsParts(machine);
    if (machine.status === 'ready') this.allocate(machine, owner);
    Object.assign(machine, system);
    this.#startDeployment(machine);
  }

  release(machine: MachineRecord, erase: boolean): void {
    if (machine.status === 'ready' || machine.status === 'releasing') return;
    if (!RELEASABLE.includes(machine.status)) {
      const is = statusLabel(machine.status);
      throw wrongState(`Machine cannot be released in its current state ('${is}').`);
    }
    if (!erase && !this.erasesAlways) {
      this.#releaseNow(machine);
      return;
    }
    this.#needsRack();
    machine.stop();
    this.#become(machine, 'disk_erasing');
    this.hardware.boot(machine, 'erase', (passed) => {
      if (passed) this.#releaseNow(machine);
      else this.#become(machine, 'failed_disk_erasing');
    });
  }

  abort(machine: MachineRecord): void {
    const to = afterAbort(machine);
    if (to === undefined) {
      const is = statusLabel(machine.status);
      const what = `node ${machine.system_id} is in state ${is}.`;
      throw wrongState(`Cannot abort in current state: ${what}`);
    }
    machine.stop();
    this.#enter(machine, to);
    this.hardware.switch(machine, 'off', () => {});
  }

  enterRescueMode(machine: MachineRecord, owner: string): void {
    this.#needsTable(machine, 'entering_rescue_mode');
    this.#needsRack();
    this.#become(machine, 'entering_rescue_mode');
    machine.owner = owner;
    this.hardware.boot(machine, 'rescue', (passed) => {
      this.#become(machine, passed ? 'rescue_mode' : 'failed_entering_rescue_mode');
    });
  }

  /**
   * MAAS switches a machine that was ready or broken off, and restarts one that was deployed. It
   * leaves others running, and takes that for a failure: they have to be switched off first.
   */
  exitRescueMode(machine: MachineRecord): void {
    this.#needsTable(machine, 'exiting_rescue_mode');
    machine.stop();
    this.#become(machine, 'exiting_rescue_mode');
    const { previous } = machine;
    const isDeployed = previous === 'deployed';
    const end = () => {
      const isBack = isUnmanaged(machine) || machine.power === (isDeployed ? 'on' : 'off');
      this.#become(machine, isBack ? previous : 'failed_exiting_rescue_mode');
      if (isBack && !isDeployed) machine.owner = '';
    };
    if (isUnmanaged(machine)) end();
    else if (isDeployed) this.hardware.switch(machine, 'on', end);
    else if (previous === 'ready' || previous === 'broken') {
      this.hardware.switch(machine, 'off', end);
    } else machine.stop = this.hardware.after(this.hardware.times.power_s, end);
  }

  /** Nobody but its owner may; what is in use is released on the way, with its system. */
  markBroken(machine: MachineRecord, user: string): void {
    if (machine.owner !== user) throw denied();
    const isReleased = RELEASABLE.includes(machine.status);
    if (!isReleased) this.#needsTable(machine, 'broken');
    machine.stop();
    this.#enter(machine, 'broken');
    if (!isReleased) return;
    // It is given up when it is off, and not later.
    if (machine.power === 'off') machine.owner = '';
    Object.assign(machine, NO_SYSTEM);
    if (machine.power !== 'off') this.hardware.switch(machine, 'off', () => {});
  }

  markFixed(machine: MachineRecord): void {
    if (machine.status !== 'broken') throw wrongState("Can't mark a non-broken node as 'Ready'.");
    this.#become(machine, machine.previous === 'deployed' ? 'deployed' : 'ready');
    Object.assign(machine, NO_SYSTEM);
  }

  overrideFailedTesting(machine: MachineRecord): void {
    if (machine.status !== 'failed_testing') {
      const why = "Unable to override node status. Node is not in 'Failed testing' status.";
      throw wrongState(why);
    }
    this.#become(machine, machine.osystem ? 'deployed' : 'ready');
  }

  setLock(machine: MachineRecord, locked: boolean): void {
    if (machine.locked === locked) {
      throw wrongState(`Machine is ${locked ? 'already' : 'not'} locked`);
    }
    if (locked && machine.status !== 'deployed' && machine.status !== 'deploying') {
      throw wrongState("Can't lock, node is not deployed or deploying");
    }
    machine.locked = locked;
  }

  /** Switching an allocated machine on is deploying it. */
  powerOn(machine: MachineRecord): void {
    if (!machine.owner) throw wrongState("Can't start node: it hasn't been allocated.");
    if (machine.status === 'allocated') this.#startDeployment(machine);
    else this.#setPower(machine, 'on');
  }

  /** Whether MAAS can do it at all. */
  powerOff(machine: MachineRecord): boolean {
    this.#setPower(machine, 'off');
    return !isUnmanaged(machine);
  }

  /** Asks the BMC. */
  queryPower(machine: MachineRecord): MachineRecord['power'] {
    if (isUnmanaged(machine)) return 'unknown';
    if (isBroken(machine)) machine.power = 'error';
    else if (machine.power === 'unknown' || machine.power === 'error') machine.power = 'off';
    return machine.power;
  }

  // ---------------------------------------------------------------- what follows

  #testAfterCommissioning(machine: MachineRecord): void {
    this.#become(machine, 'testing');
    this.hardware.run(machine, 'test', (passed) => {
      this.#become(machine, passed ? 'ready' : 'failed_testing');
      this.hardware.shutDown(machine);
    });
  }

  /** What a system needs that is installed; the rack controller switches the machine on. */
  #needsParts(machine: MachineRecord): void {
    if (!machine.interfaces.some(({ subnet }) => subnet !== undefined)) {
      throw badForm('network', 'Node must be configured to use a network');
    }
    if (!machine.isKnown) {
      throw badForm('storage', 'There are currently no storage devices.');
    }
    this.#needsRack();
  }

  #startDeployment(machine: MachineRecord): void {
    this.#needsParts(machine);
    this.#become(machine, 'deploying');
    this.hardware.boot(machine, 'deploy', (passed) => {
      this.#become(machine, passed ? 'deployed' : 'failed_deployment');
    });
  }

  #releaseNow(machine: MachineRecord): void {
    const isOff = machine.power === 'off' || isUnmanaged(machine);
    if (!isOff) this.#needsRack();
    machine.stop();
    this.#become(machine, 'releasing');
    Object.assign(machine, NO_SYSTEM, { user_data: '' });
    const end = () => {
      // What commissioning found is what makes a machine ready.
      this.#become(machine, machine.hasPassedCommissioning ? 'ready' : 'new');
      machine.owner_data = {};
    };
    if (isOff) end();
    else {
      this.hardware.switch(machine, 'off', (worked) => {
        if (worked) end();
        else this.#become(machine, 'failed_releasing');
      });
    }
  }

  #setPower(machine: MachineRecord, to: 'on' | 'off'): void {
    if (isUnmanaged(machine)) return;
    this.#needsRack();
    if (machine.isSwitching) {
      throw busy(
        `Unable to change power state to '${to}' for node ${machine.hostname}: another action is already in progress.`,
      );
    }
    this.hardware.switch(machine, to, () => {});
  }

  #become(machine: MachineRecord, status: StatusName): void {
    this.#needsTable(machine, status);
    this.#enter(machine, status);
  }

  /** Past the table, as MAAS does in a few places. */
  #enter(machine: MachineRecord, status: StatusName): void {
    if (status !== machine.status && !PASSING.includes(machine.status)) {
      machine.previous = machine.status;
    }
    machine.status = status;
    if (status === 'new' || status === 'ready') machine.owner = '';
    this.#tell(machine, statusLabel(status));
  }

  #tell(machine: MachineRecord, type: string): void {
    this.events.push({ id: ++this.#eventId, machine, type, level: 'INFO', created: new Date() });
    if (this.events.length > EVENTS_KEPT) this.events.shift();
  }

  #needsTable({ status }: MachineRecord, to: StatusName): void {
    if (to === status || tableOf(status).includes(to)) return;
    throw wrongState(`Invalid transition: ${statusLabel(status)} -> ${statusLabel(to)}.`);
  }

  #needsForm({ status }: MachineRecord, allowed: readonly StatusName[], what: string): void {
    if (allowed.includes(status)) return;
    const why = `${what} is not available because of the current state of the node.`;
    throw badForm('__all__', why);
  }

  #needsRack(): void {
    if (!this.isRackConnected) {
      throw busy('Unable to connect to any rack controller; no connections available.');
    }
  }
}
