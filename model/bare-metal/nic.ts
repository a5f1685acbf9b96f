import { below, defineKind, set } from '../kind.ts';

export const nic = defineKind({
  kind: 'nic',
  layer: 'bare-metal',
  describes: 'A network card of a machine, cabled to one top-of-rack switch.',
  source: 'Linux operstate (RFC 2863: up, down, lowerlayerdown)',
  // A replaced card has a link only with machine and switch on: `partner` is 1 while both are.
  slots: { partner: 1 },
  ignores: ['lost', 'restored', 'fail', 'repair', 'link_up', 'link_down'],
  machine: {
    initial: 'down',
    states: {
      down: {
        description: 'No carrier: machine or switch is off, or the cable is out.',
        tags: ['stable'],
        on: {
          restored: {
            target: 'up',
            actions: set('partner', 1),
            description: 'machine and switch are on: there is a link',
          },
          link_up: { target: 'up', description: 'the kernel reports carrier' },
          lost: { actions: set('partner', 0), description: 'machine or switch is off' },
          fail: { target: 'failed', description: 'the card or its cable fails' },
        },
      },
      up: {
        description: 'Has carrier.',
        tags: ['stable', 'serving'],
        on: {
          lost: {
            target: 'down',
            actions: set('partner', 0),
            description: 'machine or switch is off: no carrier',
          },
          link_down: { target: 'down', description: 'the kernel reports no carrier' },
          fail: { target: 'failed', description: 'the card or its cable fails' },
        },
      },
      failed: {
        description: 'Card, transceiver or cable is broken.',
        tags: ['failed'],
        on: {
          repair: [
            {
              guard: below('partner', 1),
              target: 'down',
              description: 'replaced; machine or switch is off',
            },
            { target: 'up', description: 'replaced: there is a link' },
          ],
          lost: { actions: set('partner', 0), description: 'machine or switch is off' },
          restored: { actions: set('partner', 1), description: 'machine and switch are on' },
        },
      },
    },
  },
});
