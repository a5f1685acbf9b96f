import type { TransitionConfig } from '../kind.ts';
import { northboundRow, ROW_EVENTS } from './northbound.ts';

const BACKENDS: Readonly<Record<string, TransitionConfig>> = {
  all_online: { target: 'active', description: 'every backend passes its health check' },
  some_offline: { target: 'degraded', description: 'a backend fails its health check' },
  all_offline: { target: 'offline', description: 'no backend passes its health check' },
};

export const loadBalancer = northboundRow({
  kind: 'load-balancer',
  describes: 'A load balancer: a virtual address spread over backends on a network.',
  source:
    'OVN northbound Load_Balancer and southbound Service_Monitor status (ovn-nb(5), ovn-sb(5))',
  ignores: Object.keys(BACKENDS),
  on: { active: { some_offline: BACKENDS.some_offline, all_offline: BACKENDS.all_offline } },
  states: {
    degraded: {
      description: 'Some backends are offline; the others take their share.',
      tags: ['failed', 'serving'],
      on: {
        ...ROW_EVENTS,
        all_online: BACKENDS.all_online,
        all_offline: BACKENDS.all_offline,
        update: { target: 'updating', description: 'backends are added or removed' },
      },
    },
    offline: {
      description: 'No backend is left: connections are refused.',
      tags: ['failed'],
      on: {
        ...ROW_EVENTS,
        all_online: BACKENDS.all_online,
        some_offline: BACKENDS.some_offline,
        update: { target: 'updating', description: 'backends are added or removed' },
      },
    },
  },
});
