/**
 * Planned work, one machine at a time: packages are updated and the machine is rebooted into its new
 * kernel, after emptying it where the window says so: servers are live-migrated, the pods of a
 * Kubernetes node are evicted. The next machine waits until this one serves again and the cloud has
 * settled; after one with daemons of Ceph that means HEALTH_OK, however long it takes.
 */
import { NO_ROW } from '../engine/engine.ts';
import type { FaultTarget, MaintenanceWindow } from '../model/scenario.ts';
import type { FaultDriver } from './faults/driver.ts';
import { carriesData } from './faults/storage.ts';
import type { SimWorld } from './world.ts';

/** Daemons whose absence the health of Ceph tells. */
const CEPH_DAEMONS = ['mon', 'mgr', 'osd', 'mds'] as const;

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
  /** Whether a window waits for Ceph to be healthy. */
  readonly #isHeld: boolean[];
  /** Hosts that are being rebooted, and those whose Kubernetes nodes take no pods. */
  readonly #away = new Set<number>();
  readonly #cordoned = new Set<number>();
  readonly #cephKinds: readonly number[];
  readonly #faults: FaultDriver;
  readonly #open: number;
  readonly #next: number;
  readonly #update: number;

  /** `faults` is told of hosts that are away: while they are, the site survives less. */
  constructor(world: SimWorld, faults: FaultDriver) {
    this.#world = world;
    this.#faults = faults;
    this.#cephKinds = CEPH_DAEMONS.map((kind) => world.engine.model.kindId(kind));
    this.#windows = world.scenario.maintenance;
    this.#queue = this.#windows.map(() => []);
    this.#current = this.#windows.map(() => -1);
    this.#rebooting = this.#windows.map(() => false);
    this.#isHeld = this.#windows.map(() => false);
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
    const { engine } = this.#world;
    engine.onEnter('host-os', 'running', (host) => {
      this.#onBack(host);
      this.#current.forEach((current, window) => {
        if (current === host) this.#onRunning(window, host);
      });
    });
    engine.onEnter('host-os', 'degraded', (host) => this.#onBack(host));
    engine.onEnter('ceph-cluster', 'HEALTH_OK', () => {
      this.#isHeld.forEach((isHeld, window) => {
        if (isHeld) this.#world.scheduler.soon(this.#next, window, this.#current[window]);
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

  /** The machine is back (or patience is over): on to the next one, if Ceph is well without it. */
  #onNext(window: number, host: number): void {
    if (this.#current[window] !== host) return;
    const { ceph } = this.#world.services;
    this.#isHeld[window] = ceph !== undefined && !ceph.isHealthy && this.#carriesCeph(host);
    if (!this.#isHeld[window]) this.#takeNext(window);
  }

  #carriesCeph(host: number): boolean {
    return this.#cephKinds.some((kind) => this.#world.engine.dependentOf(host, kind) >= 0);
  }

  #takeNext(window: number): void {
    const { scheduler, engine } = this.#world;
    // One that was never rebooted, since its update did not end, is left as it was.
    if (!this.#away.has(this.#current[window])) this.#uncordon(this.#current[window]);
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
    this.#away.add(host);
    for (const target of this.#takenWith(host)) {
      this.#faults.tracker.taken(target, this.#rackOf(host), engine.now);
    }
    this.#world.send(host, 'reboot', engine.lastRowOf(host));
  }

  #onBack(host: number): void {
    if (!this.#away.delete(host)) return;
    const hasData = carriesData(this.#world, 'host-os', host);
    for (const target of this.#takenWith(host)) {
      this.#faults.returned(target, this.#rackOf(host), hasData && target === 'machine');
    }
    this.#uncordon(host);
  }

  /** What the fault budget counts as missing while a host is away. */
  #takenWith(host: number): FaultTarget[] {
    const hasMon = this.#world.engine.dependentOf(host, this.#cephKinds[0]) >= 0;
    return hasMon ? ['machine', 'mon'] : ['machine'];
  }

  #rackOf(host: number): string {
    return this.#world.engine.names[this.#world.services.bareMetal!.rackOf(host)];
  }

  #uncordon(host: number): void {
    if (!this.#cordoned.delete(host)) return;
    const { engine, services } = this.#world;
    services.clusters?.uncordon(host, engine.lastRowOf(host));
  }

  #drain(host: number): void {
    const { engine, services } = this.#world;
    const { model } = engine;
    if (services.clusters) {
      this.#cordoned.add(host);
      services.clusters.drain(host, engine.lastRowOf(host));
    }
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
