/** Applications: as many units as wanted, the worst of their statuses, upgrades, removal. */
import type { JujuApplication } from '../../model/scenario.ts';
import { type JujuContext, STATUSES } from './context.ts';
import type { Places } from './places.ts';
import type { ApplicationRecord, ModelRecord, UnitRecord } from './records.ts';

const UNKNOWN = STATUSES.indexOf('unknown');

/** The status of an application, from how many of its units are in each of STATUSES. */
export function deriveStatus(counts: readonly number[]): number {
  const worst = counts.findIndex((count) => count > 0);
  return worst < 0 ? UNKNOWN : worst;
}

export class Applications {
  readonly #j: JujuContext;
  readonly #places: Places;
  readonly #unitsSlot: number;
  /** Place in STATUSES of the workload status in each state of a unit. */
  readonly #statusOf: Int8Array;
  readonly #isSettled: Uint8Array;
  readonly #isScaling: Uint8Array;
  readonly #isDying: Uint8Array;
  readonly #isUpgrading: Uint8Array;

  constructor(context: JujuContext, places: Places) {
    const { engine, kind } = context;
    this.#j = context;
    this.#places = places;
    this.#unitsSlot = context.slot('application', 'units');
    this.#statusOf = new Int8Array(engine.model.stateNames.length);
    STATUSES.forEach((status, place) => {
      workloadMask(context, status).forEach((match, s) => {
        if (match) this.#statusOf[s] = place;
      });
    });
    this.#isSettled = context.mask('unit', 'idle', 'silent', 'lost', 'failed', 'error');
    this.#isScaling = context.mask('application', 'scaling');
    this.#isDying = context.mask('application', 'dying');
    this.#isUpgrading = context.mask('application', 'upgrading');
    this.#registerVerbs();
    this.#registerUnits();
    places.onInstanceLost = (machine, row) => {
      engine.forEachDependent(machine, kind.unit, (unit) => {
        engine.send(unit, context.event.force_remove, row);
      });
    };
  }

  /** juju deploy. */
  deploy(model: ModelRecord, spec: JujuApplication, cause: number): ApplicationRecord {
    const { engine, event, kind } = this.#j;
    const entity = engine.create(kind.application, `${model.spec.name}-${spec.name}`, cause);
    const application: ApplicationRecord = {
      spec,
      model,
      entity,
      units: new Set(),
      relations: [],
      statusCounts: STATUSES.map(() => 0),
      nextUnit: 0,
      revision: 0,
      token: -1,
      upgrade: -1,
    };
    this.#j.applications[entity] = application;
    model.applications.push(application);
    engine.link(model.entity, entity, cause);
    for (let n = 0; n < spec.units; n++) engine.send(entity, event.scale_up, cause);
    return application;
  }

  // ---------------------------------------------------------------- requests

