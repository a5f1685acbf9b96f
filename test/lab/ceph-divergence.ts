import { compileModel } from '../../engine/compile.ts';
import type { Observation } from '../../engine/contract.ts';
import { type CompiledModel, STATE_CLASSES } from '../../engine/tables.ts';
import { KINDS } from '../../model/sds/index.ts';

/** States in which an entity is, but which no map of Ceph shows. */
const UNSEEN: readonly RegExp[] = [/^osd\/(laggy|crashed)\+/];
/** States that a driver reports as something else. */
const SEEN_AS: readonly (readonly [RegExp, string])[] = [
  [/^pool\/deleted\+/, 'absent'],
  [/^(osd\/purged|cephfs\/removed|rbd-image\/absent|bucket\/absent)$/, 'absent'],
];

let model: CompiledModel | undefined;
const compiled = () => {
  model ??= compileModel(KINDS, []);
  return model;
};

/**
 * Whether a kind's machine can have gone from one observed state to the next. A look at a cluster
 * is a sample: states that pass by themselves may have come and gone in between, stable and failed
 * ones may not, except those that no map shows.
 */
export function isAllowed(kind: string, from: string, to: string): boolean {
  const { stateNames, table, candidates, eventNames } = compiled();
  // A kind without an end in its machine goes with what it is part of, as groups with their pool.
  if (to === 'absent' && endsOf(kind).length === 0) return true;
  const start = statesOf(kind, from);
  const seen = new Set(start);
  const queue = [...start];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    for (let e = 0; e < eventNames.length; e++) {
      let candidate = table[s * eventNames.length + e];
      for (; candidate > 0; candidate = candidates[candidate * 4 + 3]) {
        const next = candidates[candidate * 4 + 1];
        if (isSeenAs(kind, stateNames[next], to)) return true;
        if (!seen.has(next) && mayBeMissed(next)) queue.push(next);
        seen.add(next);
      }
    }
  }
  return false;
}

function mayBeMissed(state: number): boolean {
  const { stateNames, stateClass } = compiled();
  const isTransient = STATE_CLASSES[stateClass[state]] === 'transient';
  return isTransient || UNSEEN.some((pattern) => pattern.test(stateNames[state]));
}

function statesOf(kind: string, state: string): readonly number[] {
  const { kinds, stateNames } = compiled();
  if (state === 'absent') {
    const { initialState } = kinds.find((each) => each.kind === kind)!;
    return [initialState, ...endsOf(kind)];
  }
  const found = stateNames.indexOf(`${kind}/${state}`);
  if (found < 0) throw new Error(`no state ${kind}/${state}`);
  return [found];
}

function endsOf(kind: string): readonly number[] {
  return compiled().stateNames.flatMap((name, id) => (isSeenAs(kind, name, 'absent') ? [id] : []));
}

function isSeenAs(kind: string, name: string, observed: string): boolean {
  if (!name.startsWith(`${kind}/`)) return false;
  const other = SEEN_AS.find(([pattern]) => pattern.test(name));
  return other ? other[1] === observed : name === `${kind}/${observed}`;
}

/** Follows what a driver reports, and remembers what no machine allows. */
export class Follower {
  /** The states that each entity was seen in, by `kind/entity`. */
  readonly sequences = new Map<string, string[]>();
  /** Ceph's own words for them. */
  readonly words = new Map<string, string[]>();
  readonly divergences: string[] = [];

  see({ kind, entity, state, reason }: Observation): void {
    if (!KINDS.some((each) => each.kind === kind)) return;
    const name = `${kind}/${entity}`;
    const sequence = this.sequences.get(name) ?? [];
    this.sequences.set(name, sequence);
    const words = this.words.get(name) ?? [];
    this.words.set(name, words);
    if (kind === 'pg' && reason !== undefined && words.at(-1) !== reason) words.push(reason);
    const before = sequence.at(-1);
    if (before === state) return;
    sequence.push(state);
    if (before !== undefined && !isAllowed(kind, before, state)) {
      this.divergences.push(`${name}: ${before} -> ${state} (${reason ?? ''})`);
    }
  }
}
