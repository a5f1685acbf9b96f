import type { Observation } from '../engine/contract.ts';
import { FaultError, withEffect } from './fault.ts';
import { pause_s } from './poller.ts';

/** Raised when a wait was given up because its action was; nobody sees it. */
class WaitAborted extends Error {}

/**
 * Looks until what is seen satisfies `settled`, and returns it: for systems that accept an act and
 * carry it out in their own time. What `look` throws ends the wait; bounded retries are its own. A
 * look that fails had no effect, but what is waited for may have happened: its fault says so.
 */
export async function untilSettled(
  look: (signal: AbortSignal) => Promise<Observation>,
  settled: (seen: Observation) => boolean,
  every_s: number,
  signal: AbortSignal,
): Promise<Observation> {
  for (;;) {
    if (signal.aborted) throw new WaitAborted('the action was given up');
    const seen = await look(signal).catch(actMayHaveHappened);
    if (settled(seen)) return seen;
    await pause_s(every_s, signal);
  }
}

function actMayHaveHappened(thrown: unknown): never {
  const isAboutLooking = thrown instanceof FaultError && thrown.fault.effect === 'none';
  throw isAboutLooking ? withEffect(thrown, 'unknown') : thrown;
}
