import { needWrite } from './account.ts';
import { resolveEndpoints } from './endpoints.ts';
import type { CallContext, Facade, Method, Params } from './facade.ts';
import { type ApplicationRecord, type MachineRecord, statusNow } from './records.ts';
import { notFound, Refusal, result } from './refusal.ts';
import { STORE_BASE, storedCharm, urlOf } from './store.ts';

/** A change, refused to who may only read and while an operator has disabled it. */
function change(block: 'all-changes' | 'remove-objects', method: Method): Method {
  return (context, params) => {
    needWrite(context.account);
    const { blocks } = context.model;
    if (blocks.has('all-changes') || (block === 'remove-objects' && blocks.has(block))) {
      throw new Refusal('operation is blocked', 'the operation has been blocked');
    }
    return method(context, params);
  };
}

const add = (method: Method) => change('all-changes', method);
const remove = (method: Method) => change('remove-objects', method);

function deployOne(context: CallContext, wanted: Params): ApplicationRecord {
  const { model, world } = context;
  const { application: name, 'charm-url': charm } = wanted;
  const known = model.charms.get(charm);
  if (!known) throw notFound(`charm "${charm}"`);
  if (model.applications.has(name)) {
    throw new Refusal(
      'already exists',
      `cannot add application "${name}": application already exists`,
    );
  }
  const application: ApplicationRecord = {
    ...{ name, charm, origin: wanted['charm-origin'] ?? {}, channel: wanted.channel ?? '' },
    config: { ...known.config, ...wanted.config },
    constraints: wanted.constraints ?? {},
    bindings: textsOf(wanted, 'endpoint-bindings'),
    resources: textsOf(wanted, 'resources'),
    ...{ isExposed: false, life: 'alive', units: new Map(), nextUnit: 0 },
  };
  const machines = placesOf(context, wanted.placement);
  model.applications.set(name, application);
  for (let n = 0; n < (wanted['num-units'] ?? 0); n++)
    world.addUnit(model, application, machines[n]);
  return application;
}

/** A map of strings of the request; any other value is refused, as decoding it would be. */
function textsOf(wanted: Params, name: string): Readonly<Record<string, string>> {
  const found = wanted[name] ?? {};
  const isText = Object.values(found).every((value) => typeof value === 'string');
  if (!isText) throw new Refusal('bad request', `cannot unmarshal ${name} into a map of strings`);
  return found;
}

function placesOf({ model }: CallContext, placement: Params): readonly MachineRecord[] {
  return (placement ?? []).map(({ directive, scope }: { directive: string; scope: string }) => {
    if (scope !== '#') throw new Refusal('not supported', `placement ${scope}:${directive}`);
    return model.machine(directive);
  });
}

const deployFromRepository: Method = (context, { Args }) => {
  const { model, world } = context;
  const [wanted] = Args;
  const found = result(() => {
    const stored = storedCharm(world, wanted.CharmName, wanted.channel, wanted.revision);
    const url = urlOf(stored);
    model.charms.set(url, stored.charm);
    const base = wanted.base ?? STORE_BASE;
    const origin = { source: 'charm-hub', type: 'charm', id: stored.charm.name, base };
    const config = JSON.parse(wanted.ConfigYAML)[wanted.ApplicationName];
    deployOne(context, {
      ...{ application: wanted.ApplicationName, 'charm-url': url, 'charm-origin': origin },
      ...{ channel: stored.channel, config, constraints: wanted.Cons, placement: wanted.Placement },
      'num-units': wanted['num-units'],
      'endpoint-bindings': wanted['endpoint-bindings'],
      resources: wanted.resources,
    });
    const { channel, charm, revision } = stored;
    return { architecture: 'amd64', base, channel, name: charm.name, revision };
  });
  const Errors = 'error' in found ? [found.error] : null;
  const nothing = { architecture: '', channel: '', name: '', revision: 0 };
  const Info = 'error' in found ? nothing : found;
  return { Results: [{ Errors, Info, PendingResourceUploads: null }] };
};

const setCharm: Method = ({ model, world }, params) => {
  const application = model.application(params.application);
  const { 'charm-url': url } = params;
  const charm = model.charms.get(url);
  if (!charm) throw notFound(`charm "${url}"`);
  application.charm = url;
  application.origin = params['charm-origin'] ?? application.origin;
  application.config = { ...charm.config, ...application.config };
  for (const unit of application.units.values()) world.agents(model).upgrade(unit);
  world.changed();
  return {};
};

