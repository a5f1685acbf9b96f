/**
 * Where units are: each on a Juju machine of its own (a server of the cloud), or in a pod. A pod
 * that is gone is made again under the same name, as the stateful set of a charm does.
 */
import { type CloudServers, cloudServersOf } from '../caas/cloud-servers.ts';
import type { JujuContext } from './context.ts';
import type { ModelRecord, UnitRecord } from './records.ts';

export class Places {
  readonly #j: JujuContext;
  readonly #servers: CloudServers;
  readonly #modelOfMachine: (ModelRecord | undefined)[] = [];
  readonly #serverOf: number[] = [];
  readonly #unitOfPod: (UnitRecord | undefined)[] = [];
  readonly #isPending: Uint8Array;
  readonly #isAllocating: Uint8Array;
  readonly #allocate: number;
  readonly #agentDelay;
  /** Called when the instance of a machine is gone for good. */
  onInstanceLost: (machine: number, row: number) => void = () => {};

  constructor(context: JujuContext) {
    const { world, engine } = context;
    this.#j = context;
    this.#servers = cloudServersOf(world);
    this.#isPending = context.mask('juju-machine', 'pending', 'error');
    this.#isAllocating = context.mask('unit', 'allocating');
    this.#agentDelay = world.timing('unit.allocate');
    this.#allocate = world.scheduler.handler((entity, uid, row) => {
      if (!engine.isAlive(entity, uid) || !this.#isAllocating[engine.state[entity]]) return;
      if (engine.isSatisfied(entity)) engine.send(entity, context.event.allocated, row);
    });
    this.#registerMachines();
    this.#registerPods();
  }

  /** Finds a place for a new unit. */
  place(unit: UnitRecord, cause: number): void {
    const { model } = unit.application;
    if (model.spec.on.type === 'servers') this.#addMachine(unit, model, cause);
    else this.#addPod(unit, cause);
  }

  /** Gives the place of a unit that is dead back. */
  release(unit: UnitRecord, cause: number): void {
    const { engine, event, world } = this.#j;
    if (unit.machine >= 0) engine.send(unit.machine, event.remove, cause);
    if (unit.pod < 0) return;
    this.#unitOfPod[unit.pod] = undefined;
    world.services.pods!.deletePod(unit.pod, cause);
  }

  // ---------------------------------------------------------------- machines

  #addMachine(unit: UnitRecord, model: ModelRecord, cause: number): void {
    const { engine, kind } = this.#j;
    const name = `${model.spec.name}-${model.machines++}`;
    // Its first request is made while it is created, and answered when its server is active.
    const machine = engine.create(kind['juju-machine'], name, cause);
    this.#modelOfMachine[machine] = model;
    unit.machine = machine;
    engine.link(model.entity, machine, cause);
    engine.link(machine, unit.entity, cause);
    this.#requestServer(machine, engine.lastRowOf(machine));
  }

  #requestServer(machine: number, token: number): void {
    const { engine, event } = this.#j;
    const { on } = this.#modelOfMachine[machine]!.spec;
    if (on.type !== 'servers') return;
    const uid = engine.uidOf(machine);
    this.#servers.request(
      `juju-${engine.names[machine]}`,
      on,
      {
        asked: (server, row) => {
          if (!engine.isAlive(machine, uid)) return;
          this.#serverOf[machine] = server;
          engine.link(server, machine, row);
        },
        refused: () => {
          if (engine.isAlive(machine, uid)) engine.complete(machine, token, event.fault);
        },
        active: () => {
          if (engine.isAlive(machine, uid)) engine.complete(machine, token, event.done);
        },
        lost: (server, row) => this.#serverLost(machine, uid, server, row),
      },
      token,
    );
  }

  /** A machine that has not started yet gets another server; a started one is gone. */
  #serverLost(machine: number, uid: number, server: number, row: number): boolean {
    const { engine } = this.#j;
    if (!engine.isAlive(machine, uid)) return false;
    this.#serverOf[machine] = -1;
    if (this.#isPending[engine.state[machine]]) {
      engine.unlink(server, machine);
      return true;
    }
    this.onInstanceLost(machine, row);
    return false;
  }

  #registerMachines(): void {
    const { world, engine, event, kind } = this.#j;
    const release = world.verbId('juju-machine', 'release');
    const installing = world.timing('juju-machine.agent_install');
    const installed = world.scheduler.handler((machine, token) => {
      if (engine.isRequested(machine, token) && engine.isSatisfied(machine)) {
        engine.complete(machine, token, event.done);
      }
    });
    world.onVerb('juju-machine', 'provision', (machine, token) => {
      // The very first request comes before the machine is known: see `#addMachine`.
      if (this.#modelOfMachine[machine]) this.#requestServer(machine, token);
    });
    // What an outage interrupts goes on when the server is back: see the machine.
    world.onVerb('juju-machine', 'install_agent', (machine, token) => {
      world.scheduler.after(world.draw(machine, installing), installed, machine, token);
    });
    world.onVerb('juju-machine', 'release', (machine, token) => {
      const server = this.#serverOf[machine] ?? -1;
      if (server >= 0) {
        engine.unlink(server, machine);
        this.#servers.release(server, token);
      }
      this.#serverOf[machine] = -1;
      world.answerLater(machine, token, release);
    });
    engine.onEnter('juju-machine', 'started', (machine, row) => {
      engine.forEachDependent(machine, kind.unit, (unit) => this.#allocateSoon(unit, row));
    });
    engine.onEnter('juju-machine', 'dead', (machine, row) => {
      this.#modelOfMachine[machine] = undefined;
      this.#j.forget(machine, row);
    });
  }

  /** A unit agent is installed on a place that is ready; without effect on one that runs. */
  #allocateSoon(unit: number, row: number): void {
    const { world, engine } = this.#j;
    const delay_s = world.draw(unit, this.#agentDelay);
    world.scheduler.after(delay_s, this.#allocate, unit, engine.uidOf(unit), row);
  }

  // ---------------------------------------------------------------- pods

  #addPod(unit: UnitRecord, cause: number): void {
    const { engine, world } = this.#j;
    const { model, spec } = unit.application;
    if (model.spec.on.type !== 'kubernetes') return;
    const { cluster } = model.spec.on;
    const name = unit.name.replace('/', '-');
    const pod = world.services.pods!.createPod(cluster, name, spec.charm, cause);
    unit.pod = pod;
    this.#unitOfPod[pod] = unit;
    engine.link(pod, unit.entity, cause);
  }

  #registerPods(): void {
    const { engine } = this.#j;
    engine.onEnter('pod', 'Ready', (pod, row) => {
      const unit = this.#unitOfPod[pod];
      if (unit) this.#allocateSoon(unit.entity, row);
    });
    // The new pod is linked before the old one is removed: the unit stays lost meanwhile.
    engine.onEnter('pod', 'deleted', (pod, row) => {
      const unit = this.#unitOfPod[pod];
      if (!unit) return;
      this.#unitOfPod[pod] = undefined;
      if (!unit.isRemoving) this.#addPod(unit, row);
    });
    engine.onEnter('pod', 'Failed', (pod, row) => {
      if (this.#unitOfPod[pod]) this.#j.world.services.pods!.deletePod(pod, row);
    });
  }
}
