import type { ProfileTimings } from '../../profile.ts';
import { LAB_ORCHESTRATION } from '../lab/orchestration.ts';

const CHARM =
  'assumption: a charm of a database or a web application; minutes, mostly for packages';

/** Defaults of Juju are the same everywhere; what charms and servers take is replaced. */
export const DATACENTER_ORCHESTRATION: ProfileTimings = {
  ...LAB_ORCHESTRATION,
  'model.create': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.4 },
    source: 'assumption: database, credentials and security groups of the model',
  },
  'juju-machine.install_agent': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.3 },
    source:
      'assumption: guest boot, apt update and upgrade by cloud-init, agent; about two minutes',
  },
  'juju-machine.agent_install': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.3 },
    source:
      'assumption: guest boot, apt update and upgrade by cloud-init, agent; about two minutes',
  },
  'unit.allocate': {
    distribution: { type: 'lognormal', median: 8, sigma: 0.4 },
    source: 'assumption: the machine agent starts the unit agent and fetches the charm',
  },
  'unit.install': {
    distribution: { type: 'lognormal', median: 150, sigma: 0.5 },
    source: CHARM,
  },
  'unit.install_in_pod': {
    distribution: { type: 'lognormal', median: 5, sigma: 0.4 },
    source: 'assumption: the workload comes with its image, the hook has little to do',
  },
  'unit.config_changed': {
    distribution: { type: 'lognormal', median: 12, sigma: 0.5 },
    source: CHARM,
  },
  'unit.start': {
    distribution: { type: 'lognormal', median: 8, sigma: 0.5 },
    source: CHARM,
  },
  'unit.relation_changed': {
    distribution: { type: 'lognormal', median: 15, sigma: 0.5 },
    source: CHARM,
  },
  'unit.update_config': {
    distribution: { type: 'lognormal', median: 12, sigma: 0.5 },
    source: CHARM,
  },
  'unit.upgrade_charm': {
    distribution: { type: 'lognormal', median: 60, sigma: 0.5 },
    source: CHARM,
  },
  'unit.run_action': {
    distribution: { type: 'lognormal', median: 10, sigma: 0.8 },
    source: 'assumption: from a status query to a backup',
  },
  'unit.stop': {
    distribution: { type: 'lognormal', median: 15, sigma: 0.5 },
    source: CHARM,
  },
  'unit.reboot': {
    distribution: { type: 'lognormal', median: 60, sigma: 0.3 },
    source: 'assumption: reboot of a guest, with its services',
  },
  'upgrade.download': {
    distribution: { type: 'lognormal', median: 8, sigma: 0.5 },
    source: 'assumption: a charm of some 10 MB from Charmhub',
  },
};
