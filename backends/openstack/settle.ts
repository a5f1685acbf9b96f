import type { Observation } from '../../engine/contract.ts';
import { untilSettled } from '../await-state.ts';
import type { Act } from './context.ts';
import { failedCode, openstackFault } from './faults.ts';

/** What a change of something with one status leads to. */
export interface Ending {
  /** States in which it has succeeded; `absent` is one. */
  readonly ends: readonly string[];
  /** States in which it is still under way. */
  readonly during: readonly string[];
  /** Looked at besides, once the state is right. */
  readonly also?: (seen: Observation) => boolean;
}

/** What the service says of why something came to a state that nobody wanted, if it says anything. */
export type Explain = (seen: Observation) => Promise<string | undefined>;

const LOOK_EVERY_S = 0.4;

/**
 * Looks until a change that was accepted has come about. A state in which it neither is under way nor has
 * ended is a fault, which `explain` gives the reason of.
 */
export async function untilEnded(
  act: Act,
  ending: Ending,
  look: (signal: AbortSignal) => Promise<Observation>,
  explain?: Explain,
): Promise<Observation> {
  try {
    const seen = await untilSettled(
      look,
      (now) => !ending.during.includes(plain(now)) && (ending.also?.(now) ?? true),
      LOOK_EVERY_S,
      act.signal,
    );
    if (!ending.ends.includes(plain(seen))) throw endedOtherwise(act, seen, await explain?.(seen));
    act.ended();
    return seen;
  } catch (thrown) {
    throw act.withEffect(thrown);
  }
}

/** Without the state of the backend behind it. */
function plain({ state }: Observation): string {
  return state.split('+')[0];
}

function endedOtherwise(act: Act, seen: Observation, why: string | undefined): Error {
  const { verb, kind, entity } = act.action;
  const isError = plain(seen).startsWith('error') || plain(seen) === 'killed';
  const what = `${verb} of ${kind} ${entity}: it is ${seen.reason ?? seen.state} now`;
  const text = why === undefined ? what : `${what}: ${why}`;
  const code = isError ? failedCode(text) : 'OPENSTACK_ENDED_OTHERWISE';
  return openstackFault(code, text, { upstream: seen.reason ?? seen.state });
}
