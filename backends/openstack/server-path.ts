import { SERVER_ACTS, type ServerAct, type ServerActName } from './server-acts.ts';

/**
 * The states that a server must have gone through between two looks: nova's tasks can be shorter
 * than the time between looks. Empty where that is not certain.
 *
 * @param act the act that is known to be under way; without one, only what leads on within the steps
 *   of an act, or into them, is certain
 */
export function statesBetween(
  before: string,
  after: string,
  act?: ServerActName,
): readonly string[] {
  if (before === after) return [];
  const names = act ? [act] : (Object.keys(SERVER_ACTS) as ServerActName[]);
  for (const name of names) {
    const path = pathOf(SERVER_ACTS[name], before, after, act !== undefined);
    if (path) return path;
  }
  return [];
}

/** Undefined when the act does not lead from one to the other. */
function pathOf(
  { steps, ends, endFrom }: ServerAct,
  before: string,
  after: string,
  isKnown: boolean,
): readonly string[] | undefined {
  const [vm] = before.split('.');
  const chain = chainOf(steps, vm);
  const from = chain.indexOf(before);
  const isEnd = endFrom ? endFrom(vm) === after : ends.includes(after);
  const to = isEnd ? chain.length : chain.indexOf(after);
  if (to < 0 || from >= to) return undefined;
  // From a state of rest, an end may have been reached in many ways.
  if (from < 0 && !isKnown && to === chain.length) return undefined;
  return chain.slice(from + 1, to).filter((state) => !isOptional(state, vm));
}

/** The steps for the vm_state where the act began, with those that follow in other vm_states. */
function chainOf(steps: ServerAct['steps'], vm: string): readonly string[] {
  const states = steps.map(([state]) => state);
  const tasks = new Map<string, string[]>();
  for (const state of states) {
    const [, task] = state.split('.');
    tasks.set(task, [...(tasks.get(task) ?? []), state]);
  }
  return [...tasks.values()].map(
    (same) => same.find((state) => state.startsWith(`${vm}.`)) ?? same[0],
  );
}

/**
 * Tasks that nova skips with some drivers, or for a server that still has its host; and states of
 * rest, in which nova confirms a resize.
 */
function isOptional(state: string, vm: string): boolean {
  if (state.startsWith('resized.') && state !== 'resized.resize_reverting') return true;
  if (state.startsWith('shelved_offloaded.')) return vm === 'shelved';
  return state.endsWith('.image_pending_upload');
}