  #registerVerbs(): void {
    const { world, applications } = this.#j;
    for (const verb of ['scale', 'remove'] as const) {
      world.onVerb('application', verb, (entity, token) => {
        const application = applications[entity];
        if (!application) return;
        application.token = token;
        this.#reconcile(application, token);
      });
    }
    world.onVerb('application', 'upgrade', (entity, token) => {
      const application = applications[entity];
      if (application) this.#refresh(application, token);
    });
    world.onVerb('upgrade', 'roll_out', (upgrade, token) => this.#rollOut(upgrade, token));
    const { engine } = world;
    engine.onEnter('application', 'dead', (entity, row) => this.#forget(entity, row));
    engine.onEnter('upgrade', 'failed', (upgrade) => {
      const application = applications[engine.providerOf(upgrade, this.#j.kind.application)];
      if (application) this.#answer(application);
    });
  }

  /** Adds and removes units; answers when the wanted number is there and settled. */
  #reconcile(application: ApplicationRecord, row: number): void {
    const { engine, event } = this.#j;
    const isDying = this.#isDying[engine.state[application.entity]] === 1;
    const wanted = isDying ? 0 : engine.slot(application.entity, this.#unitsSlot);
    const staying = [...application.units].filter((unit) => !unit.isRemoving);
    for (let n = staying.length; n < wanted; n++) this.#addUnit(application, row);
    for (const unit of staying.slice(wanted)) {
      unit.isRemoving = true;
      engine.send(unit.entity, event.remove, row);
    }
    if (isDying) {
      for (const relation of application.relations) {
        engine.send(relation.entity, event.remove, row);
      }
    }
    this.#checkSettled(application);
  }

  #checkSettled(application: ApplicationRecord): void {
    const { engine } = this.#j;
    const state = engine.state[application.entity];
    if (this.#isDying[state]) {
      if (application.units.size === 0) this.#answer(application);
      return;
    }
    if (!this.#isScaling[state]) return;
    if (application.units.size !== engine.slot(application.entity, this.#unitsSlot)) return;
    for (const unit of application.units) {
      if (unit.isRemoving || !this.#isSettled[engine.state[unit.entity]]) return;
    }
    this.#answer(application);
  }

  #answer(application: ApplicationRecord): void {
    const { token } = application;
    application.token = -1;
    if (token >= 0) this.#j.engine.complete(application.entity, token, this.#j.event.done);
  }

  #addUnit(application: ApplicationRecord, cause: number): void {
    const { engine, kind } = this.#j;
    const name = `${engine.names[application.entity]}/${application.nextUnit++}`;
    const entity = engine.create(kind.unit, name, cause);
    const unit: UnitRecord = {
      entity,
      uid: engine.uidOf(entity),
      application,
      name,
      machine: -1,
      pod: -1,
      revision: application.revision,
      isRelated: false,
      isRemoving: false,
      failures: 0,
      action: -1,
    };
    this.#j.units[entity] = unit;
    application.units.add(unit);
    application.statusCounts[this.#statusOf[engine.state[entity]]]++;
    engine.link(application.entity, entity, cause);
    this.#places.place(unit, cause);
    this.#report(application, cause);
  }

  #forget(entity: number, row: number): void {
    const application = this.#j.applications[entity];
    if (!application) return;
    this.#j.applications[entity] = undefined;
    const { applications } = application.model;
    applications.splice(applications.indexOf(application), 1);
    if (application.upgrade >= 0) this.#j.forget(application.upgrade, row);
    this.#j.forget(entity, row);
  }

  // ---------------------------------------------------------------- what units report

  #registerUnits(): void {
    const { engine, units } = this.#j;
    engine.onEveryEntry('unit', (entity, row, _event, from) => {
      const unit = units[entity];
      if (!unit) return;
      const { application } = unit;
      const was = this.#statusOf[from];
      const is = this.#statusOf[engine.state[entity]];
      if (was !== is) {
        application.statusCounts[was]--;
        application.statusCounts[is]++;
        this.#report(application, row);
      }
      if (this.#isSettled[engine.state[entity]] && !this.#isSettled[from]) {
        this.#checkSettled(application);
      }
    });
    engine.onEnter('unit', 'dead', (entity, row) => {
      const unit = units[entity];
      if (unit) this.#unitDead(unit, row);
    });
  }

  #unitDead(unit: UnitRecord, row: number): void {
    const { engine, units } = this.#j;
    const { application } = unit;
    units[unit.entity] = undefined;
    unit.isRemoving = true;
    application.units.delete(unit);
    application.statusCounts[this.#statusOf[engine.state[unit.entity]]]--;
    this.#places.release(unit, row);
    this.#j.forget(unit.entity, row);
    this.#report(application, row);
    this.#reconcile(application, row);
    this.upgraded(application, row);
  }

  #report(application: ApplicationRecord, row: number): void {
    const status = deriveStatus(application.statusCounts);
    this.#j.engine.send(application.entity, this.#j.statusEvents[status], row);
  }

  // ---------------------------------------------------------------- upgrades

  /** juju refresh: the controller fetches the revision, then tells the units. */
  #refresh(application: ApplicationRecord, token: number): void {
    const { engine, kind } = this.#j;
    application.token = token;
    application.revision++;
    if (application.upgrade >= 0) this.#j.forget(application.upgrade, token);
    const name = `${engine.names[application.entity]}-${application.revision}`;
    application.upgrade = engine.create(kind.upgrade, name, token);
    engine.link(application.entity, application.upgrade, token);
  }

  #rollOut(upgrade: number, token: number): void {
    const { engine, event, kind } = this.#j;
    const application = this.#j.applications[engine.providerOf(upgrade, kind.application)];
    if (!application) return;
    for (const unit of application.units) {
      if (unit.revision !== application.revision) {
        engine.send(unit.entity, event.upgrade_charm, token);
      }
    }
    this.upgraded(application, token);
  }

  /** Ends the upgrade of an application when all of its units have the revision. */
  upgraded(application: ApplicationRecord, row: number): void {
    const { engine, event } = this.#j;
    if (!this.#isUpgrading[engine.state[application.entity]]) return;
    for (const unit of application.units) {
      if (unit.revision !== application.revision) return;
    }
    engine.send(application.upgrade, event.done, row);
    this.#answer(application);
  }
}

/** The states of a unit whose workload region, not its agent region, is in a status. */
function workloadMask({ engine }: JujuContext, status: string): Uint8Array {
  return Uint8Array.from(engine.model.stateNames, (name) =>
    name.startsWith('unit/') && name.endsWith(`+${status}`) ? 1 : 0,
  );
}
