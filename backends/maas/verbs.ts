/** The verbs on a machine, as MAAS carries them out: data, and the few that are more than that. */

import { type ActOrder, each } from '../act-order.ts';
import type { SeenMachine } from '../bare-metal/machine-feed.ts';
import type { StatusName } from '../bare-metal/machine-state.ts';

/** An operation of MAAS on a machine (`POST machines/ID/?op=`). */
export interface VerbSpec {
  readonly op: string;
  /** Sent with the operation, beside what the action says. */
  readonly form?: Readonly<Record<string, string>>;
  /** Statuses in which MAAS is still at it. */
  readonly during?: readonly StatusName[];
  /** Whether what was asked for has happened; asked when MAAS is not at it any more. */
  readonly reached: (now: SeenMachine, before: SeenMachine) => boolean;
  /** What was asked for may be so already: then MAAS is not asked, since it would refuse. */
  readonly already?: (now: SeenMachine) => boolean;
  /** Why MAAS would do something else, or nothing, and say that it did as it was told. */
  readonly unfit?: (now: SeenMachine) => string | undefined;
  /** It is not over when MAAS is not at it: it happens a moment later. */
  readonly waits?: true;
}

const within =
  (...statuses: StatusName[]) =>
  ({ status }: SeenMachine) =>
    statuses.includes(status);
const left = (now: SeenMachine, before: SeenMachine) => now.status !== before.status;
const always = () => true;
const isOn = ({ power }: SeenMachine) => power === 'on';
const isOff = ({ power }: SeenMachine) => power === 'off';
const isLocked = ({ attributes }: SeenMachine) => attributes['locked'] === true;
const isUnlocked = ({ attributes }: SeenMachine) => attributes['locked'] !== true;
const passed = ({ status }: SeenMachine) =>
  !status.startsWith('failed_') && status !== 'rescue_mode';
/** What was before may well have been a failure. */
const isBack = ({ status }: SeenMachine) => !status.includes('rescue_mode');
const byHand = ({ attributes }: SeenMachine) =>
  attributes['power_type'] === 'manual'
    ? 'its power type is manual, so that MAAS cannot switch it'
    : undefined;
const starting = (now: SeenMachine) =>
  now.status === 'allocated' ? 'it is Allocated, and MAAS would deploy it' : byHand(now);

/** By the names that the machine requests them by, and MAAS' own for the others. */
export const OPERATIONS: Readonly<Record<string, VerbSpec>> = {
  commission: { op: 'commission', during: ['commissioning', 'testing'], reached: within('ready') },
  test: { op: 'test', during: ['testing'], reached: passed },
  deploy: { op: 'deploy', during: ['deploying'], reached: within('deployed') },
  release: {
    op: 'release',
    during: ['releasing', 'disk_erasing'],
    // Back to new when its commissioning had not all passed.
    reached: within('ready', 'new'),
  },
  erase: {
    op: 'release',
    form: { erase: 'true' },
    during: ['releasing', 'disk_erasing'],
    reached: within('ready', 'new'),
  },
  abort: { op: 'abort', reached: left },
  enter_rescue_mode: {
    op: 'rescue_mode',
    during: ['entering_rescue_mode'],
    reached: within('rescue_mode'),
  },
  exit_rescue_mode: {
    op: 'exit_rescue_mode',
    during: ['exiting_rescue_mode'],
    reached: isBack,
  },
  mark_broken: { op: 'mark_broken', reached: within('broken'), already: within('broken') },
  mark_fixed: { op: 'mark_fixed', reached: left },
  override_failed_testing: { op: 'override_failed_testing', reached: left },
  power_on: { op: 'power_on', reached: isOn, already: isOn, unfit: starting, waits: true },
  power_off: { op: 'power_off', reached: isOff, already: isOff, unfit: byHand, waits: true },
  lock: { op: 'lock', reached: isLocked, already: isLocked },
  unlock: { op: 'unlock', reached: isUnlocked, already: isUnlocked },
  set_owner_data: { op: 'set_owner_data', reached: always },
};

/** All verbs: those above, and those that are more than an operation on a machine. */
export const MACHINE_VERBS: readonly string[] = [
  ...['create', 'delete', 'inspect', 'allocate', 'tag', 'untag', 'update', 'link_subnet'],
  ...Object.keys(OPERATIONS),
];

/** Whether an operation that was accepted is over. */
export function isOver(spec: VerbSpec, now: SeenMachine, before: SeenMachine): boolean {
  if (spec.waits) return spec.reached(now, before) || bmcFailed(now, before);
  return !(spec.during ?? []).includes(now.status);
}

function bmcFailed(now: SeenMachine, before: SeenMachine): boolean {
  return now.power === 'error' && before.power !== 'error';
}

/** What MAAS is at for minutes, and can be called off. */
const LONG = Object.keys(OPERATIONS).filter((verb) => OPERATIONS[verb].during);

/** What calls it off or ends it otherwise, and what MAAS notes at any time. */
export const MACHINE_ORDER: ActOrder = {
  interrupts: {
    ...each(['abort', 'mark_broken', 'delete', 'power_on', 'power_off'], LONG),
    ...each(['release', 'erase'], ['deploy']),
    ...each(['inspect', 'tag', 'untag', 'set_owner_data'], 'all'),
  },
};
