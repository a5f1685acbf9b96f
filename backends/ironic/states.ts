/**
 * Ironic's provision states (ironic.common.states) as the statuses of the machine, which are MAAS'.
 * Where they say less than Ironic's, the reason of an observation keeps Ironic's own word.
 */
import type { PowerState, StatusName } from '../bare-metal/machine-state.ts';

interface ProvisionState {
  readonly status: StatusName;
  /** Ironic is at work; it leaves the state by itself. */
  readonly isTransient?: true;
  readonly isFailed?: true;
}

const transient = (status: StatusName): ProvisionState => ({ status, isTransient: true });
const failed = (status: StatusName): ProvisionState => ({ status, isFailed: true });

export const PROVISION_STATES: Readonly<Record<string, ProvisionState>> = {
  enroll: { status: 'new' },
  verifying: transient('new'),
  manageable: { status: 'new' },
  inspecting: transient('commissioning'),
  'inspect wait': transient('commissioning'),
  'inspect failed': failed('failed_commissioning'),
  // After a release see `statusOf`.
  cleaning: transient('commissioning'),
  'clean wait': transient('commissioning'),
  'clean hold': transient('commissioning'),
  'clean failed': failed('failed_commissioning'),
  available: { status: 'ready' },
  deploying: transient('deploying'),
  'wait call-back': transient('deploying'),
  'deploy hold': transient('deploying'),
  'deploy failed': failed('failed_deployment'),
  active: { status: 'deployed' },
  deleting: transient('releasing'),
  error: failed('failed_releasing'),
  // It is looked at whether what is said to be deployed is.
  adopting: transient('testing'),
  'adopt failed': failed('failed_testing'),
  rescuing: transient('entering_rescue_mode'),
  'rescue wait': transient('entering_rescue_mode'),
  rescue: { status: 'rescue_mode' },
  'rescue failed': failed('failed_entering_rescue_mode'),
  unrescuing: transient('exiting_rescue_mode'),
  'unrescue failed': failed('failed_exiting_rescue_mode'),
  servicing: transient('testing'),
  'service wait': transient('testing'),
  'service hold': transient('testing'),
  'service failed': failed('failed_testing'),
};

/** Ironic has no allocated nodes of its own: one that is deployed goes through it in passing. */
export const PASSED_UNSEEN: readonly StatusName[] = ['allocated'];

/** Cleaning after these is the end of a release, not what makes a new machine ready. */
const IN_USE: ReadonlySet<StatusName> = new Set([
  ...(['deploying', 'deployed', 'failed_deployment', 'releasing', 'failed_releasing'] as const),
  ...(['rescue_mode', 'failed_entering_rescue_mode', 'failed_exiting_rescue_mode'] as const),
]);

/** The status of a provision state, given the one before; undefined for a state of a later Ironic. */
export function statusOf(state: string, before: StatusName | undefined): StatusName | undefined {
  if (!Object.hasOwn(PROVISION_STATES, state)) return undefined;
  const isReleased = before !== undefined && IN_USE.has(before);
  if (!isReleased || !state.startsWith('clean')) return PROVISION_STATES[state].status;
  return state === 'clean failed' ? 'failed_releasing' : 'releasing';
}

const POWER: Readonly<Record<string, PowerState>> = {
  'power on': 'on',
  'power off': 'off',
  error: 'error',
};

/** Ironic knows no power state before it has asked the controller. */
export function powerOf(power_state: string | null | undefined): PowerState {
  return POWER[power_state ?? ''] ?? 'unknown';
}
