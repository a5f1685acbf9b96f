import { defineKind, type TransitionConfig } from '../kind.ts';

const ALLOWED: TransitionConfig = {
  target: 'SufficientPods',
  description: 'more pods are healthy than it demands: evictions are allowed',
};
const EXHAUSTED: TransitionConfig = {
  target: 'NoDisruptionAllowed',
  description: 'just as many pods are healthy as it demands: evictions get 429',
};
const INSUFFICIENT: TransitionConfig = {
  target: 'InsufficientPods',
  description: 'fewer pods are healthy than it demands (by faults: evictions cannot do that)',
};
const DELETE: TransitionConfig = { target: 'deleted', description: 'the budget is deleted' };

export const pdb = defineKind({
  kind: 'pdb',
  layer: 'caas',
  describes: 'A PodDisruptionBudget: how many pods voluntary evictions may take away at a time.',
  source: 'kubernetes.io "Disruptions" and PodDisruptionBudgetStatus (disruptionsAllowed)',
  ignores: ['disruption_allowed', 'disruption_exhausted', 'pods_insufficient', 'delete'],
  machine: {
    initial: 'InsufficientPods',
    states: {
      SufficientPods: {
        description: 'disruptionsAllowed > 0.',
        tags: ['stable'],
        on: {
          disruption_exhausted: EXHAUSTED,
          pods_insufficient: INSUFFICIENT,
          delete: DELETE,
        },
      },
      NoDisruptionAllowed: {
        description: 'currentHealthy equals desiredHealthy: disruptionsAllowed = 0.',
        tags: ['stable'],
        on: { disruption_allowed: ALLOWED, pods_insufficient: INSUFFICIENT, delete: DELETE },
      },
      InsufficientPods: {
        description: 'currentHealthy < desiredHealthy.',
        tags: ['failed'],
        on: { disruption_allowed: ALLOWED, disruption_exhausted: EXHAUSTED, delete: DELETE },
      },
      deleted: { description: 'The budget object is gone.', tags: ['stable'] },
    },
  },
});
