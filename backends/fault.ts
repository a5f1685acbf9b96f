import type { Fault } from '../engine/contract.ts';
import { commonFault } from '../engine/faults.ts';
import { withoutSecrets } from './secret.ts';

/** A fault as an exception, for the promises within a driver; it never leaves the driver. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** Bounds of what a system may ask for: it neither is asked in a storm nor puts off for days. */
const RETRY_AFTER_MIN_S = 0.1;
const RETRY_AFTER_MAX_S = 300;

/** The real system is busy with something else: ask again later. */
export class BusyError extends Error {
  readonly retry_after_s: number;

  constructor(message: string, retry_after_s: number) {
    super(message);
    this.name = 'BusyError';
    // What is no number at all counts as the least.
    this.retry_after_s = Math.min(
      Math.max(retry_after_s || 0, RETRY_AFTER_MIN_S),
      RETRY_AFTER_MAX_S,
    );
  }
}

/** Whatever was thrown, as a fault. `effect` counts only when the exception does not say. */
export function faultOf(thrown: unknown, effect: Fault['effect']): Fault {
  if (thrown instanceof FaultError) return thrown.fault;
  if (thrown instanceof BusyError) {
    return {
      code: 'BUSY',
      message: withoutSecrets(thrown.message),
      advice: `Ask again in ${thrown.retry_after_s} s.`,
      effect: 'none',
      retryable: true,
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return commonFault('DRIVER_FAILED', withoutSecrets(message), effect);
}

/** What was thrown, when more is known about the act than where it was thrown. */
export function withEffect(thrown: unknown, effect: Fault['effect']): unknown {
  return thrown instanceof FaultError ? new FaultError({ ...thrown.fault, effect }) : thrown;
}

export function isFault(value: object): value is Fault {
  return 'code' in value && 'retryable' in value;
}
