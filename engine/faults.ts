import type { Fault } from './contract.ts';

/** What every backend may answer, simulated or real, with what to do. Codes are stable. */
export const COMMON_FAULTS = {
  UNSUPPORTED_VERB: 'Ask only for verbs that `verbs(kind)` lists.',
  KEY_REUSED: 'Give every action a key of its own; a key stands for one action only.',
  CANCELLED: 'Look at the entity before asking again: the act may have happened.',
  DEADLINE_EXCEEDED: 'Look at the entity before asking again, or allow more time.',
  EARLIER_ACT_UNDER_WAY: 'See why the earlier act does not end and cancel it, or allow more time.',
  BACKEND_CLOSED: 'Open a new backend.',
  DRIVER_FAILED: 'This is a mistake in the driver: report it with the message.',
} as const;

export type CommonFaultCode = keyof typeof COMMON_FAULTS;

export function commonFault(
  code: CommonFaultCode,
  message: string,
  effect: Fault['effect'] = 'none',
): Fault {
  return { code, message, advice: COMMON_FAULTS[code], effect, retryable: false };
}
