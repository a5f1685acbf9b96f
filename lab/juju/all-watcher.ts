/**
 * The all-watcher: what changed in a model since it was last asked, each entity as it is now
 * (rpc/params/multiwatcher). It knows no presence: lost agents are told by FullStatus only.
 */
import type { ModelRecord } from './records.ts';
import { Refusal } from './refusal.ts';
import { applicationWorkload } from './status-of.ts';
import type { World } from './world.ts';

type Delta = readonly [kind: string, change: 'change' | 'remove', entity: object];

export class AllWatcher {
  readonly #world: World;
  readonly #model: ModelRecord;
  #told = new Map<string, string>();
  #stop: () => void = () => {};
  #isStopped = false;

  constructor(world: World, model: ModelRecord) {
    this.#world = world;
    this.#model = model;
  }

  /** Answers when there is something to tell; all that there is, the first time. */
  next(): Promise<{ deltas: readonly Delta[] }> {
    return new Promise((resolve, reject) => {
      const end = () => {
        unlisten();
        reject(new Refusal('stopped', 'shared state watcher was stopped'));
      };
      const look = () => {
        const deltas = this.#deltas();
        if (deltas.length === 0) return;
        unlisten();
        resolve({ deltas });
      };
      const unlisten = this.#world.onChange(look);
      this.#stop = end;
      if (this.#isStopped) end();
      else look();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#stop();
  }

  #deltas(): readonly Delta[] {
    const now = new Map(
      entitiesOf(this.#model).map(([kind, id, entity]) => [`${kind} ${id}`, entity]),
    );
    const texts = new Map([...now].map(([key, entity]) => [key, JSON.stringify(entity)]));
    const kindOf = (key: string) => key.slice(0, key.indexOf(' '));
    const changed = [...now]
      .filter(([key]) => this.#told.get(key) !== texts.get(key))
      .map(([key, entity]): Delta => [kindOf(key), 'change', entity]);
    const removed = [...this.#told]
      .filter(([key]) => !now.has(key))
      .map(([key, text]): Delta => [kindOf(key), 'remove', JSON.parse(text)]);
    this.#told = texts;
    return [...changed, ...removed];
  }
}

type Entity = readonly [kind: string, id: string, entity: object];

function entitiesOf(model: ModelRecord): readonly Entity[] {
  const uuid = { 'model-uuid': model.uuid };
  const current = ({ status, ...rest }: { status: string; info: string }) => ({
    current: status,
    message: rest.info,
  });
  const applications = [...model.applications.values()];
  return [
    ['model', model.uuid, { ...uuid, name: model.name, life: model.life, status: model.status }],
    ...[...model.machines.values()].map((each): Entity => {
      const { agent, id, instance, life } = each;
      const statuses = { 'agent-status': current(agent), 'instance-status': current(instance) };
      return ['machine', id, { ...uuid, id, life, ...statuses }];
    }),
    ...applications.map((each): Entity => {
      const { charm, config, isExposed, life, name } = each;
      const status = current(applicationWorkload(each));
      const entity = {
        ...uuid,
        name,
        life,
        exposed: isExposed,
        'charm-url': charm,
        config,
        status,
      };
      return ['application', name, entity];
    }),
    ...applications.flatMap(({ units }) =>
      [...units.values()].map((each): Entity => {
        const { agent, charm, life, machine, name, workload } = each;
        const statuses = { 'agent-status': current(agent), 'workload-status': current(workload) };
        const rest = { 'charm-url': charm, 'machine-id': machine?.id ?? '', ...statuses };
        return ['unit', name, { ...uuid, name, application: each.application.name, life, ...rest }];
      }),
    ),
    ...[...model.relations.values()].map((each): Entity => {
      const { id, key, life, status } = each;
      return ['relation', key, { ...uuid, key, id, life, status: status.status }];
    }),
    ...[...model.actions.values()].map((each): Entity => {
      const { id, message, name, status, unit } = each;
      return ['action', id, { ...uuid, id, receiver: unit.name, name, status, message }];
    }),
  ];
}
