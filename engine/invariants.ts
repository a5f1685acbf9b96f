/**
 * Holds invariants during a run: at every instant in which something changed (for `check`), or in
 * sweeps over everything (for long runs).
 */
import type { Check, Invariant } from '../model/invariants/invariant.ts';
import type { StackView } from '../model/invariants/view.ts';
import { type Engine, NO_STATE } from './engine.ts';

export interface Violation {
  readonly invariant: string;
  readonly time_s: number;
  readonly entity: string;
  readonly message: string;
  /** Row of the entity's latest transition: where to ask `strata why`. */
  readonly row: number;
}

export interface InvariantResult {
  readonly name: string;
  readonly ok: boolean;
  readonly violations: number;
  readonly firstViolation?: Violation;
}

export class InvariantMonitor {
  readonly #engine: Engine;
  readonly #invariants: readonly Invariant[];
  readonly #checks: readonly Check[];
  /** By kind: the invariants to hold on an entity of it. */
  readonly #byKind: number[][];
  /** By kind: kinds of linked entities to look at as well. */
  readonly #related: Set<number>[];
  readonly #first: (Violation | undefined)[];
  readonly #counts: number[];
  #touched: number[] = [];
  #isTouched = new Uint8Array(1024);
  /** Whether anything was violated so far. */
  violated = false;

  constructor(engine: Engine, view: StackView, invariants: readonly Invariant[]) {
    this.#engine = engine;
    this.#invariants = invariants;
    this.#checks = invariants.map((invariant) => invariant.prepare(view));
    this.#first = invariants.map(() => undefined);
    this.#counts = invariants.map(() => 0);
    this.#byKind = engine.model.kinds.map((kind) =>
      invariants.flatMap((invariant, i) => (invariant.kind === kind.kind ? [i] : [])),
    );
    this.#related = engine.model.kinds.map(() => new Set());
    for (const invariant of invariants) {
      for (const other of invariant.alsoAfter ?? []) {
        this.#related[engine.model.kindId(other)].add(engine.model.kindId(invariant.kind));
      }
    }
  }

  /** Notes what changes from now on, for `checkTouched`. */
  follow(): void {
    this.#engine.onTransition((entity) => this.#touch(entity));
  }

  /** Looks at every entity that changed since the last call, and at those linked to it. */
  checkTouched(): void {
    const touched = this.#touched;
    if (touched.length === 0) return;
    this.#touched = [];
    for (const entity of touched) {
      this.#isTouched[entity] = 0;
      if (this.#engine.state[entity] !== NO_STATE) this.#checkEntity(entity);
    }
  }

  /** Looks at every living entity. */
  sweep(): void {
    const engine = this.#engine;
    for (let entity = 0; entity < engine.slotCount; entity++) {
      if (engine.state[entity] !== NO_STATE) this.#checkEntity(entity);
    }
  }

  results(): InvariantResult[] {
    return this.#invariants.map((invariant, i) => ({
      name: invariant.name,
      ok: this.#counts[i] === 0,
      violations: this.#counts[i],
      ...(this.#first[i] ? { firstViolation: this.#first[i] } : {}),
    }));
  }

  #touch(entity: number): void {
    // A hook may have removed it in the same transition.
    if (this.#engine.state[entity] === NO_STATE) return;
    this.#mark(entity);
    const related = this.#related[this.#engine.kindIdOf(entity)];
    if (related.size === 0) return;
    const { edges } = this.#engine;
    for (let e = edges.firstOut(entity); e; e = edges.nextOut(e)) {
      if (related.has(this.#engine.kindIdOf(edges.dependent(e)))) this.#mark(edges.dependent(e));
    }
    for (let e = edges.firstIn(entity); e; e = edges.nextIn(e)) {
      if (related.has(this.#engine.kindIdOf(edges.provider(e)))) this.#mark(edges.provider(e));
    }
  }

  #mark(entity: number): void {
    if (entity >= this.#isTouched.length) {
      const larger = new Uint8Array(entity * 2);
      larger.set(this.#isTouched);
      this.#isTouched = larger;
    }
    if (this.#isTouched[entity]) return;
    this.#isTouched[entity] = 1;
    this.#touched.push(entity);
  }

  #checkEntity(entity: number): void {
    const list = this.#byKind[this.#engine.kindIdOf(entity)];
    for (let i = 0; i < list.length; i++) {
      const index = list[i];
      const message = this.#checks[index](entity);
      if (message !== undefined) this.#report(index, entity, message);
    }
  }

  #report(index: number, entity: number, message: string): void {
    this.violated = true;
    this.#counts[index]++;
    if (this.#first[index]) return;
    const engine = this.#engine;
    this.#first[index] = {
      invariant: this.#invariants[index].name,
      time_s: engine.now,
      entity: `${engine.kindOf(entity).kind}/${engine.names[entity]}`,
      message,
      row: engine.lastRowOf(entity),
    };
  }
}
