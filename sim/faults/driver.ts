/**
 * Injects faults: scripted ones at their time, and random ones at the rate of their class. The
 * failures of a class are one Poisson process over its components: its rate is the number of
 * components times the rate of one, and each failure picks one of them.
 */
import { sample } from '../../engine/distribution.ts';
import { NO_ROW, NO_STATE } from '../../engine/engine.ts';
import type { Stream } from '../../engine/random.ts';
import { FAULT_TARGETS, FIXED_KINDS } from '../../model/fault-targets.ts';
import type { FaultRate, FaultTarget, ScriptedFault } from '../../model/scenario.ts';
import type { SimWorld } from '../world.ts';
import { carriesData } from './storage.ts';
import { FaultTracker } from './tracker.ts';

interface RateDriver {
  readonly rate: FaultRate;
  readonly times: Stream;
  readonly choice: Stream;
  readonly repairs: Stream;
  population: number[];
}

/** A fault that lasts: what is to be repaired. */
interface OpenFault {
  readonly target: FaultTarget;
  readonly entity: number;
  readonly uid: number;
  readonly rack: string;
}

/** Components that come and go are counted again after an hour at first, later ever less often. */
const RECHECK_s_min = 3600;
const RECHECK_SHARE = 0.25;

export class FaultDriver {
  readonly tracker: FaultTracker;
  readonly #world: SimWorld;
  readonly #rates: RateDriver[];
  readonly #open: (OpenFault | undefined)[] = [];
  readonly #failOne: number;
  readonly #failScripted: number;
  readonly #repair: number;

  constructor(world: SimWorld) {
    this.#world = world;
    const { faults } = world.scenario;
    this.tracker = new FaultTracker(faults.budget);
    this.#rates = faults.rates.map((rate) => {
      const root = world.random.fork(`faults/${rate.target}`);
      const forks = {
        times: root.fork('times'),
        choice: root.fork('choice'),
        repairs: root.fork('repairs'),
      };
      return { rate, ...forks, population: [] };
    });
    const { scheduler } = world;
    this.#failOne = scheduler.handler((index, strike) => this.#onRate(index, strike === 1));
    this.#failScripted = scheduler.handler((index) => this.#onScript(faults.script[index]));
    this.#repair = scheduler.handler((index) => this.#onRepair(index));
  }

  /** Schedules the script and the first failure of every class. Call once, at time 0. */
  start(): void {
    const { scheduler, scenario, services } = this.#world;
    services.ceph?.onWhole(() => this.tracker.whole(scheduler.now));
    scenario.faults.script.forEach((fault, i) => {
      scheduler.after(fault.at_s, this.#failScripted, i);
    });
    this.#rates.forEach((_, i) => {
      this.#scheduleNext(i);
    });
  }

  /** Makes one component fail now; it is repaired after `heal_after_s`, if that is given. */
  inject(target: FaultTarget, entity: number, heal_after_s: number | undefined): void {
    const { engine } = this.#world;
    const spec = FAULT_TARGETS[target];
    const rack = this.rackOf(entity);
    this.tracker.failed(target, rack, engine.now);
    this.#world.send(entity, spec.fail, NO_ROW);
    const index = this.#open.push({ target, entity, uid: engine.uidOf(entity), rack }) - 1;
    if (heal_after_s !== undefined) this.#world.scheduler.after(heal_after_s, this.#repair, index);
  }

  /** The component a name or `*`-pattern means: the first living match in order of creation. */
  find(target: FaultTarget, pattern: string): number {
    const { engine } = this.#world;
    const kind = engine.model.kindId(FAULT_TARGETS[target].kind);
    const matches = nameMatcher(pattern);
    let found = -1;
    engine.forEach(kind, (entity) => {
      if (found < 0 && matches(engine.names[entity])) found = entity;
    });
    return found;
  }

  #onScript(fault: ScriptedFault): void {
    const entity = this.find(fault.target, fault.name);
    if (entity >= 0) this.inject(fault.target, entity, fault.heal_after_s);
  }

  #onRate(index: number, strike: boolean): void {
    const driver = this.#rates[index];
    const { engine } = this.#world;
    const { length } = driver.population;
    if (strike && length > 0) {
      const entity = driver.population[driver.choice.below(length)];
      if (engine.state[entity] !== NO_STATE) {
        this.inject(driver.rate.target, entity, sample(driver.rate.repair, driver.repairs));
      }
    }
    this.#scheduleNext(index);
  }

  #scheduleNext(index: number): void {
    const driver = this.#rates[index];
    this.#refresh(driver);
    const total = driver.population.length * driver.rate.rate_per_s;
    const delay_s = total > 0 ? driver.times.exponential(1 / total) : Number.POSITIVE_INFINITY;
    const { scheduler } = this.#world;
    // A Poisson process forgets: it may be drawn anew whenever its population is looked at again.
    const recheck_s = Math.max(RECHECK_s_min, scheduler.now * RECHECK_SHARE);
    if (delay_s > recheck_s && !this.#isSettled(driver)) {
      scheduler.after(recheck_s, this.#failOne, index, 0);
    } else if (delay_s < Number.POSITIVE_INFINITY) {
      scheduler.after(delay_s, this.#failOne, index, 1);
    }
  }

  #isSettled(driver: RateDriver): boolean {
    return FIXED_KINDS.has(FAULT_TARGETS[driver.rate.target].kind) && driver.population.length > 0;
  }

  #refresh(driver: RateDriver): void {
    if (this.#isSettled(driver)) return;
    const { engine } = this.#world;
    driver.population = [];
    engine.forEach(engine.model.kindId(FAULT_TARGETS[driver.rate.target].kind), (entity) => {
      driver.population.push(entity);
    });
  }

  #onRepair(index: number): void {
    const fault = this.#open[index]!;
    this.#open[index] = undefined;
    const { engine } = this.#world;
    this.returned(fault.target, fault.rack, carriesData(this.#world, fault.target, fault.entity));
    if (!engine.isAlive(fault.entity, fault.uid)) return;
    this.#world.send(fault.entity, FAULT_TARGETS[fault.target].repair, NO_ROW);
  }

  /** Something is back: it no longer counts against the budget, once its data is whole again. */
  returned(target: FaultTarget, rack: string, hasData: boolean): void {
    const { engine, services } = this.#world;
    if (hasData && services.ceph && !services.ceph.isWhole) this.tracker.healing(target, rack);
    else this.tracker.repaired(target, rack, engine.now);
  }

  /** The name of the rack that a component stands in, or '' when it is none of hardware. */
  rackOf(entity: number): string {
    const { engine, scenario, services } = this.#world;
    const { kind } = engine.kindOf(entity);
    const isHost = kind === 'machine' || kind === 'host-os';
    const providers = ['host-os', 'machine'].map((each) =>
      engine.providerOf(entity, engine.model.kindId(each)),
    );
    const host = isHost ? entity : providers.find((provider) => provider >= 0);
    if (host !== undefined) return engine.names[services.bareMetal!.rackOf(host)];
    const name = engine.names[entity];
    return scenario.site.racks.find((rack) => name.startsWith(`${rack.name}-`))?.name ?? '';
  }
}

/** `rack1-*` matches by prefix and suffix around each `*`. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern;
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${parts.join('.*')}$`);
  return (name) => expression.test(name);
}
