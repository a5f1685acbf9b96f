import { below, defineKind, set } from '../kind.ts';

export const disk = defineKind({
  kind: 'disk',
  layer: 'bare-metal',
  describes: 'A disk in a machine: spinning, solid-state or NVMe.',
  source: 'Linux block devices (sysfs state running, offline) and SMART overall health',
  // A replaced disk is of use only in a machine that is on: `attached` is 1 while it is.
  slots: { attached: 1 },
  ignores: ['lost', 'restored', 'smart_warning', 'fail', 'repair', 'attach'],
  machine: {
    initial: 'offline',
    states: {
      offline: {
        description: 'No system has it: its machine is off or not deployed.',
        tags: ['stable'],
        on: {
          restored: {
            target: 'running',
            actions: set('attached', 1),
            description: 'its machine is on: the kernel finds it',
          },
          attach: { target: 'running', description: 'found by the kernel' },
          lost: { actions: set('attached', 0), description: 'its machine is off' },
          fail: { target: 'failed', description: 'does not spin up or answer any more' },
        },
      },
      running: {
        description: 'Reads and writes.',
        tags: ['stable', 'serving'],
        on: {
          lost: {
            target: 'offline',
            actions: set('attached', 0),
            description: 'its machine is off',
          },
          smart_warning: {
            target: 'pre_fail',
            description: 'SMART predicts a failure (reallocated or pending sectors)',
          },
          fail: { target: 'failed', description: 'I/O errors: the kernel takes it offline' },
        },
      },
      pre_fail: {
        description: 'Still reads and writes, but SMART says it is about to fail.',
        tags: ['failed', 'serving'],
        on: {
          lost: {
            target: 'offline',
            actions: set('attached', 0),
            description: 'its machine is off',
          },
          fail: { target: 'failed', description: 'I/O errors: the kernel takes it offline' },
          repair: { target: 'running', description: 'replaced in time' },
        },
      },
      failed: {
        description: 'Dead; what was on it is lost.',
        tags: ['failed'],
        on: {
          repair: [
            {
              guard: below('attached', 1),
              target: 'offline',
              description: 'replaced by a new one, in a machine that is off',
            },
            { target: 'running', description: 'replaced by a new one' },
          ],
          lost: { actions: set('attached', 0), description: 'its machine is off' },
          restored: { actions: set('attached', 1), description: 'its machine is on' },
        },
      },
    },
  },
});
