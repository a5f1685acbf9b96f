/**
 * How faults travel: when an entity stops or starts serving, the counts of its dependents change;
 * a dependent whose needs are no longer met is told `lost`, and `restored` when all are met again.
 *
 * Providers of one type form a group. A group needs all of its members to serve, or any of them; an
 * empty group needs nothing.
 */
import { Edges } from './edges.ts';
import type { Entities } from './entities.ts';
import { StrataError } from './errors.ts';
import type { CompiledModel } from './tables.ts';

/** Sends an event to an entity: what the engine's `send` does. */
export type Send = (entity: number, event: number, cause: number) => void;

export class Dependencies {
  readonly edges: Edges;
  readonly #model: CompiledModel;
  readonly #entities: Entities;
  readonly #send: Send;
  readonly #lost: number;
  readonly #restored: number;
  readonly #stateKind: Uint8Array;
  readonly #serving: Uint8Array;
  /** Group of an edge type within its dependent, or -1 when nothing is lost along it. */
  readonly #groupOfType: Int8Array;
  readonly #needsAny: Uint8Array;
  /** [provider kind * kinds + dependent kind] -> edge type, or -1. */
  readonly #typeByKinds: Int16Array;

  /** `edges`: how many there is room for before their array grows. */
  constructor(model: CompiledModel, entities: Entities, edges: number, send: Send) {
    this.edges = new Edges(entities, edges);
    this.#model = model;
    this.#entities = entities;
    this.#send = send;
    this.#lost = model.eventNames.indexOf('lost');
    this.#restored = model.eventNames.indexOf('restored');
    this.#stateKind = model.stateKind;
    this.#serving = model.serving;
    this.#groupOfType = groupsOf(model);
    this.#needsAny = Uint8Array.from(model.edges, (e) => (e.needs === 'any' ? 1 : 0));
    this.#typeByKinds = typesByKinds(model);
  }

  /** Adds an edge of the type of the two kinds; throws MODEL_NO_EDGE when the stack has none. */
  link(provider: number, dependent: number, cause: number): void {
    const { state } = this.#entities;
    const providerKind = this.#stateKind[state[provider]];
    const dependentKind = this.#stateKind[state[dependent]];
    const type = this.#typeByKinds[providerKind * this.#model.kinds.length + dependentKind];
    if (type < 0) this.#noEdge(providerKind, dependentKind);
    this.edges.add(provider, dependent, type);
    const group = this.#groupOfType[type];
    if (group < 0) return;
    this.#change(dependent, type, group, 1, 1 - this.#serving[state[provider]], cause);
  }

  /** Removes an edge. */
  cut(edge: number, cause: number): void {
    const { edges } = this;
    const provider = edges.provider(edge);
    const dependent = edges.dependent(edge);
    const type = edges.type(edge);
    edges.remove(edge);
    const group = this.#groupOfType[type];
    if (group < 0) return;
    const serves = this.#serving[this.#entities.state[provider]];
    this.#change(dependent, type, group, -1, serves - 1, cause);
  }

  /** Tells every dependent that an entity started or stopped serving. */
  tell(provider: number, serves: boolean, cause: number): void {
    const { edges } = this;
    const lacking = serves ? -1 : 1;
    for (let e = edges.firstOut(provider); e; e = edges.nextOut(e)) {
      const type = edges.type(e);
      const group = this.#groupOfType[type];
      if (group >= 0) this.#change(edges.dependent(e), type, group, 0, lacking, cause);
    }
  }

  /** Changes how many providers a group has and how many of them do not serve. */
  #change(
    dependent: number,
    type: number,
    group: number,
    providers: number,
    lacking: number,
    cause: number,
  ): void {
    const entities = this.#entities;
    const failed = this.#fails(dependent, type, group);
    if (providers !== 0) entities.addProviders(dependent, group, providers);
    if (lacking !== 0) entities.addLacking(dependent, group, lacking);
    const fails = this.#fails(dependent, type, group);
    if (failed === fails) return;
    const unsatisfied = entities.addUnsatisfied(dependent, fails ? 1 : -1);
    if (fails && unsatisfied === 1) this.#send(dependent, this.#lost, cause);
    else if (!fails && unsatisfied === 0) this.#send(dependent, this.#restored, cause);
  }

  #fails(dependent: number, type: number, group: number): boolean {
    const lacking = this.#entities.lacking(dependent, group);
    if (lacking === 0 || this.#needsAny[type] === 0) return lacking !== 0;
    return lacking === this.#entities.providers(dependent, group);
  }

  #noEdge(provider: number, dependent: number): never {
    const { kinds } = this.#model;
    const pair = `${kinds[provider].kind} -> ${kinds[dependent].kind}`;
    throw new StrataError('MODEL_NO_EDGE', `the stack has no edge ${pair}`);
  }
}

function groupsOf({ edges, kinds }: CompiledModel): Int8Array {
  const groups = new Int8Array(edges.length).fill(-1);
  for (const kind of kinds) {
    kind.groups.forEach((type, group) => {
      groups[type] = group;
    });
  }
  return groups;
}

function typesByKinds({ edges, kinds }: CompiledModel): Int16Array {
  const types = new Int16Array(kinds.length ** 2).fill(-1);
  const ids = new Map(kinds.map((k) => [k.kind, k.id]));
  edges.forEach((edge, type) => {
    const provider = ids.get(edge.provider);
    const dependent = ids.get(edge.dependent);
    if (provider === undefined || dependent === undefined) return;
    types[provider * kinds.length + dependent] = type;
  });
  return types;
}
