import { below, defineKind, request, set } from '../kind.ts';

export const switchKind = defineKind({
  kind: 'switch',
  layer: 'bare-metal',
  describes: 'A top-of-rack switch: the network cards cabled to it have a link while it is up.',
  source: 'top-of-rack switches with two power supplies; network operating system boots in minutes',
  // Without its feed the switch cannot boot: `fed` is 1 while any of its feeds carries voltage.
  slots: { fed: 1 },
  ignores: ['lost', 'restored', 'power_on', 'reload', 'fail', 'repair', 'done', 'fault'],
  machine: {
    initial: 'off',
    states: {
      off: {
        description: 'No power.',
        tags: ['stable'],
        on: {
          restored: {
            target: 'booting',
            actions: set('fed', 1),
            description: 'a feed carries voltage: the switch starts by itself',
          },
          power_on: { target: 'booting', description: 'switched on by hand' },
          lost: { actions: set('fed', 0), description: 'no feed carries voltage' },
          fail: { target: 'failed', description: 'found broken' },
        },
      },
      booting: {
        description: 'The network operating system starts; no port has a link yet.',
        tags: ['transient'],
        entry: request('boot'),
        on: {
          done: { target: 'up', description: 'ports are up and forward' },
          fault: { target: 'failed', description: 'it does not come up' },
          lost: { target: 'off', actions: set('fed', 0), description: 'all feeds are lost' },
          fail: { target: 'failed', description: 'hardware or software fault' },
        },
      },
      up: {
        description: 'Forwards frames.',
        tags: ['stable', 'serving'],
        on: {
          lost: { target: 'off', actions: set('fed', 0), description: 'all feeds are lost' },
          fail: { target: 'failed', description: 'hardware or software fault' },
          reload: { target: 'booting', description: 'restarted by an operator (upgrade)' },
        },
      },
      failed: {
        description: 'Does not forward; needs a technician.',
        tags: ['failed'],
        on: {
          repair: [
            { guard: below('fed', 1), target: 'off', description: 'replaced, but without power' },
            { target: 'booting', description: 'replaced or power-cycled: starts again' },
          ],
          lost: { actions: set('fed', 0), description: 'no feed carries voltage' },
          restored: { actions: set('fed', 1), description: 'a feed carries voltage again' },
        },
      },
    },
  },
});
