import type { ProfileTimings } from '../../profile.ts';

const ASSUMED =
  'assumption: no Juju controller was run in the lab; a small charm on a small server';
const JUJU = 'default of Juju';

export const LAB_ORCHESTRATION: ProfileTimings = {
  'model.create': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: ASSUMED,
  },
  'model.migrate': {
    distribution: { type: 'uniform', min: 30, max: 120 },
    source: ASSUMED,
  },
  'model.destroy': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: 'answered by the controller when its last application is gone',
  },
  // machines
  'juju-machine.provision': {
    distribution: { type: 'uniform', min: 5, max: 20 },
    source: 'answered by the controller when its server is active',
  },
  'juju-machine.install_agent': {
    distribution: { type: 'uniform', min: 20, max: 60 },
    source: ASSUMED,
  },
  'juju-machine.agent_install': {
    distribution: { type: 'uniform', min: 20, max: 60 },
    source: `${ASSUMED}: cloud-init and the machine agent`,
  },
  'juju-machine.provision_retry': {
    distribution: { type: 'constant', value: 60 },
    source: 'assumption: the provisioner, or an operator with retry-provisioning, after a minute',
  },
  'juju-machine.presence_timeout': {
    distribution: { type: 'uniform', min: 120, max: 180 },
    source: `${JUJU}: the API server drops a silent connection after 3 min, agents ping every minute`,
  },
  'juju-machine.release': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  // units
  'unit.allocate': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: `${ASSUMED}: the machine agent starts the unit agent and fetches the charm`,
  },
  'unit.install': {
    distribution: { type: 'uniform', min: 10, max: 40 },
    source: `${ASSUMED}: packages of the workload`,
  },
  'unit.install_in_pod': {
    distribution: { type: 'uniform', min: 1, max: 4 },
    source: `${ASSUMED}: the workload comes with its image, the hook has little to do`,
  },
  'unit.config_changed': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'unit.start': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'unit.relation_changed': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'unit.update_config': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'unit.upgrade_charm': {
    distribution: { type: 'uniform', min: 5, max: 20 },
    source: ASSUMED,
  },
  'unit.run_action': {
    distribution: { type: 'uniform', min: 1, max: 10 },
    source: ASSUMED,
  },
  'unit.stop': {
    distribution: { type: 'uniform', min: 2, max: 10 },
    source: `${ASSUMED}: stop and remove hooks`,
  },
  'unit.reboot': {
    distribution: { type: 'uniform', min: 10, max: 30 },
    source: ASSUMED,
  },
  'unit.await_retry': {
    distribution: { type: 'constant', value: 5 },
    source: `${JUJU}: a failed hook is retried after 5 s at first`,
  },
  'unit.hook_retry': {
    distribution: { type: 'constant', value: 5 },
    source: `${JUJU}: a failed hook is retried after 5 s, then twice as long, up to 5 min`,
  },
  'unit.monitor': {
    distribution: { type: 'uniform', min: 120, max: 180 },
    source: `${JUJU}: the API server drops a silent connection after 3 min, agents ping every minute`,
  },
  'unit.presence_timeout': {
    distribution: { type: 'uniform', min: 120, max: 180 },
    source: `${JUJU}: the API server drops a silent connection after 3 min, agents ping every minute`,
  },
  // applications, relations, upgrades, actions
  'application.scale': {
    distribution: { type: 'uniform', min: 0.1, max: 1 },
    source: 'answered by the controller when the units are there',
  },
  'application.upgrade': {
    distribution: { type: 'uniform', min: 0.1, max: 1 },
    source: 'answered by the controller when the units are upgraded',
  },
  'application.remove': {
    distribution: { type: 'uniform', min: 0.1, max: 1 },
    source: 'answered by the controller when the last unit is gone',
  },
  'relation.suspend': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'relation.break': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: `${ASSUMED}: relation-departed and relation-broken hooks of both sides`,
  },
  'upgrade.download': {
    distribution: { type: 'uniform', min: 1, max: 5 },
    source: ASSUMED,
  },
  'upgrade.roll_out': {
    distribution: { type: 'uniform', min: 5, max: 20 },
    source: 'answered by the controller when the units are upgraded',
  },
  'action.results_age': {
    distribution: { type: 'constant', value: 336 * 3600 },
    source: `${JUJU}: max-action-results-age 336 h`,
  },
};
