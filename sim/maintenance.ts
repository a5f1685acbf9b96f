/**
 * Planned work, one machine at a time: packages are updated and the machine is rebooted into its new
 * kernel, after emptying it by live migration where the window says so. The next machine waits
 * until this one serves again and the cloud has settled.
 */
import { NO_ROW } from '../engine/engine.ts';
import type { MaintenanceWindow } from '../model/scenario.ts';
import type { SimWorld } from './world.ts';

/** Between two machines: time for recovery and for operators to look. */
const SETTLE_s = 900;
/** A machine that is not back by then is left to the operators; the work goes on. */
const PATIENCE_s = 3600;
/** How long a drain may take before the host is rebooted with what is left on it. */
const DRAIN_s = 1800;

export class MaintenanceDriver {
  readonly #world: SimWorld;
  readonly #windows: readonly MaintenanceWindow[];
  readonly #queue: number[][];
  /** The host OS being worked on in each window, or -1, and whether it is being rebooted. */
  readonly #current: number[];
  readonly #rebooting: boolean[];
  readonly #open: number;
  readonly #next: number;
  readonly #update: number;

  constructor(world: SimWorld) {
    this.#world = world;
    this.#windows = world.scenario.maintenance;
    this.#queue = this.#windows.map(() => []);
    this.#current = this.#windows.map(() => -1);
    this.#rebooting = this.#windows.map(() => false);
    const { scheduler } = world;
    this.#open = scheduler.handler((window) => this.#onOpen(window));
    this.#next = scheduler.handler((window, host) => this.#onNext(window, host));
    this.#update = scheduler.handler((window, host) => this.#onUpdate(window, host));
  }

  /** Schedules the windows. Call once, at time 0. */
  start(): void {
    if (this.#windows.length === 0) return;
    this.#windows.forEach((window, i) => {
      this.#world.scheduler.after(window.at_s, this.#open, i);
    });
    this.#world.engine.onEnter('host-os', 'running', (host) => {
      this.#current.forEach((current, window) => {
        if (current === host) this.#onRunning(window, host);
      });
    });
  }

  #onOpen(window: number): void {
    const { every_s, on } = this.#windows[window];
    const { bareMetal } = this.#world.services;
    if (every_s) this.#world.scheduler.after(every_s, this.#open, window);
    if (!bareMetal || this.#queue[window].length > 0) return;
    this.#queue[window] = bareMetal.machines
      .filter((machine) => on.includes(bareMetal.flavorOf(machine)))
      .map((machine) => bareMetal.hostOsOf(machine))
      .filter((host) => host >= 0);
    if (this.#current[window] < 0) this.#takeNext(window);
  }

  /** The machine is back (or patience is over): on to the next one. */
  #onNext(window: number, host: number): void {
    if (this.#current[window] === host) this.#takeNext(window);
  }

  #takeNext(window: number): void {
    const { scheduler, engine } = this.#world;
    const host = this.#queue[window].shift() ?? -1;
    this.#current[window] = host;
    this.#rebooting[window] = false;
    if (host < 0) return;
    if (!engine.isServing(host)) {
      this.#takeNext(window);
      return;
    }
    const drains = this.#windows[window].action === 'drain';
    if (drains) this.#drain(host);
    scheduler.after(drains ? DRAIN_s : 0, this.#update, window, host);
    scheduler.after(PATIENCE_s + (drains ? DRAIN_s : 0), this.#next, window, host);
  }

  #onUpdate(window: number, host: number): void {
    if (this.#current[window] === host) this.#world.send(host, 'update', NO_ROW);
  }

  /** Updated: now the reboot. Rebooted: the next machine, after a while. */
  #onRunning(window: number, host: number): void {
    const { engine, scheduler } = this.#world;
    if (this.#rebooting[window]) {
      scheduler.after(SETTLE_s, this.#next, window, host);
      return;
    }
    this.#rebooting[window] = true;
    this.#world.send(host, 'reboot', engine.lastRowOf(host));
  }

  #drain(host: number): void {
    const { engine, services } = this.#world;
    const { model } = engine;
    const hypervisor = engine.dependentOf(host, model.kindId('hypervisor'));
    if (hypervisor < 0 || !services.servers) return;
    const servers: number[] = [];
    engine.forEachDependent(hypervisor, model.kindId('domain'), (domain) => {
      const server = engine.dependentOf(domain, model.kindId('server'));
      if (server >= 0) servers.push(server);
    });
    for (const server of servers) services.servers.act(server, 'live_migrate', NO_ROW);
  }
}
