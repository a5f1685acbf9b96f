import type { Fault } from '../engine/contract.ts';
import { withoutSecrets } from './secret.ts';

/** What every driver may answer, whatever system it drives. Codes are stable. */
export const COMMON_FAULTS = {
  UNSUPPORTED_VERB: 'Ask only for verbs that `verbs(kind)` lists.',
  KEY_REUSED: 'Give every action a key of its own; a key stands for one action only.',
  CANCELLED: 'Look at the entity before asking again: the act may have happened.',
  DEADLINE_EXCEEDED: 'Look at the entity before asking again, or allow more time.',
  BACKEND_CLOSED: 'Open a new backend.',
  DRIVER_FAILED: 'This is a mistake in the driver: report it with the message.',
} as const;

export type CommonFaultCode = keyof typeof COMMON_FAULTS;

/** A fault as an exception, for the promises within a driver; it never leaves the driver. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.name = 'FaultError';
    this.fault = fault;
  }
}

/** The real system is busy with something else: ask again later. */
export class BusyError extends Error {
  readonly retry_after_s: number;

  constructor(message: string, retry_after_s: number) {
    super(message);
    this.name = 'BusyError';
    this.retry_after_s = retry_after_s;
  }
}

export function commonFault(
  code: CommonFaultCode,
  message: string,
  effect: Fault['effect'] = 'none',
): Fault {
  return { code, message, advice: COMMON_FAULTS[code], effect, retryable: false };
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
