/**
 * A drawn plan: what operators and fate do to a cloud, step by step. Property suites draw plans,
 * shrink them and put them into replay tokens, so a plan is plain data of small numbers: components
 * are picked by a number, modulo how many there are when the step is due.
 */
import { NO_ROW } from '../engine/engine.ts';
import { FAULT_TARGETS } from '../model/fault-targets.ts';
import type { FaultTarget, ServerAction } from '../model/scenario.ts';
import type { FaultDriver } from './faults/driver.ts';
import type { SimWorld } from './world.ts';

export type PlanStep =
  | {
      readonly do: 'fail';
      readonly after_s: number;
      readonly target: FaultTarget;
      readonly pick: number;
      readonly heal_after_s: number;
    }
  | { readonly do: 'boot'; readonly after_s: number; readonly pick: number }
  | { readonly do: 'delete'; readonly after_s: number; readonly pick: number }
  | {
      readonly do: 'act';
      readonly after_s: number;
      readonly pick: number;
      readonly action: ServerAction;
    };

export interface Plan {
  readonly seed: number;
  /** Durations of a verb or timeout, by its number among the profile's keys, times a factor. */
  readonly stretches: readonly { readonly key: number; readonly factor: number }[];
  readonly steps: readonly PlanStep[];
}

/** Carries a plan's steps out, each `after_s` seconds after the one before. */
export class PlanDriver {
  readonly #world: SimWorld;
  readonly #faults: FaultDriver;
  readonly #steps: readonly PlanStep[];
  readonly #due: number;
  #booted = 0;
  /** Steps in words, for reports: what was really done. */
  readonly log: { readonly time_s: number; readonly text: string }[] = [];

  constructor(world: SimWorld, faults: FaultDriver, steps: readonly PlanStep[]) {
    this.#world = world;
    this.#faults = faults;
    this.#steps = steps;
    this.#due = world.scheduler.handler((index) => this.#onDue(index));
  }

  /** Schedules the first step, `start_s` seconds from now. */
  start(start_s: number): void {
    if (this.#steps.length > 0) {
      this.#world.scheduler.after(start_s + this.#steps[0].after_s, this.#due, 0);
    }
  }

  #onDue(index: number): void {
    const step = this.#steps[index];
    const text = this.#perform(step);
    this.log.push({ time_s: this.#world.engine.now, text });
    const next = this.#steps[index + 1];
    if (next) this.#world.scheduler.after(next.after_s, this.#due, index + 1);
  }

  #perform(step: PlanStep): string {
    switch (step.do) {
      case 'fail':
        return this.#fail(step);
      case 'boot':
        return this.#boot(step.pick);
      case 'delete':
        return this.#withServer(step.pick, 'delete', (server) => {
          this.#world.services.servers!.delete(server, NO_ROW);
          return true;
        });
      case 'act':
        return this.#withServer(step.pick, step.action, (server) =>
          this.#world.services.servers!.act(server, step.action, NO_ROW),
        );
    }
  }

  #fail(step: Extract<PlanStep, { do: 'fail' }>): string {
    const { engine } = this.#world;
    const { kind } = FAULT_TARGETS[step.target];
    const entity = this.#pick(kind, step.pick);
    if (entity < 0) return `no ${kind} to fail`;
    const name = `${kind}/${engine.names[entity]}`;
    if (!this.#faults.tracker.allows(step.target, this.#faults.rackOf(entity))) {
      return `${name} is spared: one more fault would exceed the budget`;
    }
    this.#faults.inject(step.target, entity, step.heal_after_s);
    return `${name} fails, healed after ${step.heal_after_s} s`;
  }

  #boot(pick: number): string {
    const { openstack } = this.#world.scenario.stack;
    const { servers } = this.#world.services;
    if (!openstack || !servers) return 'no cloud to boot a server in';
    const choose = (record: Readonly<Record<string, unknown>>) => {
      const names = Object.keys(record);
      return names[pick % names.length];
    };
    const name = `drawn-${this.#booted++}`;
    const server = servers.boot({
      name,
      project: choose(openstack.projects),
      flavor: choose(openstack.flavors),
      image: choose(openstack.images),
      network: choose(openstack.networks),
      cause: NO_ROW,
    });
    return server < 0 ? `server/${name} is refused` : `server/${name} is asked for`;
  }

  #withServer(pick: number, what: string, act: (server: number) => boolean): string {
    const server = this.#world.services.servers ? this.#pick('server', pick) : -1;
    if (server < 0) return `no server to ${what}`;
    const name = `server/${this.#world.engine.names[server]}`;
    return act(server) ? `${what} ${name}` : `${what} ${name}: refused in its state`;
  }

  #pick(kind: string, pick: number): number {
    const { engine } = this.#world;
    const alive: number[] = [];
    engine.forEach(engine.model.kindId(kind), (entity) => {
      alive.push(entity);
    });
    return alive.length === 0 ? -1 : alive[pick % alive.length];
  }
}
