import { compileModel } from '../../../engine/compile.ts';
import type { Observation } from '../../../engine/contract.ts';
import { machine } from '../../../model/bare-metal/machine.ts';

const model = compileModel([machine], []);
const stateId = new Map(model.stateNames.map((name, id) => [name, id]));

/** Names of the machine's states, such as `ready+off`. */
export const MACHINE_STATES: ReadonlySet<string> = new Set(
  model.stateNames.map((name) => name.slice('machine/'.length)),
);

/** Whether one event of the machine leads from a state to another, whatever its guard says. */
export function isAllowed(from: string, to: string): boolean {
  const [s, wanted] = [from, to].map((name) => stateId.get(`machine/${name}`));
  if (s === undefined || wanted === undefined) return false;
  for (let e = 0; e < model.eventNames.length; e++) {
    let candidate = model.table[s * model.eventNames.length + e];
    for (; candidate > 0; candidate = model.candidates[candidate * 4 + 3]) {
      if (model.candidates[candidate * 4 + 1] === wanted) return true;
    }
  }
  return false;
}

/** The changes of one machine that its states do not allow: `from -> to`. */
export function divergences(seen: readonly Observation[]): readonly string[] {
  const states = seen.map(({ state }) => state).filter((state) => state !== 'absent');
  return states
    .slice(1)
    .map((to, i) => [states[i], to])
    .filter(([from, to]) => from !== to && !isAllowed(from, to))
    .map(([from, to]) => `${from} -> ${to}`);
}
