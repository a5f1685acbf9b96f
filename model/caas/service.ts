import { defineKind, type TransitionConfig } from '../kind.ts';

const NONE: TransitionConfig = {
  target: 'no_endpoints',
  description: 'no ready pod is left: connections are refused',
};
const ALL: TransitionConfig = {
  target: 'available',
  description: 'every endpoint in its EndpointSlices answers',
};
const SOME: TransitionConfig = {
  target: 'degraded',
  description: 'an endpoint does not answer, and is not taken out yet',
};
const STALE: TransitionConfig = {
  target: 'blackholed',
  description: 'every endpoint is on a lost node that is not noticed yet',
};
const DELETE: TransitionConfig = { target: 'deleted', description: 'the Service is deleted' };

export const service = defineKind({
  kind: 'service',
  layer: 'caas',
  describes: 'A Service: the ready pods behind one address, as EndpointSlices list them.',
  source: 'kubernetes.io "Service" and "EndpointSlices"; endpoints follow the Ready condition',
  ignores: ['endpoints_none', 'endpoints_all', 'endpoints_some', 'endpoints_stale', 'delete'],
  machine: {
    initial: 'no_endpoints',
    states: {
      no_endpoints: {
        description: 'No pod behind it is ready.',
        tags: ['failed'],
        on: { endpoints_all: ALL, endpoints_some: SOME, endpoints_stale: STALE, delete: DELETE },
      },
      available: {
        description: 'Every endpoint answers.',
        tags: ['stable', 'serving'],
        on: { endpoints_none: NONE, endpoints_some: SOME, endpoints_stale: STALE, delete: DELETE },
      },
      degraded: {
        description: 'Some of its endpoints do not answer: a share of the requests is lost.',
        tags: ['failed', 'serving'],
        on: { endpoints_none: NONE, endpoints_all: ALL, endpoints_stale: STALE, delete: DELETE },
      },
      blackholed: {
        description: 'It has endpoints, and none of them answers.',
        tags: ['failed'],
        on: { endpoints_none: NONE, endpoints_all: ALL, endpoints_some: SOME, delete: DELETE },
      },
      deleted: { description: 'The Service object is gone.', tags: ['stable'] },
    },
  },
});
