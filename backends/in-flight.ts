import type { Action, Backend, Fault } from '../engine/contract.ts';

export interface InFlight {
  /** Of the engine's request; a number of our own for an operation. */
  readonly token: number;
  /** Tells the machine how it ended. */
  readonly ended: (ok: boolean) => void;
  readonly action: Action;
  readonly backend: Backend;
  readonly began_s: number;
  retries: number;
  /** Takes back the retry that is waited for. */
  stopWaiting: () => void;
}

/** The end of an action that a system was too busy for until there was no time or patience left. */
export function stillBusy(flight: InFlight): Fault {
  const { action, retries } = flight;
  return {
    code: 'STILL_BUSY',
    message: `${action.verb} of ${action.kind}/${action.entity}: busy after ${retries + 1} attempts`,
    advice: 'See what else works on it, or allow more time.',
    effect: 'none',
    retryable: true,
  };
}
