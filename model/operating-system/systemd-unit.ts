import { add, atLeast, below, defineKind, request, set, type TransitionConfig } from '../kind.ts';

const KILLED: TransitionConfig = {
  target: 'inactive',
  description: 'the host went down: no process is left',
};
const UNREACHABLE: TransitionConfig = {
  target: 'unreachable',
  description: 'the host does not answer: nobody can say how the unit is',
};
const IS_INACTIVE: TransitionConfig = {
  target: 'inactive',
  description: 'systemd reports inactive',
};
const IS_ACTIVE: TransitionConfig = { target: 'active', description: 'systemd reports active' };
const IS_FAILED: TransitionConfig = { target: 'failed', description: 'systemd reports failed' };

/** `Restart=on-failure` within systemd's start limit of five starts. */
const CRASH: readonly TransitionConfig[] = [
  {
    guard: below('restarts', 5),
    target: '#systemd-unit.activating.auto-restart',
    actions: add('restarts', 1),
    description: 'its main process died: systemd starts it again (Restart=on-failure)',
  },
  { target: '#systemd-unit.failed', description: 'it died too often (StartLimitBurst=5)' },
];

export const systemdUnit = defineKind({
  kind: 'systemd-unit',
  layer: 'operating-system',
  describes: 'A service unit of systemd on a host.',
  source: 'systemd ActiveState and SubState (systemd.unit(5), systemd.service(5))',
  // `wanted`: started at boot. `restarts`: starts within the start limit interval.
  slots: { wanted: 0, restarts: 0 },
  ignores: [
    'done',
    'fault',
    'start',
    'stop',
    'restart',
    'reload',
    'reset_failed',
    'fail',
    'repair',
    'lost',
    'restored',
    'killed',
    'is_active',
    'is_inactive',
    'is_failed',
  ],
  machine: {
    initial: 'inactive',
    states: {
      inactive: {
        description: 'Not running.',
        tags: ['stable'],
        on: {
          start: {
            target: 'activating',
            actions: set('wanted', 1),
            description: 'systemctl start, or wanted by the default target at boot',
          },
          restored: [
            {
              guard: atLeast('wanted', 1),
              target: 'activating',
              description: 'the host is up again: wanted by its default target',
            },
            { description: 'the host is up again; the unit is not wanted' },
          ],
          is_active: IS_ACTIVE,
          is_failed: IS_FAILED,
        },
      },
      activating: {
        tags: ['transient'],
        initial: 'start',
        on: { lost: UNREACHABLE, killed: KILLED, is_active: IS_ACTIVE, is_failed: IS_FAILED },
        states: {
          start: {
            description: 'ExecStart runs; not ready yet.',
            entry: request('start'),
            on: {
              done: { target: '#systemd-unit.active', description: 'the service says it is ready' },
              fault: CRASH,
              fail: CRASH,
              stop: {
                target: '#systemd-unit.deactivating',
                actions: set('wanted', 0),
                description: 'systemctl stop while it starts',
              },
              is_inactive: { target: '#systemd-unit.inactive', description: 'systemd reports it' },
            },
          },
          'auto-restart': {
            description: 'Died; systemd waits before it starts it again (RestartSec).',
            on: {
              stop: {
                target: '#systemd-unit.inactive',
                actions: set('wanted', 0),
                description: 'systemctl stop: no further try',
              },
              is_inactive: { target: '#systemd-unit.inactive', description: 'systemd reports it' },
            },
            after: {
              restart_delay: { target: 'start', description: 'RestartSec has passed' },
            },
          },
        },
      },
      active: {
        description: 'Running and ready.',
        tags: ['stable', 'serving'],
        on: {
          stop: {
            target: 'deactivating',
            actions: set('wanted', 0),
            description: 'systemctl stop',
          },
          restart: { target: 'activating', description: 'systemctl restart' },
          reload: { target: 'reloading', description: 'systemctl reload: read configuration anew' },
          fail: CRASH,
          lost: UNREACHABLE,
          killed: KILLED,
          is_inactive: IS_INACTIVE,
          is_failed: IS_FAILED,
        },
        after: {
          start_limit_interval: {
            actions: set('restarts', 0),
            description: 'it ran long enough: the start limit counts anew',
          },
        },
      },
      reloading: {
        description: 'Running; reads its configuration anew.',
        tags: ['transient', 'serving'],
        entry: request('reload'),
        on: {
          done: { target: 'active', description: 'the new configuration is in use' },
          fault: { target: 'active', description: 'the reload failed: it runs on as it was' },
          fail: CRASH,
          lost: UNREACHABLE,
          killed: KILLED,
          is_active: IS_ACTIVE,
          is_inactive: IS_INACTIVE,
          is_failed: IS_FAILED,
        },
      },
      deactivating: {
        description: 'Told to stop (SIGTERM, after TimeoutStopSec SIGKILL).',
        tags: ['transient'],
        entry: request('stop'),
        on: {
          done: { target: 'inactive', description: 'its processes are gone' },
          fault: { target: 'failed', description: 'it had to be killed' },
          lost: { target: 'inactive', description: 'the host is gone, and the unit with it' },
          killed: KILLED,
          is_inactive: IS_INACTIVE,
          is_failed: IS_FAILED,
          is_active: IS_ACTIVE,
        },
      },
      failed: {
        description: 'Died or could not be started; systemd does not try again.',
        tags: ['failed'],
        on: {
          start: {
            target: 'activating',
            actions: set('wanted', 1),
            description: 'systemctl start by an operator',
          },
          restart: { target: 'activating', description: 'systemctl restart by an operator' },
          repair: {
            target: 'activating',
            actions: set('restarts', 0),
            description: 'its cause is removed and it is started again',
          },
          reset_failed: { target: 'inactive', description: 'systemctl reset-failed' },
          killed: KILLED,
          is_active: IS_ACTIVE,
          is_inactive: IS_INACTIVE,
        },
      },
      unreachable: {
        description: 'Its host does not answer.',
        tags: ['failed'],
        on: {
          restored: {
            target: 'active',
            description: 'the host answers again; the unit ran all the time',
          },
          killed: KILLED,
          is_active: IS_ACTIVE,
          is_inactive: IS_INACTIVE,
          is_failed: IS_FAILED,
        },
      },
    },
  },
});
