/**
 * What libvirt's numbers mean: states with their reasons (virDomainState and its reason enums), and
 * lifecycle events (virDomainEventType and its details) as the state that follows. Names are
 * libvirt's own constants in lower case.
 */
import type { LifecycleEvent } from './protocol.ts';

/** States of a domain as Strata observes them: those of `model/hypervisor/domain.ts`. */
export type DomainState =
  | 'absent'
  | 'nostate'
  | 'running'
  | 'paused'
  | 'shutdown'
  | 'shutoff'
  | 'saved'
  | 'crashed'
  | 'pmsuspended';

/** A state and libvirt's own words for it, such as `running` and `running/booted`. */
export interface StateAndReason {
  readonly state: DomainState;
  readonly reason: string;
}

interface StateNames {
  /** libvirt's name of the state. */
  readonly name: string;
  readonly state: DomainState;
  readonly reasons: readonly string[];
}

/** By virDomainState. Only Xen reports `nostate` and `blocked`; a blocked guest is running. */
const STATES: readonly StateNames[] = [
  { name: 'nostate', state: 'nostate', reasons: ['unknown'] },
  {
    name: 'running',
    state: 'running',
    reasons: [
      ...['unknown', 'booted', 'migrated', 'restored', 'from_snapshot', 'unpaused'],
      ...['migration_canceled', 'save_canceled', 'wakeup', 'crashed', 'postcopy'],
      'postcopy_failed',
    ],
  },
  { name: 'blocked', state: 'running', reasons: ['unknown'] },
  {
    name: 'paused',
    state: 'paused',
    reasons: [
      ...['unknown', 'user', 'migration', 'save', 'dump', 'ioerror', 'watchdog', 'from_snapshot'],
      ...['shutting_down', 'snapshot', 'crashed', 'starting_up', 'postcopy', 'postcopy_failed'],
      'api_error',
    ],
  },
  { name: 'shutdown', state: 'shutdown', reasons: ['unknown', 'user'] },
  {
    name: 'shutoff',
    state: 'shutoff',
    reasons: [
      ...['unknown', 'shutdown', 'destroyed', 'crashed', 'migrated', 'saved', 'failed'],
      ...['from_snapshot', 'daemon'],
    ],
  },
  { name: 'crashed', state: 'crashed', reasons: ['unknown', 'panicked'] },
  { name: 'pmsuspended', state: 'pmsuspended', reasons: ['unknown'] },
];

/**
 * Names a state and reason of `domain_get_state`; numbers of a newer libvirt read as `unknown`.
 * libvirt calls it shutoff when QEMU died or when its memory is saved; the machine tells them apart.
 */
export function stateAndReason(state: number, reason: number, saved: boolean): StateAndReason {
  const names = STATES[state] ?? STATES[0];
  const why = `${names.name}/${names.reasons[reason] ?? 'unknown'}`;
  if (why === CRASHED) return { state: 'crashed', reason: why };
  return { state: names.state === 'shutoff' && saved ? 'saved' : names.state, reason: why };
}

const CRASHED = 'shutoff/crashed';

export const ABSENT: StateAndReason = { state: 'absent', reason: 'absent' };

/** VIR_DOMAIN_EVENT_RESUMED. */
export const RESUMED = 4;

/** What a lifecycle event says: a state, or that one has to look. */
export type EventMeaning = StateAndReason | 'look';

const LOOK: readonly EventMeaning[] = ['look'];

function meanings(state: DomainState, reasons: readonly string[]): readonly EventMeaning[] {
  return reasons.map((reason) => ({ state, reason: `${state}/${reason}` }));
}

/**
 * By virDomainEventType, then by detail. (Un)defining a domain says nothing about whether it runs.
 * STOPPED/FAILED is what libvirt sends when QEMU was killed; it then reports shutoff/crashed.
 */
const EVENTS: readonly (readonly EventMeaning[])[] = [
  LOOK,
  LOOK,
  meanings('running', ['booted', 'migrated', 'restored', 'from_snapshot', 'wakeup']),
  meanings('paused', [
    ...['user', 'migration', 'ioerror', 'watchdog', 'save', 'from_snapshot', 'api_error'],
    ...['postcopy', 'postcopy_failed'],
  ]),
  meanings('running', ['unpaused', 'migrated', 'from_snapshot', 'postcopy', 'postcopy_failed']),
  [
    { state: 'shutoff', reason: 'shutoff/shutdown' },
    { state: 'shutoff', reason: 'shutoff/destroyed' },
    { state: 'crashed', reason: CRASHED },
    { state: 'shutoff', reason: 'shutoff/migrated' },
    { state: 'saved', reason: 'shutoff/saved' },
    { state: 'crashed', reason: CRASHED },
    { state: 'shutoff', reason: 'shutoff/from_snapshot' },
  ],
  meanings('shutdown', ['unknown', 'user', 'user']),
  meanings('pmsuspended', ['unknown', 'unknown']),
  meanings('crashed', ['panicked', 'unknown']),
];

export function meaningOf(event: Pick<LifecycleEvent, 'event' | 'detail'>): EventMeaning {
  const details = EVENTS[event.event];
  return details?.[event.detail] ?? 'look';
}

/** The event of the domain machine that reports a change, from what was known before. */
export function reportOf(before: DomainState, after: DomainState): string | undefined {
  if (before === after) return undefined;
  if (after === 'running') return STOPPED_CPUS.has(before) ? 'resumed' : 'started';
  if (after === 'shutoff') return before === 'absent' ? 'defined' : 'stopped';
  return REPORTS[after];
}

const STOPPED_CPUS: ReadonlySet<DomainState> = new Set(['paused', 'pmsuspended']);

const REPORTS: Readonly<Partial<Record<DomainState, string>>> = {
  absent: 'undefined',
  paused: 'suspended',
  shutdown: 'powered_down',
  saved: 'saved',
  crashed: 'crashed',
  pmsuspended: 'pm_suspended',
};
