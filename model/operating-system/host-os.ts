import {
  add,
  atLeast,
  below,
  defineKind,
  request,
  type StateConfig,
  set,
  type TransitionConfig,
} from '../kind.ts';

/** Events about slots only: they say what the host will find when it is up again. */
const COUNT: Readonly<Record<string, TransitionConfig>> = {
  degrade: { actions: add('faults', 1), description: 'a mirror lost a disk or a unit failed' },
  recover: { actions: add('faults', -1), description: 'a mirror is whole or a unit well again' },
};
const UNLINKED: TransitionConfig = {
  actions: set('reachable', 0),
  description: 'the last network card or the root mirror is lost',
};
const LINKED: TransitionConfig = {
  actions: set('reachable', 1),
  description: 'power, root disk and network are there again',
};
const POWER_LOSS: TransitionConfig = {
  target: 'off',
  description: 'the machine lost power or was taken from its owner',
};
const PANIC: TransitionConfig = {
  target: 'panicked',
  description: 'kernel panic: an oops, a machine check or no root device',
};
const HANG: TransitionConfig = { target: 'hung', description: 'lockup: nothing is scheduled' };
const RESET: TransitionConfig = { target: 'booting', description: 'reset through the BMC' };

/** Where a host stands that runs: by what it misses. */
const up = (reason: string): readonly TransitionConfig[] => [
  { guard: atLeast('faults', 1), target: 'degraded', description: `${reason}, with faults` },
  { target: 'running', description: reason },
];

/** A state in which a kernel runs. */
function alive(spec: StateConfig): StateConfig {
  return {
    ...spec,
    on: {
      ...COUNT,
      power_loss: POWER_LOSS,
      is_off: POWER_LOSS,
      fail: PANIC,
      panic: PANIC,
      hang: HANG,
      lost: UNLINKED,
      restored: LINKED,
      ...spec.on,
    },
  };
}

/** A state in which the host answers over the network. */
function reachable(spec: StateConfig): StateConfig {
  return alive({
    ...spec,
    on: {
      lost: {
        target: 'unreachable',
        actions: set('reachable', 0),
        description: 'no network card has a link, or the machine is gone',
      },
      no_answer: { target: 'unreachable', description: 'SSH times out' },
      reboot: { target: 'rebooting', description: 'systemctl reboot' },
      shutdown: { target: 'stopping', description: 'systemctl poweroff' },
      is_starting: { target: 'booting', description: 'systemd reports starting: it was restarted' },
      ...spec.on,
    },
  });
}

