import type { ProfileTimings } from '../../profile.ts';

/** Utilisation of domains that no workload describes. */
export const DATACENTER_POWER: ProfileTimings = {
  'domain.cpu_utilisation': {
    distribution: { type: 'uniform', min: 0.1, max: 0.5 },
    source:
      'Barroso, Hölzle, Ranganathan, The Datacenter as a Computer (2018): servers spend most of ' +
      'their time between 10 % and 50 % CPU utilisation',
  },
};
