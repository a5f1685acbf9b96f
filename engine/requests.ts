/** What a transition asks the world for, read from the compiled tables. */
import { type CompiledModel, Op } from './tables.ts';

const OP_LENGTH: Readonly<Record<number, number>> = {
  [Op.SET]: 3,
  [Op.ADD]: 3,
  [Op.REQUEST]: 2,
  [Op.CANCEL_REQUEST]: 1,
  [Op.START_TIMER]: 4,
  [Op.CANCEL_TIMER]: 2,
};

/** Whether a run of operations requests a verb; any, unless one is given. */
export function requestsVerb(ops: Int32Array, start: number, verbId?: number): boolean {
  for (let i = start; ops[i] !== Op.END; i += OP_LENGTH[ops[i]]) {
    if (ops[i] === Op.REQUEST && (verbId === undefined || ops[i + 1] === verbId)) return true;
  }
  return false;
}

/** Whether an event leads on from a state without a request: the machine notes it as a fact. */
export function isOnlyNoted(model: CompiledModel, state: number, event: number): boolean {
  const { table, candidates, eventNames, ops } = model;
  const first = table[state * eventNames.length + event];
  for (let candidate = first; candidate > 0; candidate = candidates[candidate * 4 + 3]) {
    if (requestsVerb(ops, candidates[candidate * 4 + 2])) return false;
  }
  return first > 0;
}