export const hostOs = defineKind({
  kind: 'host-os',
  layer: 'operating-system',
  describes: 'The Linux system of a machine, as seen over SSH.',
  source:
    'systemctl is-system-running (initializing, starting, running, degraded, stopping, offline); ' +
    'kernel.panic and the hardware watchdog; md RAID1 for the root mirror',
  slots: { reachable: 1, faults: 0 },
  ignores: [
    'done',
    'fault',
    'power_on',
    'power_loss',
    'lost',
    'restored',
    'fail',
    'panic',
    'hang',
    'repair',
    'reset',
    'reboot',
    'shutdown',
    'update',
    'degrade',
    'recover',
    'is_off',
    'is_starting',
    'is_running',
    'is_degraded',
    'no_answer',
  ],
  machine: {
    initial: 'off',
    states: {
      off: {
        description: 'Installed, not running.',
        tags: ['stable'],
        on: {
          ...COUNT,
          power_on: { target: 'booting', description: 'the machine is switched on' },
          is_starting: { target: 'booting', description: 'systemd reports starting' },
          is_running: { target: 'running', description: 'systemd reports running' },
          is_degraded: { target: 'degraded', description: 'systemd reports degraded' },
          lost: UNLINKED,
          restored: LINKED,
        },
      },
      booting: alive({
        description: 'Firmware, boot loader, kernel, systemd up to the default target.',
        tags: ['transient'],
        entry: request('boot'),
        on: {
          done: [
            {
              guard: below('reachable', 1),
              target: 'unreachable',
              description: 'booted, but without network',
            },
            ...up('the default target is reached'),
          ],
          fault: { target: 'panicked', description: 'no root device, or a broken kernel' },
          is_running: { target: 'running', description: 'systemd reports running' },
          is_degraded: { target: 'degraded', description: 'systemd reports degraded' },
          no_answer: { target: 'unreachable', description: 'SSH times out after the boot' },
        },
      }),
      running: reachable({
        description: 'Up, every unit well.',
        tags: ['stable', 'serving'],
        on: {
          update: { target: 'updating', description: 'packages are upgraded' },
          degrade: {
            target: 'degraded',
            actions: add('faults', 1),
            description: 'a mirror lost a disk or a unit failed',
          },
          is_degraded: { target: 'degraded', description: 'systemd reports degraded' },
        },
      }),
      degraded: reachable({
        description: 'Up, but a root mirror runs on one disk or a unit has failed.',
        tags: ['failed', 'serving'],
        on: {
          update: { target: 'updating', description: 'packages are upgraded' },
          recover: [
            {
              guard: atLeast('faults', 2),
              actions: add('faults', -1),
              description: 'one fault less; others remain',
            },
            {
              target: 'running',
              actions: set('faults', 0),
              description: 'the last fault is gone',
            },
          ],
          is_running: { target: 'running', description: 'systemd reports running' },
        },
      }),
      updating: reachable({
        description: 'Up; the package manager upgrades packages.',
        tags: ['transient', 'serving'],
        entry: request('update'),
        on: {
          done: up('the upgrade is finished'),
          fault: up('the upgrade failed; the system runs as before'),
          is_running: { target: 'running', description: 'systemd reports running' },
          is_degraded: { target: 'degraded', description: 'systemd reports degraded' },
        },
      }),
      rebooting: alive({
        description: 'Units are stopped in order, then the machine is reset.',
        tags: ['transient'],
        entry: request('reboot'),
        on: {
          done: { target: 'booting', description: 'everything is stopped: reset' },
          fault: { target: 'hung', description: 'a unit or a mount does not stop' },
          is_starting: { target: 'booting', description: 'systemd reports starting' },
        },
      }),
      stopping: alive({
        description: 'Units are stopped in order, then the machine switches itself off.',
        tags: ['transient'],
        entry: request('shutdown'),
        on: {
          done: { target: 'off', description: 'everything is stopped' },
          fault: { target: 'hung', description: 'a unit or a mount does not stop' },
        },
      }),
      unreachable: alive({
        description: 'Nothing answers, whatever the host may be doing.',
        tags: ['failed'],
        on: {
          restored: up('it answers again').map((transition) => ({
            ...transition,
            actions: set('reachable', 1),
          })),
          is_running: { target: 'running', description: 'systemd reports running' },
          is_degraded: { target: 'degraded', description: 'systemd reports degraded' },
          is_starting: { target: 'booting', description: 'systemd reports starting' },
          repair: RESET,
          reset: RESET,
        },
      }),
      hung: alive({
        description: 'Locked up: neither network nor console answer.',
        tags: ['failed'],
        on: {
          repair: RESET,
          reset: RESET,
          is_starting: { target: 'booting', description: 'it was reset' },
        },
        after: {
          watchdog_timeout: {
            target: 'booting',
            description: 'nobody feeds the hardware watchdog: it resets the machine',
          },
        },
      }),
      panicked: alive({
        description: 'The kernel has stopped with a panic.',
        tags: ['failed'],
        on: {
          repair: RESET,
          reset: RESET,
          is_starting: { target: 'booting', description: 'it was reset' },
        },
        after: {
          panic_timeout: {
            target: 'booting',
            description: 'a crash dump is written and the kernel resets the machine',
          },
        },
      }),
    },
  },
});
