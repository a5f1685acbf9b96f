/** What the machine of a kind requests as it begins: the verbs that make an entity which is not there. */
import type { KindDefinition, StateConfig } from './kind.ts';

export function firstVerbs({ machine }: KindDefinition): readonly string[] {
  return verbsFrom(machine);
}

function verbsFrom(state: StateConfig): readonly string[] {
  const { entry = [], initial, states = {}, type } = state;
  const actions = Array.isArray(entry) ? entry : [entry];
  const own = actions.flatMap((each) => (each.type === 'request' ? [each.params.verb] : []));
  const entered = type === 'parallel' ? Object.values(states) : initial ? [states[initial]] : [];
  return [...own, ...entered.flatMap(verbsFrom)];
}
