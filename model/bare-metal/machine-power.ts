/** Whether a machine has power: one region of `machine.ts`. */
import { atLeast, below, type StateConfig, set, type TransitionConfig } from '../kind.ts';

const INPUT_LOST: TransitionConfig = {
  target: 'unpowered',
  description: 'the last power supply lost its feed',
};
const HARDWARE_FAULT: TransitionConfig = {
  target: 'dead',
  description: 'board, processor or memory fails: it is off and stays off',
};
const reported = (to: 'on' | 'off' | 'error' | 'unknown'): TransitionConfig => ({
  target: to,
  description:
    to === 'error' ? 'the BMC does not answer the query' : `the power driver reports ${to}`,
});

/** MAAS power states, and the two ways to have no power at all. */
export const powerStates: Readonly<Record<string, StateConfig>> = {
  unknown: {
    description: 'Never queried, or driven by hand.',
    tags: ['stable', 'serving'],
    on: {
      power_on: reported('on'),
      power_off: reported('off'),
      power_error: reported('error'),
      lost: INPUT_LOST,
      fail: HARDWARE_FAULT,
    },
  },
  off: {
    description: 'Off; its BMC has power.',
    tags: ['stable'],
    entry: set('was_on', 0),
    on: {
      power_on: { target: 'on', description: 'switched on through its BMC' },
      power_error: reported('error'),
      power_unknown: reported('unknown'),
      lost: INPUT_LOST,
      fail: HARDWARE_FAULT,
    },
  },
  on: {
    description: 'On.',
    tags: ['stable', 'serving'],
    entry: set('was_on', 1),
    on: {
      power_off: { target: 'off', description: 'switched off through its BMC, or by its system' },
      power_error: reported('error'),
      power_unknown: reported('unknown'),
      lost: INPUT_LOST,
      fail: HARDWARE_FAULT,
    },
  },
  error: {
    description: 'Its BMC does not answer; the machine itself may well run.',
    tags: ['failed', 'serving'],
    on: {
      power_on: reported('on'),
      power_off: reported('off'),
      power_unknown: reported('unknown'),
      lost: INPUT_LOST,
      fail: HARDWARE_FAULT,
    },
  },
  unpowered: {
    description: 'No feed carries voltage: machine and BMC are dark (MAAS says error).',
    tags: ['failed'],
    entry: set('fed', 0),
    on: {
      restored: [
        {
          guard: atLeast('was_on', 1),
          target: 'on',
          actions: set('fed', 1),
          description: 'firmware setting: after a power loss back to the last state',
        },
        { target: 'off', actions: set('fed', 1), description: 'it was off before' },
      ],
      power_on: { target: 'on', actions: set('fed', 1), description: 'reported on again' },
      fail: HARDWARE_FAULT,
    },
  },
  dead: {
    description: 'A hardware fault keeps it off.',
    tags: ['failed'],
    on: {
      repair: [
        {
          guard: below('fed', 1),
          target: 'unpowered',
          description: 'repaired, but no feed carries voltage',
        },
        {
          guard: atLeast('was_on', 1),
          target: 'on',
          description: 'repaired by a technician, who switches it on again',
        },
        { target: 'off', description: 'repaired; it was off before' },
      ],
      lost: { actions: set('fed', 0), description: 'no feed carries voltage' },
      restored: { actions: set('fed', 1), description: 'a feed carries voltage again' },
    },
  },
};