const addRelation: Method = ({ model, world }, { endpoints }) => {
  const found = resolveEndpoints(model, endpoints);
  const key = found.map(({ application, name }) => `${application.name}:${name}`).join(' ');
  if ([...model.relations.values()].some((each) => each.key === key)) {
    throw new Refusal(
      'already exists',
      `cannot add relation "${key}": relation ${key} already exists`,
    );
  }
  const id = model.nextRelation++;
  const relation = {
    id,
    key,
    endpoints: found,
    life: 'alive',
    status: statusNow('joining'),
  } as const;
  model.relations.set(id, { ...relation });
  world.agents(model).join(model.relation(id));
  world.changed();
  const shown = found.map(({ application: { name: application }, interface: of, name, role }) => [
    application,
    { name, role, interface: of, optional: false, limit: 0, scope: 'global' },
  ]);
  return { endpoints: Object.fromEntries(shown) };
};

function settings(wanted: Params): Record<string, string> {
  return wanted.config ?? {};
}

export const applicationFacade: Facade = {
  on: 'model',
  methods: {
    Deploy: add((context, { applications }) => ({
      results: applications.map((each: Params) => {
        const done = result(() => deployOne(context, each));
        return 'error' in done ? done : {};
      }),
    })),
    DeployFromRepository: add(deployFromRepository),
    AddUnits: add((context, { application: name, 'num-units': count, placement }) => {
      const { model, world } = context;
      const application = model.application(name);
      const machines = placesOf(context, placement);
      const units = Array.from({ length: count }, (_, n) =>
        world.addUnit(model, application, machines[n]),
      );
      return { units: units.map((unit) => unit.name) };
    }),
    DestroyUnit: remove(({ model, world }, { units }) => ({
      results: units.map(({ force = false, 'unit-tag': tag }: Params) =>
        result(() => {
          const unit = model.unit(tag.replace(/^unit-(.+)-(\d+)$/, '$1/$2'));
          world.agents(model).stop(unit, force);
          world.changed();
          return { info: {} };
        }),
      ),
    })),
    DestroyApplication: remove(({ model, world }, { applications }) => ({
      results: applications.map(({ 'application-tag': tag, force }: Params) =>
        result(() => {
          world.destroy(model, model.application(tag.replace(/^application-/, '')), force);
          return { info: {} };
        }),
      ),
    })),
    SetCharm: add(setCharm),
    GetCharmURLOrigin: ({ model }, { application: name }) => {
      const { charm, origin } = model.application(name);
      return { url: charm, 'charm-origin': origin };
    },
    SetConfigs: add(({ model, world }, { Args }) => ({
      results: Args.map((each: Params) =>
        result(() => {
          const application = model.application(each.application);
          Object.assign(application.config, settings(each));
          for (const unit of application.units.values()) world.agents(model).configure(unit);
          world.changed();
          return {};
        }),
      ),
    })),
    UnsetApplicationsConfig: add(({ model, world }, { Args }) => ({
      results: Args.map(({ application: name, options }: Params) =>
        result(() => {
          const application = model.application(name);
          const defaults = model.charms.get(application.charm)?.config ?? {};
          for (const option of options) application.config[option] = defaults[option] ?? '';
          for (const unit of application.units.values()) world.agents(model).configure(unit);
          world.changed();
          return {};
        }),
      ),
    })),
    SetConstraints: add(({ model }, { application: name, constraints }) => {
      model.application(name).constraints = constraints;
      return {};
    }),
    GetConstraints: ({ model }, { entities }) => ({
      results: entities.map(({ tag }: Params) =>
        result(() => ({
          constraints: model.application(tag.replace(/^application-/, '')).constraints,
        })),
      ),
    }),
    Get: ({ model }, { application: name }) => {
      const { config, constraints } = model.application(name);
      const values = Object.entries(config).map(([key, value]) => [key, { value }]);
      return { application: name, config: Object.fromEntries(values), constraints };
    },
    Expose: add(({ model, world }, { application: name }) => {
      model.application(name).isExposed = true;
      world.changed();
      return {};
    }),
    Unexpose: add(({ model, world }, { application: name }) => {
      model.application(name).isExposed = false;
      world.changed();
      return {};
    }),
    AddRelation: add(addRelation),
    DestroyRelation: remove(({ model, world }, { 'relation-id': id }) => {
      world.agents(model).leave(model.relation(id));
      return {};
    }),
    // Only relations to other models can be suspended, and there are none here.
    SetRelationsSuspended: add(({ model }, { args }) => ({
      results: args.map(({ 'relation-id': id }: Params) =>
        result(() => {
          model.relation(id);
          throw new Refusal('', 'relation must be a remote relation to be suspended');
        }),
      ),
    })),
    ResolveUnitErrors: add(({ model, world }, { tags }) => ({
      results: tags.entities.map(({ tag }: Params) =>
        result(() => {
          const unit = model.unit(tag.replace(/^unit-(.+)-(\d+)$/, '$1/$2'));
          if (unit.workload.status !== 'error') {
            throw new Refusal('', `unit "${unit.name}" is not in an error state`);
          }
          world.agents(model).retry(unit);
          return {};
        }),
      ),
    })),
  },
};
