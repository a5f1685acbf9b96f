import { defineKind } from '../kind.ts';

export const pdu = defineKind({
  kind: 'pdu',
  layer: 'bare-metal',
  describes: 'A power distribution unit: one of the feeds of everything in its rack.',
  source: 'rack PDUs: an input and a breaker, each of which can be off by itself',
  ignores: ['lost', 'restored', 'fail', 'repair', 'switch_off', 'switch_on'],
  machine: {
    type: 'parallel',
    states: {
      input: {
        initial: 'dark',
        states: {
          dark: {
            description: 'No voltage at the input.',
            tags: ['stable'],
            on: {
              restored: { target: 'live', description: 'the feed of the rack carries voltage' },
              switch_on: { target: 'live', description: 'plugged into a live feed' },
            },
          },
          live: {
            description: 'Voltage at the input.',
            tags: ['stable', 'serving'],
            on: { lost: { target: 'dark', description: 'the feed of the rack is gone' } },
          },
        },
      },
      breaker: {
        initial: 'closed',
        states: {
          closed: {
            description: 'Outlets follow the input.',
            tags: ['stable', 'serving'],
            on: {
              fail: { target: 'failed', description: 'the unit fails or its breaker trips' },
              switch_off: { target: 'open', description: 'switched off by an operator' },
            },
          },
          open: {
            description: 'Outlets switched off on purpose.',
            tags: ['stable'],
            on: {
              switch_on: { target: 'closed', description: 'switched on by an operator' },
              fail: { target: 'failed', description: 'the unit fails' },
            },
          },
          failed: {
            description: 'Tripped or broken: no outlet carries voltage.',
            tags: ['failed'],
            on: { repair: { target: 'closed', description: 'reset or replaced' } },
          },
        },
      },
    },
  },
});
