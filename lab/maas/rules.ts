/**
 * Which status allows what, and what follows, as data: facts of MAAS 3.4 (src/maasserver:
 * models/node.py, node_action.py, node_status.py, models/signals/nodes.py, auth/local.py).
 */
import { STATUS_NAMES, type StatusName, tableOf } from '../../model/bare-metal/maas.ts';
import type { MachineRecord } from './machine-record.ts';
import type { Account } from './oauth-check.ts';
import { denied } from './refusal.ts';

/** Actionable statuses of the action Commission. */
export const COMMISSIONABLE: readonly StatusName[] = [
  ...(['new', 'failed_commissioning', 'ready', 'broken'] as const),
];

/** Actionable statuses of Test: commissioning goes on to tests, but nobody may ask for them. */
export const TESTABLE: readonly StatusName[] = STATUS_NAMES.filter(
  (name) => name !== 'commissioning' && tableOf(name).includes('testing'),
);

/** RELEASABLE_STATUSES. */
export const RELEASABLE: readonly StatusName[] = [
  ...(['reserved', 'allocated', 'deploying', 'deployed', 'broken'] as const),
  ...(['failed_deployment', 'failed_releasing', 'failed_disk_erasing'] as const),
];

/** ALLOWED_STATES for changes to network cards. */
export const REWIRABLE: readonly StatusName[] = [
  ...(['new', 'ready', 'failed_testing', 'allocated', 'broken'] as const),
];

/** NODE_TESTING_RESET_READY_TRANSITIONS: passing all tests makes these ready. */
const RESET: readonly StatusName[] = [
  ...(['new', 'commissioning', 'failed_deployment', 'missing', 'retired', 'broken'] as const),
  ...(['failed_releasing', 'failed_disk_erasing', 'failed_testing'] as const),
];

/** What passed tests lead to, by the status before them. */
export function afterTests(before: StatusName): StatusName {
  if (RESET.includes(before)) return 'ready';
  return before === 'failed_commissioning' ? 'new' : before;
}

/** What aborting leads to, by what is under way; undefined where nothing is. */
export function afterAbort({ status, previous }: MachineRecord): StatusName | undefined {
  if (status === 'testing') return previous === 'commissioning' ? 'ready' : previous;
  return ABORTED[status];
}

const ABORTED: Readonly<Partial<Record<StatusName, StatusName>>> = {
  commissioning: 'new',
  deploying: 'allocated',
  disk_erasing: 'failed_disk_erasing',
};

/** Statuses that are not remembered as the previous one when they are left. */
export const PASSING: readonly StatusName[] = STATUS_NAMES.filter(
  (name) => name === 'testing' || name.includes('rescue'),
);

/** What an account needs to be to a machine: its owner will do for all but `admin`. */
export type Permission = 'edit' | 'lock' | 'admin';

/** Nothing but `lock` is permitted on a locked machine, whoever asks. */
export function permit(machine: MachineRecord, account: Account, needed: Permission): void {
  const isTheirs = account.isAdmin || machine.owner === '' || machine.owner === account.username;
  const may = needed === 'admin' ? account.isAdmin : isTheirs;
  if (!may || (machine.locked && needed !== 'lock')) throw denied();
}
