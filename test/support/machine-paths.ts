import { compileModel } from '../../engine/compile.ts';
import type { CompiledModel } from '../../engine/tables.ts';
import type { KindDefinition, StateConfig } from '../../model/kind.ts';

const ABSENT = 'absent';
const DELETED = 'deleted';

/** Where one region of a machine may go from each of its states, and which states are passed through. */
interface Region {
  readonly initial: string;
  readonly next: ReadonlyMap<string, ReadonlySet<string>>;
  readonly transient: ReadonlySet<string>;
}

/**
 * Which changes a machine allows, whatever caused them: from one observed state to the next one
 * directly, or through states that pass by themselves and may well not have been seen. Regions of a
 * parallel machine move independently. What is not there any more is `absent` to an observer; a
 * machine that ends in `deleted` means the same.
 */
export class MachinePaths {
  readonly #regions: readonly Region[];

  constructor(kind: KindDefinition) {
    const model = compileModel([kind], []);
    const parallel = kind.machine.type === 'parallel';
    const machines = parallel ? Object.values(kind.machine.states ?? {}) : [kind.machine];
    this.#regions = machines.map((machine, at) => regionOf(model, kind.kind, machine, at));
  }

  allows(from: string, to: string): boolean {
    const [before, after] = [from, to].map((state) => this.#partsOf(state));
    // Only one region ends: what the others are at then has no meaning.
    const isGone = to === ABSENT || from === ABSENT;
    return this.#regions.every((region, at) => {
      const target = after[at] ?? (region.next.has(DELETED) ? DELETED : undefined);
      const source = before[at] ?? region.initial;
      if (target === undefined) return isGone;
      return reaches(region, source, target);
    });
  }

  /** The first change of a sequence that is not allowed; undefined when all are. */
  divergence(states: readonly string[]): string | undefined {
    for (let i = 1; i < states.length; i++) {
      if (states[i] !== states[i - 1] && !this.allows(states[i - 1], states[i])) {
        return `${states[i - 1]} -> ${states[i]}`;
      }
    }
    return undefined;
  }

  #partsOf(state: string): readonly (string | undefined)[] {
    if (state !== ABSENT) return state.split('+');
    // A machine that has the state itself needs no other word for it.
    return this.#regions.map(({ next }) => (next.has(ABSENT) ? ABSENT : undefined));
  }
}

function reaches(region: Region, from: string, to: string): boolean {
  const seen = new Set<string>([from]);
  for (const state of seen) {
    if (state === to) return true;
    if (state !== from && !region.transient.has(state)) continue;
    for (const next of region.next.get(state) ?? []) seen.add(next);
  }
  return false;
}

function regionOf(model: CompiledModel, kind: string, machine: StateConfig, at: number): Region {
  const next = new Map<string, Set<string>>();
  const partOf = (state: number) => model.stateNames[state].slice(kind.length + 1).split('+')[at];
  const events = model.eventNames.length;
  model.stateNames.forEach((_, state) => {
    const targets = next.get(partOf(state)) ?? new Set<string>();
    next.set(partOf(state), targets);
    for (let event = 0; event < events; event++) {
      for (let each = model.table[state * events + event]; each > 0; ) {
        targets.add(partOf(model.candidates[each * 4 + 1]));
        each = model.candidates[each * 4 + 3];
      }
    }
  });
  return {
    initial: partOf(model.kinds[0].initialState),
    next,
    transient: transientLeaves(machine),
  };
}

function transientLeaves(machine: StateConfig): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (state: StateConfig, path: readonly string[], inherited: boolean) => {
    const isTransient = inherited || (state.tags ?? []).includes('transient');
    const children = Object.entries(state.states ?? {});
    if (children.length === 0 && isTransient) found.add(path.join('.'));
    for (const [key, child] of children) walk(child, [...path, key], isTransient);
  };
  walk(machine, [], false);
  return found;
}
