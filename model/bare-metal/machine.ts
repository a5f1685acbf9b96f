import { defineKind } from '../kind.ts';
import { STATUS_NAMES } from './maas.ts';
import { powerStates } from './machine-power.ts';
import { statusStates } from './machine-status.ts';

export const machine = defineKind({
  kind: 'machine',
  layer: 'bare-metal',
  describes: 'A bare-metal server as MAAS manages it: its status, and whether it has power.',
  source:
    'MAAS 3.4 node statuses, NODE_TRANSITIONS and power states; seen on a 3.4.10 region. ' +
    'Every report `status_X` follows that table; the timeouts that ' +
    'end a status are those of NODE_FAILURE_MONITORED_STATUS_TIMEOUTS.',
  slots: { previous: 0, installed: 0, was_on: 0, fed: 1 },
  // MAAS answers a request in a wrong status with 409 (400 for commission and test): nothing changes.
  ignores: [
    'done',
    'fault',
    'lost',
    'restored',
    'fail',
    'repair',
    'commission',
    'allocate',
    'deploy',
    'abort',
    'release',
    'erase',
    'test',
    'rescue_mode',
    'exit_rescue_mode',
    'override_failed_testing',
    'mark_broken',
    'mark_fixed',
    'never_commissioned',
    'power_on',
    'power_off',
    'power_error',
    'power_unknown',
    ...STATUS_NAMES.map((name) => `status_${name}`),
  ],
  machine: {
    type: 'parallel',
    states: {
      status: { initial: 'new', states: statusStates },
      power: { initial: 'unknown', states: powerStates },
    },
  },
});
