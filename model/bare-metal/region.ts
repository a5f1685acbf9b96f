import { defineKind } from '../kind.ts';

export const region = defineKind({
  kind: 'region',
  layer: 'bare-metal',
  describes: 'A MAAS region: the controller that knows all machines of a site and drives them.',
  source: 'MAAS service statuses running, degraded, dead (maasserver.enum SERVICE_STATUS)',
  ignores: ['degrade', 'recover', 'fail', 'repair'],
  machine: {
    initial: 'running',
    states: {
      running: {
        description: 'All services of the region controller answer.',
        tags: ['stable', 'serving'],
        on: {
          degrade: { target: 'degraded', description: 'some of its services do not answer' },
          fail: { target: 'dead', description: 'the region controller or its database died' },
        },
      },
      degraded: {
        description: 'The API answers, some services of the region do not.',
        tags: ['failed', 'serving'],
        on: {
          recover: { target: 'running', description: 'all its services answer again' },
          fail: { target: 'dead', description: 'the region controller or its database died' },
        },
      },
      dead: {
        description: 'No machine can be commissioned or deployed; those deployed run on.',
        tags: ['failed'],
        on: { repair: { target: 'running', description: 'the region controller is back' } },
      },
    },
  },
});
