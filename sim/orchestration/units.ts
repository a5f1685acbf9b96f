/**
 * Unit agents: the hooks they run one after the other, what the charm says of the workload, the
 * relations they join, the actions they run, and how their loss is noticed.
 */
import type { Applications } from './applications.ts';
import type { JujuContext } from './context.ts';
import type { RelationRecord, UnitRecord } from './records.ts';

/** Juju retries a failed hook after 5 s, then twice as long each time, up to five minutes. */
const RETRY_FACTOR = 2;
const RETRY_MAX_s = 300;

export class Units {
  readonly #j: JujuContext;
  readonly #applications: Applications;
  readonly #isIdle: Uint8Array;
  readonly #isRelationJoined: Uint8Array;
  readonly #wasUpgrading: Uint8Array;
  readonly #wasInAction: Uint8Array;
  readonly #wasRelating: Uint8Array;
  readonly #prune: number;
  readonly #resultsAge;
  #actions = 0;

  constructor(context: JujuContext, applications: Applications) {
    const { world } = context;
    this.#j = context;
    this.#applications = applications;
    this.#isIdle = context.mask('unit', 'idle');
    this.#isRelationJoined = context.mask('relation', 'joined');
    this.#wasUpgrading = context.mask('unit', 'executing.upgrade_charm');
    this.#wasInAction = context.mask('unit', 'executing.action');
    this.#wasRelating = context.mask('unit', 'executing.relation_changed');
    this.#resultsAge = world.timing('action.results_age');
    this.#prune = world.scheduler.handler((action, uid) => {
      if (context.engine.isAlive(action, uid)) context.engine.remove(action);
    });
    this.#registerVerbs();
    this.#registerStates();
    this.#registerRelations();
  }

  // ---------------------------------------------------------------- verbs

  #registerVerbs(): void {
    const { world, engine, units, event } = this.#j;
    const presence = world.timing('unit.presence_timeout');
    const retry = world.timing('unit.hook_retry');
    const install = world.verbId('unit', 'install');
    const installOnPod = world.timing('unit.install_in_pod');
    world.onVerb('unit', 'monitor', (entity, token) => {
      world.answerIn(world.draw(entity, presence), entity, token, event.agent_lost);
    });
    world.onVerb('unit', 'await_retry', (entity, token) => {
      const unit = units[entity]!;
      const first_s = world.draw(entity, retry);
      const delay_s = Math.min(RETRY_MAX_s, first_s * RETRY_FACTOR ** unit.failures);
      unit.failures++;
      world.answerIn(delay_s, entity, token, event.done);
    });
    // What a charm on machines installs comes with the image of a pod.
    world.onVerb('unit', 'install', (entity, token) => {
      if ((units[entity]?.pod ?? -1) < 0) world.answerLater(entity, token, install);
      else world.answerIn(world.draw(entity, installOnPod), entity, token, event.done);
    });
    const run = world.verbId('unit', 'run_action');
    world.onVerb('unit', 'run_action', (entity, token) => {
      const unit = units[entity]!;
      const name = `${unit.name}-action-${++this.#actions}`;
      unit.action = world.create('action', name, [entity], token);
      engine.send(unit.action, event.begin, token);
      world.answerLater(entity, token, run);
    });
  }

  // ---------------------------------------------------------------- states

  #registerStates(): void {
    const { engine, units, event } = this.#j;
    engine.onEnter('unit', 'idle', (entity, row, _event, from) => {
      const unit = units[entity];
      if (unit) this.#onIdle(unit, row, from);
    });
    engine.onEnter('unit', 'error', (entity, row, _event, from) => {
      const unit = units[entity];
      if (!unit) return;
      this.#endAction(unit, event.failed, row);
      if (this.#wasUpgrading[from]) {
        engine.send(unit.application.upgrade, event.unit_failed, row);
      }
    });
    for (const state of ['silent', 'dead', 'failed']) {
      engine.onEnter('unit', state, (entity, row) => {
        const unit = units[entity];
        if (unit) this.#endAction(unit, event.agent_error, row);
      });
    }
    engine.onRemoved('unit', (entity) => {
      for (
        let action = engine.dependentOf(entity, this.#j.kind.action);
        action >= 0;
        action = engine.dependentOf(entity, this.#j.kind.action)
      ) {
        engine.remove(action);
      }
    });
  }

  #onIdle(unit: UnitRecord, row: number, from: number): void {
    const { engine, event } = this.#j;
    unit.failures = 0;
    if (this.#wasInAction[from]) this.#endAction(unit, event.completed, row);
    if (this.#wasRelating[from]) unit.isRelated = true;
    if (this.#wasUpgrading[from]) {
      unit.revision = unit.application.revision;
      engine.send(unit.application.upgrade, event.unit_resolved, row);
      this.#applications.upgraded(unit.application, row);
    } else if (unit.revision !== unit.application.revision) {
      engine.send(unit.entity, event.upgrade_charm, row);
      return;
    }
    this.#settle(unit, row);
  }

  /** What an idle unit says of itself, or does next: by its relations. */
  #settle(unit: UnitRecord, row: number): void {
    const { engine, event } = this.#j;
    const { relations } = unit.application;
    for (const relation of relations) this.#tryToJoin(relation, row);
    if (unit.isRelated || relations.length === 0) {
      engine.send(unit.entity, event.status_active, row);
    } else if (relations.every((r) => this.#isRelationJoined[engine.state[r.entity]])) {
      engine.send(unit.entity, event.relation_changed, row);
    } else {
      engine.send(unit.entity, event.status_waiting, row);
    }
  }

  #endAction(unit: UnitRecord, end: number, row: number): void {
    if (unit.action < 0) return;
    const { engine, world } = this.#j;
    const { action } = unit;
    unit.action = -1;
    engine.send(action, end, row);
    const age_s = world.draw(action, this.#resultsAge);
    world.scheduler.after(age_s, this.#prune, action, engine.uidOf(action));
  }

  // ---------------------------------------------------------------- relations

  /** A relation is joined when an idle unit of each side has entered its scope. */
  #tryToJoin(relation: RelationRecord, row: number): void {
    const { engine, event } = this.#j;
    for (const side of relation.sides) {
      let hasIdle = false;
      for (const unit of side.units) if (this.#isIdle[engine.state[unit.entity]]) hasIdle = true;
      if (!hasIdle) return;
    }
    engine.send(relation.entity, event.joined, row);
  }

  #registerRelations(): void {
    const { engine, relations } = this.#j;
    engine.onEnter('relation', 'joined', (entity, row) => {
      for (const side of new Set(relations[entity]?.sides)) {
        for (const unit of side.units) {
          if (this.#isIdle[engine.state[unit.entity]]) this.#relationJoined(unit, row);
        }
      }
    });
    engine.onEnter('relation', 'broken', (entity, row) => {
      const relation = relations[entity];
      relations[entity] = undefined;
      for (const side of new Set(relation?.sides)) {
        side.relations.splice(side.relations.indexOf(relation!), 1);
      }
      this.#j.forget(entity, row);
    });
  }

  /** An idle unit runs its relation hooks when the last of its relations is joined. */
  #relationJoined(unit: UnitRecord, row: number): void {
    const { engine, event } = this.#j;
    const isComplete = unit.application.relations.every(
      (relation) => this.#isRelationJoined[engine.state[relation.entity]],
    );
    if (isComplete) engine.send(unit.entity, event.relation_changed, row);
  }
}
