/** A Juju controller: deploys the models of the scenario when what they live on is ready. */
import type { JujuModel } from '../../model/scenario.ts';
import { cloudServersOf } from '../caas/cloud-servers.ts';
import type { SimWorld } from '../world.ts';
import { Applications } from './applications.ts';
import { JujuContext } from './context.ts';
import { Places } from './places.ts';
import type { ApplicationRecord, ModelRecord, RelationRecord } from './records.ts';
import { Units } from './units.ts';

export class Juju {
  readonly #j: JujuContext;
  readonly #applications: Applications;
  readonly #specs: JujuModel[] = [];

  constructor(world: SimWorld) {
    this.#j = new JujuContext(world);
    this.#applications = new Applications(this.#j, new Places(this.#j));
    new Units(this.#j, this.#applications);
    this.#registerModels();
  }

  /** Adds every model of the scenario as soon as its cloud or cluster is ready. */
  start(): void {
    const { world } = this.#j;
    for (const spec of world.scenario.stack.juju) {
      const add = (row: number) => this.#addModel(spec, row);
      if (spec.on.type === 'servers') cloudServersOf(world).whenReady(add);
      else world.services.clusters?.whenReady(spec.on.cluster, add);
    }
  }

  #addModel(spec: JujuModel, cause: number): void {
    const { engine, kind, models } = this.#j;
    const entity = engine.create(kind.model, spec.name, cause);
    models[entity] = { spec, entity, applications: [], machines: 0 };
    this.#specs[entity] = spec;
  }

  #registerModels(): void {
    const { engine, event, models, world } = this.#j;
    const deployed = new Set<ModelRecord>();
    engine.onEnter('model', 'available', (entity, row) => {
      const model = models[entity];
      if (!model || deployed.has(model)) return;
      deployed.add(model);
      this.#deploy(model, row);
    });
    const tokens: number[] = [];
    const check = (model: ModelRecord | undefined): void => {
      if (!model || model.applications.length > 0) return;
      const token = tokens[model.entity] ?? -1;
      if (token >= 0) engine.complete(model.entity, token, event.done);
    };
    world.onVerb('model', 'destroy', (entity, token) => {
      tokens[entity] = token;
      const model = models[entity];
      for (const { entity: application } of model?.applications ?? []) {
        engine.send(application, event.remove, token);
      }
      if (model?.applications.length === 0) world.answerIn(0, entity, token, event.done);
    });
    engine.onRemoved('application', (application) => {
      check(models[engine.providerOf(application, this.#j.kind.model)]);
    });
    engine.onEnter('model', 'destroyed', (entity, row) => {
      models[entity] = undefined;
      delete tokens[entity];
      this.#j.forget(entity, row);
    });
  }

  #deploy(model: ModelRecord, row: number): void {
    const byName = new Map<string, ApplicationRecord>();
    for (const spec of model.spec.applications) {
      byName.set(spec.name, this.#applications.deploy(model, spec, row));
    }
    for (const [a, b] of model.spec.relations) {
      this.#relate(byName.get(a)!, byName.get(b)!, row);
    }
  }

  /** juju integrate. */
  #relate(a: ApplicationRecord, b: ApplicationRecord, cause: number): void {
    const { engine, kind, relations } = this.#j;
    const name = `${engine.names[a.entity]}:${b.spec.name}`;
    const entity = engine.create(kind.relation, name, cause);
    const relation: RelationRecord = { entity, sides: [a, b] };
    relations[entity] = relation;
    for (const side of new Set(relation.sides)) {
      engine.link(side.entity, entity, cause);
      side.relations.push(relation);
    }
  }
}
