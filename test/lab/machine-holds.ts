/** Holds what a backend reported against the machines of its kinds, as a live run does. */
import { compileModel } from '../../engine/compile.ts';
import type { Observation } from '../../engine/contract.ts';
import { KINDS } from '../../model/sdn/index.ts';

const model = compileModel(KINDS, []);
const ids = new Map(model.stateNames.map((name, id) => [name, id]));

/** What the machines call an entity that is not there: where a life ends. */
const GONE: readonly string[] = ['deleted', 'stopped'];

/** The changes of state that no transition allows, as `kind/entity: from -> to`. */
export function divergences(observations: readonly Observation[]): readonly string[] {
  const states = new Map<string, string>();
  const found: string[] = [];
  for (const { kind, entity, state } of observations) {
    const name = `${kind}/${entity}`;
    const before = states.get(name) ?? 'absent';
    states.set(name, state);
    if (before !== state && !isAllowed(kind, before, state)) {
      found.push(`${name}: ${before} -> ${state}`);
    }
  }
  return found;
}

function isAllowed(kind: string, before: string, after: string): boolean {
  const targets = namesOf(kind, after);
  if (before === 'absent' && targets.includes(initialOf(kind))) return true;
  const from = before === 'absent' ? [initialOf(kind), ...namesOf(kind, before)] : [before];
  return from.some((state) => targets.some((target) => isTransition(kind, state, target)));
}

function namesOf(kind: string, state: string): readonly string[] {
  return state === 'absent' ? GONE.filter((each) => ids.has(`${kind}/${each}`)) : [state];
}

function initialOf(kind: string): string {
  return KINDS.find((each) => each.kind === kind)?.machine.initial as string;
}

function isTransition(kind: string, before: string, after: string): boolean {
  const [from, to] = [before, after].map((state) => ids.get(`${kind}/${state}`));
  if (from === undefined || to === undefined) throw new Error(`${kind}: ${before} -> ${after}`);
  const { table, candidates, eventNames } = model;
  return eventNames.some((_, event) => {
    const candidate = table[from * eventNames.length + event];
    return candidate > 0 && candidates[candidate * 4 + 1] === to;
  });
}
