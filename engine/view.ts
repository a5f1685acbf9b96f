/** The engine as invariants see it. */
import type { StackView } from '../model/invariants/view.ts';
import type { Engine } from './engine.ts';
import { STATE_CLASSES } from './tables.ts';

const TRANSIENT = STATE_CLASSES.indexOf('transient');

export type Quantity = (entity: number) => number;

export class EngineView implements StackView {
  readonly #engine: Engine;
  readonly #quantities: ReadonlyMap<string, Quantity>;
  readonly #isBeyondBudget: () => boolean;

  constructor(
    engine: Engine,
    quantities: ReadonlyMap<string, Quantity>,
    isBeyondBudget: () => boolean,
  ) {
    this.#engine = engine;
    this.#quantities = quantities;
    this.#isBeyondBudget = isBeyondBudget;
  }

  get now_s(): number {
    return this.#engine.now;
  }

  get beyondBudget(): boolean {
    return this.#isBeyondBudget();
  }

  states(kind: string, pattern: string): Uint8Array {
    return this.#engine.statesMatching(kind, pattern);
  }

  kindId(kind: string): number {
    return this.#engine.model.kindId(kind);
  }

  createdOf(kindId: number): number {
    return this.#engine.createdOfKind[kindId];
  }

  kindOf(entity: number): number {
    return this.#engine.kindIdOf(entity);
  }

  state(entity: number): number {
    return this.#engine.state[entity];
  }

  nameOf(entity: number): string {
    return `${this.#engine.kindOf(entity).kind}/${this.#engine.names[entity]}`;
  }

  stateName(entity: number): string {
    return this.#engine.model.stateNames[this.#engine.state[entity]];
  }

  isServing(entity: number): boolean {
    return this.#engine.isServing(entity);
  }

  isTransient(entity: number): boolean {
    return this.#engine.model.stateClass[this.#engine.state[entity]] === TRANSIENT;
  }

  since_s(entity: number): number {
    return this.#engine.since_s(entity);
  }

  eachProvider(entity: number, kindId: number, visit: (provider: number) => void): void {
    const { edges } = this.#engine;
    for (let e = edges.firstIn(entity); e; e = edges.nextIn(e)) {
      if (this.#engine.kindIdOf(edges.provider(e)) === kindId) visit(edges.provider(e));
    }
  }

  eachDependent(entity: number, kindId: number, visit: (dependent: number) => void): void {
    this.#engine.forEachDependent(entity, kindId, visit);
  }

  countProviders(entity: number, kindId: number): number {
    let count = 0;
    this.eachProvider(entity, kindId, () => {
      count++;
    });
    return count;
  }

  countServingProviders(entity: number, kindId: number): number {
    let count = 0;
    this.eachProvider(entity, kindId, (provider) => {
      if (this.#engine.isServing(provider)) count++;
    });
    return count;
  }

  unsatisfiedGroups(entity: number): number {
    return this.#engine.unsatisfiedGroups(entity);
  }

  quantity(name: string): Quantity {
    return this.#quantities.get(name) ?? (() => Number.NaN);
  }
}
