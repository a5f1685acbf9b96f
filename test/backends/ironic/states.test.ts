import { describe, expect, it } from 'vitest';
import { stateName, statesBetween } from '../../../backends/bare-metal/machine-state.ts';
import {
  PASSED_UNSEEN,
  PROVISION_STATES,
  powerOf,
  statusOf,
} from '../../../backends/ironic/states.ts';
import { PROVISION_VERBS } from '../../../backends/ironic/verbs.ts';
import { isAllowed } from '../bare-metal/machine-rules.ts';

/** Ironic's own machine (ironic.common.states of 21.4): which provision state follows which. */
const TRANSITIONS: Readonly<Record<string, readonly string[]>> = {
  enroll: ['verifying'],
  verifying: ['manageable', 'enroll'],
  manageable: ['inspecting', 'cleaning', 'adopting'],
  inspecting: ['manageable', 'inspect failed', 'inspect wait'],
  'inspect wait': ['manageable', 'inspect failed'],
  'inspect failed': ['inspecting', 'manageable'],
  cleaning: ['available', 'manageable', 'clean failed', 'clean wait'],
  'clean wait': ['cleaning', 'clean failed'],
  'clean failed': ['manageable'],
  available: ['deploying', 'manageable'],
  deploying: ['active', 'deploy failed', 'wait call-back'],
  'wait call-back': ['deploying', 'deploy failed', 'deleting'],
  'deploy failed': ['deploying', 'deleting'],
  active: ['deleting', 'deploying', 'rescuing'],
  deleting: ['cleaning', 'error'],
  error: ['deleting', 'deploying'],
  adopting: ['active', 'adopt failed'],
  'adopt failed': ['adopting', 'manageable'],
  rescuing: ['rescue', 'rescue failed', 'rescue wait'],
  'rescue wait': ['rescuing', 'rescue failed', 'deleting'],
  rescue: ['unrescuing', 'rescuing', 'deleting'],
  'rescue failed': ['rescuing', 'unrescuing', 'deleting'],
  unrescuing: ['active', 'unrescue failed'],
  'unrescue failed': ['rescuing', 'unrescuing', 'deleting'],
};

/**
 * What Ironic allows and MAAS' table of statuses does not: in a live run these are divergences.
 * Listed with their reasons in docs/explanation/differences/bare-metal.md.
 */
const DIVERGENCES = [
  'adopt failed -> manageable',
  'available -> manageable',
  'clean failed -> manageable',
  'error -> deploying',
  'inspect failed -> manageable',
  'rescue -> deleting',
  'rescue -> rescuing',
  'rescue failed -> deleting',
  'rescue wait -> deleting',
  'unrescue failed -> deleting',
  'unrescue failed -> rescuing',
];

const UNSEEN = { only: PASSED_UNSEEN };

/** Whether the machine allows the statuses of a change, with those that must be between. */
function allows(from: string, to: string): boolean {
  const before = statusOf(from, undefined)!;
  const after = statusOf(to, before)!;
  const states = [
    { status: before, power: 'on' as const },
    ...statesBetween({ status: before, power: 'on' }, { status: after, power: 'on' }, UNSEEN),
  ];
  return states.slice(1).every((state, i) => isAllowed(stateName(states[i]), stateName(state)));
}

describe('provision states', () => {
  it('have a status, each of them', () => {
    for (const [from, all] of Object.entries(TRANSITIONS)) {
      for (const state of [from, ...all]) expect(PROVISION_STATES, state).toHaveProperty([state]);
    }
    expect(statusOf('something of a later Ironic', undefined)).toBeUndefined();
    expect(statusOf('toString', undefined)).toBeUndefined();
  });

  it('follow each other as the machine allows, but for those that are listed', () => {
    const found = Object.entries(TRANSITIONS).flatMap(([from, all]) =>
      all.filter((to) => !allows(from, to)).map((to) => `${from} -> ${to}`),
    );
    expect(found.sort()).toEqual(DIVERGENCES);
  });

  it('of cleaning say what it is part of', () => {
    expect(statusOf('cleaning', 'new')).toBe('commissioning');
    expect(statusOf('clean failed', 'commissioning')).toBe('failed_commissioning');
    for (const before of ['deployed', 'releasing', 'rescue_mode'] as const) {
      expect(statusOf('clean wait', before)).toBe('releasing');
      expect(statusOf('clean failed', before)).toBe('failed_releasing');
    }
  });

  it('are where verbs lead to', () => {
    for (const { steps, already = [] } of Object.values(PROVISION_VERBS)) {
      for (const state of [...already, ...steps.flatMap(({ until }) => until)]) {
        expect(PROVISION_STATES).toHaveProperty([state]);
        expect(PROVISION_STATES[state].isTransient).toBeUndefined();
      }
    }
  });

  it.each([
    ['power on', 'on'],
    ['power off', 'off'],
    ['error', 'error'],
    [null, 'unknown'],
    [undefined, 'unknown'],
    ['rebooting', 'unknown'],
  ])('power %s is %s', (said, power) => {
    expect(powerOf(said)).toBe(power);
  });
});
