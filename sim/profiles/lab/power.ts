import type { ProfileTimings } from '../../profile.ts';

/** Utilisation of domains that no workload describes. */
export const LAB_POWER: ProfileTimings = {
  'domain.cpu_utilisation': {
    distribution: { type: 'uniform', min: 0.05, max: 0.35 },
    source:
      'assumption for idle to lightly loaded guests; give workloads their own `cpu_utilisation`',
  },
};
