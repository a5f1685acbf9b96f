import { defineKind } from '../kind.ts';

export const rack = defineKind({
  kind: 'rack',
  layer: 'bare-metal',
  describes: 'A rack with its power feed: what stands in it shares its fate.',
  source: 'data centre practice: a rack is a power, network and failure domain',
  ignores: ['energize', 'de_energize', 'fail', 'repair'],
  machine: {
    initial: 'unpowered',
    states: {
      unpowered: {
        description: 'Mounted and cabled; its feed is switched off.',
        tags: ['stable'],
        on: {
          energize: { target: 'powered', description: 'the feed of the rack is switched on' },
          fail: { target: 'feed_lost', description: 'the feed has a fault' },
        },
      },
      powered: {
        description: 'The feed of the rack carries voltage.',
        tags: ['stable', 'serving'],
        on: {
          de_energize: { target: 'unpowered', description: 'the feed is switched off for work' },
          fail: { target: 'feed_lost', description: 'the breaker trips or the supply fails' },
        },
      },
      feed_lost: {
        description: 'No voltage: every power distribution unit of the rack is dark.',
        tags: ['failed'],
        on: {
          repair: { target: 'powered', description: 'the feed carries voltage again' },
          de_energize: { target: 'unpowered', description: 'the feed is switched off for repair' },
        },
      },
    },
  },
});
