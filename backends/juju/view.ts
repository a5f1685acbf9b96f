/** What the controller has, read whole: one look at a time, each learned in the order it was made. */
import type { Observation } from '../../engine/contract.ts';
import type { ChangeFeed } from '../change-feed.ts';
import { FaultError } from '../fault.ts';
import { redacted, type Secret } from '../secret.ts';
import type { Controller } from './controller.ts';
import { actionSeen, LISTED_KINDS, modelContents, modelSeen } from './inventory.ts';
import type { MachineNames } from './machine-names.ts';
import { read } from './shape.ts';
import { ENDED_ACTIONS } from './states.ts';
import {
  type ApplicationStatus,
  type FullStatus,
  fullStatusShape,
  type MachineStatus,
  type ModelSummary,
  operationsShape,
  type RelationStatus,
  type UnitStatus,
} from './status.ts';
import { stepsBetween } from './steps.ts';

/** Juju's code for it. */
const MODEL_GONE = 'model not found';
/** Actions that are told of: the latest. */
const OPERATIONS_MAX = 50;

export class Snapshot {
  readonly models: ReadonlyMap<string, ModelSummary>;
  /** Undefined when the model is not there. */
  readonly status: FullStatus | undefined;
  readonly observations: readonly Observation[];
  readonly #names: MachineNames;

  constructor(
    models: ReadonlyMap<string, ModelSummary>,
    status: FullStatus | undefined,
    observations: readonly Observation[],
    names: MachineNames,
  ) {
    this.models = models;
    this.status = status;
    this.observations = observations;
    this.#names = names;
  }

  find(kind: string, entity: string): Observation {
    const found = this.observations.find((each) => each.kind === kind && each.entity === entity);
    return found ?? { kind, entity, state: 'absent' };
  }

  application(name: string): ApplicationStatus | undefined {
    return this.status?.applications.get(name);
  }

  unit(name: string): UnitStatus | undefined {
    const applications = this.status?.applications.values() ?? [];
    return [...applications].map((each) => unitIn(each.units, name)).find(Boolean);
  }

  machine(name: string): MachineStatus | undefined {
    const id = this.#names.idOf(name);
    return id === undefined ? undefined : this.status && machineIn(this.status.machines, id);
  }

  /**
   * A relation by its key, or by its applications or endpoints in any order: `a b`, `a:db b:server`.
   */
  relation(name: string): RelationStatus | undefined {
    const wanted = name.split(/\s+/).sort();
    const all = this.status?.relations ?? [];
    return all.find(({ key }) => key === name) ?? all.find((each) => joins(each, wanted));
  }
}

function joins({ endpoints }: RelationStatus, wanted: readonly string[]): boolean {
  if (endpoints.length !== wanted.length) return false;
  const named = (wants: readonly string[]) =>
    wants.every((want, at) => {
      const { application, name } = endpoints[at];
      return want === application || want === `${application}:${name}`;
    });
  return named(wanted) || named([...wanted].reverse());
}

function unitIn(units: ReadonlyMap<string, UnitStatus>, name: string): UnitStatus | undefined {
  const found = units.get(name);
  if (found) return found;
  return [...units.values()].map(({ subordinates }) => subordinates.get(name)).find(Boolean);
}

function machineIn(
  machines: ReadonlyMap<string, MachineStatus>,
  id: string,
): MachineStatus | undefined {
  const found = machines.get(id);
  if (found) return found;
  return [...machines.values()].map((each) => machineIn(each.containers, id)).find(Boolean);
}

function machineIds(machines: ReadonlyMap<string, MachineStatus>): readonly string[] {
  return [...machines].flatMap(([id, { containers }]) => [id, ...machineIds(containers)]);
}

/** Charms may repeat in a status what they were told. */
function withoutSecrets(seen: Observation, secrets: readonly Secret[]): Observation {
  const clean = <T>(value: T) => (typeof value === 'string' ? redacted(value, secrets) : value);
  const attributes = Object.entries(seen.attributes ?? {});
  return {
    ...seen,
    ...(seen.reason !== undefined && { reason: clean(seen.reason) }),
    attributes: Object.fromEntries(attributes.map(([name, value]) => [name, clean(value)])),
  };
}

export class View {
  readonly #controller: Controller;
  readonly #feed: ChangeFeed;
  readonly #names: MachineNames;
  #running: Promise<Snapshot> | undefined;
  #next: Promise<Snapshot> | undefined;

  constructor(controller: Controller, feed: ChangeFeed, names: MachineNames) {
    this.#controller = controller;
    this.#feed = feed;
    this.#names = names;
  }

  /** What is there now, or later: never what a look that began earlier found. */
  read(): Promise<Snapshot> {
    if (!this.#running) return this.#start();
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<Snapshot> {
    const running = this.#look();
    this.#running = running;
    const over = () => {
      if (this.#running === running) this.#running = undefined;
    };
    running.then(over, over);
    return running;
  }

  /** A model may go away between two questions: then all is asked again. */
  async #look(): Promise<Snapshot> {
    try {
      return await this.#lookOnce();
    } catch (thrown) {
      const isGone = thrown instanceof FaultError && thrown.fault.upstream === MODEL_GONE;
      if (!isGone) throw thrown;
      this.#controller.useModel(undefined);
      return this.#lookOnce();
    }
  }

  async #lookOnce(): Promise<Snapshot> {
    const controller = this.#controller;
    const models = await controller.models();
    const chosen = models.find((each) => controller.isChosen(each));
    controller.useModel(chosen?.uuid);
    const name = chosen ? controller.nameOf(chosen) : '';
    const status = chosen && (await this.#status());
    const seen = models.map((each) =>
      modelSeen(controller.nameOf(each), each, each === chosen ? status : undefined),
    );
    const before = (kind: string, entity: string) => this.#feed.known(kind, entity);
    if (status) await this.#names.learn(machineIds(status.machines));
    const called = (id: string) => this.#names.nameOf(id);
    const contents = status ? modelContents(name, status, { before, called }) : [];
    const actions = status ? await this.#actions(name) : [];
    const { password } = controller.access.account;
    const all = [...seen, ...contents, ...actions].map((each) => withoutSecrets(each, [password]));
    for (const each of all) this.#learnSteps(each);
    this.#feed.learnAll(all, LISTED_KINDS);
    const byName = new Map(models.map((each) => [controller.nameOf(each), each]));
    return new Snapshot(byName, status, all, this.#names);
  }

  #learnSteps(seen: Observation): void {
    const known = this.#feed.known(seen.kind, seen.entity);
    if (!known) return;
    for (const state of stepsBetween(seen.kind, known.state, seen.state)) {
      this.#feed.learn({ ...seen, state });
    }
  }

  async #status(): Promise<FullStatus> {
    const call = { about: 'the status of the model' };
    const client = await this.#controller.modelFacade('Client', call);
    return read(fullStatusShape, await client.fullStatus({ patterns: [] }), 'the status');
  }

  /** An action that was seen to end stays ended, should an older answer come late. */
  async #actions(model: string): Promise<readonly Observation[]> {
    const facade = await this.#controller.modelFacade('Action', { about: 'list the actions' });
    const answer = await facade.listOperations({ limit: OPERATIONS_MAX });
    const { results } = read(operationsShape, answer, 'the list of operations');
    return results
      .flatMap(({ actions }) => actions.flatMap((each) => actionSeen(each, model) ?? []))
      .map((seen) => {
        const known = this.#feed.known('action', seen.entity);
        return known && ENDED_ACTIONS.includes(known.state) ? known : seen;
      });
  }
}
