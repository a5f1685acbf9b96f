/** Facades of a model besides Application. */
import { needWrite } from './account.ts';
import { AllWatcher } from './all-watcher.ts';
import type { CallContext, Facade, Params } from './facade.ts';
import { type ActionRecord, type ModelRecord, statusNow } from './records.ts';
import { notFound, Refusal, result } from './refusal.ts';
import { fullStatus } from './status-of.ts';
import { STORE_BASE, storedCharm, urlOf } from './store.ts';

export const clientFacade: Facade = {
  on: 'model',
  methods: {
    FullStatus: ({ model, version }) => fullStatus(model, version),
    WatchAll: ({ id, model, watchers, world }) => {
      watchers.set(id, new AllWatcher(world, model));
      return { 'watcher-id': id };
    },
  },
};

function watcherOf({ id, watchers }: CallContext): AllWatcher {
  const found = watchers.get(id);
  if (!found) throw notFound(`watcher ${id}`);
  return found;
}

export const allWatcherFacade: Facade = {
  on: 'model',
  methods: {
    Next: (context) => watcherOf(context).next(),
    Stop: (context) => {
      watcherOf(context).stop();
      context.watchers.delete(context.id);
      return {};
    },
  },
};

function actionResult({ id, message, name, parameters, status, unit }: ActionRecord): object {
  const receiver = `unit-${unit.name.replace('/', '-')}`;
  return { action: { tag: `action-${id}`, receiver, name, parameters }, status, message };
}

function enqueue({ model, world }: CallContext, wanted: Params): object {
  return result(() => {
    const unit = model.unit(wanted.receiver.replace(/^unit-(.+)-(\d+)$/, '$1/$2'));
    const known = model.charms.get(unit.application.charm)?.actions ?? [];
    if (!known.includes(wanted.name)) {
      const what = `action "${wanted.name}" not defined for unit "${unit.name}".`;
      throw new Refusal('not found', what);
    }
    const id = String(model.nextAction++);
    const { name, parameters = {} } = wanted;
    const action: ActionRecord = { id, unit, name, parameters, status: 'pending', message: '' };
    model.actions.set(id, action);
    world.agents(model).act(action);
    world.changed();
    return actionResult(action);
  });
}

function cancel({ model, world }: CallContext, tag: string): object {
  return result(() => {
    const action = model.action(tag.replace(/^action-/, ''));
    if (action.status === 'pending') action.status = 'cancelled';
    if (action.status === 'running') action.status = 'aborting';
    world.changed();
    return actionResult(action);
  });
}

export const actionFacade: Facade = {
  on: 'model',
  methods: {
    EnqueueOperation: (context, { actions }) => {
      needWrite(context.account);
      return {
        operation: 'operation-1',
        actions: actions.map((each: Params) => enqueue(context, each)),
      };
    },
    Actions: ({ model }, { entities }) => ({
      results: entities.map(({ tag }: Params) =>
        result(() => actionResult(model.action(tag.replace(/^action-/, '')))),
      ),
    }),
    Cancel: (context, { entities }) => {
      needWrite(context.account);
      return { results: entities.map(({ tag }: Params) => cancel(context, tag)) };
    },
    ListOperations: ({ model }, { limit = 50 }) => ({
      results: [...model.actions.values()].slice(-limit).map((action) => ({
        operation: `operation-${action.id}`,
        summary: `${action.name} run on unit-${action.unit.name.replace('/', '-')}`,
        actions: [actionResult(action)],
      })),
      truncated: model.actions.size > limit,
    }),
  },
};

function machineOf(model: ModelRecord, tag: string) {
  return model.machine(tag.replace(/^machine-/, ''));
}

/** As Juju 4.0.15 puts it, without a code. */
const NEEDS_FORCE =
  'removing machine: cannot set machine to dying without force: machine has units';

export const machineManagerFacade: Facade = {
  on: 'model',
  methods: {
    AddMachines: ({ account, model, world }, { params }) => {
      needWrite(account);
      const machines = params.map(({ base, constraints = {} }: Params) => ({
        machine: world.addMachine(model, { constraints, ...(base && { base }) }).id,
      }));
      return { machines };
    },
    DestroyMachineWithParams: ({ account, model, version, world }, params) => {
      needWrite(account);
      const { force = false, 'machine-tags': tags } = params;
      const results = tags.map((tag: string) =>
        result(() => {
          const machine = machineOf(model, tag);
          const units = model.unitsOn(machine);
          if (units.length > 0 && !force) {
            const names = units.map(({ name }) => name).join(', ');
            if (version.startsWith('4.')) throw new Refusal('', NEEDS_FORCE);
            throw new Refusal(
              'machine has assigned units',
              `machine ${machine.id} has unit "${names}" assigned`,
            );
          }
          machine.life = 'dying';
          for (const unit of units) world.agents(model).stop(unit, true);
          world.agents(model).release(machine);
          world.changed();
          return { info: { 'machine-id': machine.id } };
        }),
      );
      return { results };
    },
    RetryProvisioning: ({ account, model, world }, { machines }) => {
      needWrite(account);
      const results = machines.map((tag: string) =>
        result(() => {
          const machine = machineOf(model, tag);
          if (machine.instance.status !== 'provisioning error') {
            throw new Refusal('', `${tag} is not in an error state`);
          }
          machine.instance = statusNow('allocating', 'retrying');
          world.agents(model).provision(machine);
          world.changed();
          return {};
        }),
      );
      return { results };
    },
  },
};

export const annotationsFacade: Facade = {
  on: 'model',
  methods: {
    Get: ({ model }, { entities }) => ({
      results: entities.map(({ tag }: Params) => ({
        ...{ entity: tag, annotations: model.annotations.get(tag) ?? {} },
      })),
    }),
    Set: ({ account, model }, { annotations }) => {
      needWrite(account);
      const results = annotations.map(({ annotations: more, entity }: Params) => {
        model.annotations.set(entity, { ...model.annotations.get(entity), ...more });
        return {};
      });
      return { results };
    },
  },
};

export const charmsFacade: Facade = {
  on: 'model',
  methods: {
    ResolveCharms: ({ world }, { resolve }) => ({
      Results: resolve.map(({ 'charm-origin': origin, reference }: Params) =>
        result(() => {
          const name = reference.replace(/^ch:/, '');
          const track = origin.track ? `${origin.track}/` : '';
          const found = storedCharm(
            world,
            name,
            `${track}${origin.risk ?? 'stable'}`,
            origin.revision,
          );
          return {
            ...{ url: urlOf(found), 'charm-origin': { ...origin, revision: found.revision } },
            'supported-bases': [STORE_BASE],
          };
        }),
      ),
    }),
    AddCharm: ({ account, model, world }, { 'charm-origin': origin, url }) => {
      needWrite(account);
      const stored = world.store.find((each) => urlOf(each) === url);
      if (!stored) throw notFound(`charm "${url}"`);
      model.charms.set(url, stored.charm);
      return { 'charm-origin': origin };
    },
  },
};

export const modelConfigFacade: Facade = {
  on: 'model',
  methods: {
    ModelSet: ({ account, model }, { config }) => {
      needWrite(account);
      Object.assign(model.config, config);
      return {};
    },
    ModelUnset: ({ account, model }, { keys }) => {
      needWrite(account);
      for (const key of keys) delete model.config[key];
      return {};
    },
    SetModelConstraints: ({ account, model }, { constraints }) => {
      needWrite(account);
      model.constraints = constraints;
      return {};
    },
  },
};

export const pingerFacade: Facade = {
  on: 'model',
  methods: { Ping: () => ({}), Stop: () => ({}) },
};
