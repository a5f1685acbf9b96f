import type { ProfileTimings } from '../../profile.ts';

const METAL = 'measured: ipmi_sim, QEMU and iPXE on Debian 12, 2 cores';
const MAAS = 'MAAS maasserver/node_status.py, NODE_FAILURE_MONITORED_STATUS_TIMEOUTS';

/** Virtual machines behind simulated BMCs, driven over IPMI and PXE. */
export const LAB_BARE_METAL: ProfileTimings = {
  'switch.boot': {
    distribution: { type: 'constant', value: 1 },
    source: 'assumption: the lab has Linux bridges, which are there at once',
  },
  'machine.commission': {
    distribution: { type: 'uniform', min: 23, max: 25 },
    source: `${METAL}: New to Ready`,
  },
  'machine.test': {
    distribution: { type: 'uniform', min: 23, max: 25 },
    source: `${METAL}: as commissioning, which boots the same ephemeral system`,
  },
  'machine.deploy': {
    distribution: { type: 'uniform', min: 54, max: 62 },
    source: `${METAL}: Ready to Deployed 58 s, one machine at a time`,
  },
  'machine.release': {
    distribution: { type: 'uniform', min: 3, max: 4 },
    source: `${METAL}: soft power off 3.4 s`,
  },
  'machine.erase': {
    distribution: { type: 'uniform', min: 28, max: 35 },
    source: `${METAL}: release with wipe 35 s`,
  },
  'machine.enter_rescue_mode': {
    distribution: { type: 'uniform', min: 20, max: 25 },
    source: `${METAL}: power cycle 2.5 s, network boot 18 s`,
  },
  'machine.exit_rescue_mode': {
    distribution: { type: 'uniform', min: 2, max: 3 },
    source: `${METAL}: power cycle 2.5 s`,
  },
  'machine.bmc_timeout': {
    distribution: { type: 'constant', value: 35 },
    source: 'measured: MAAS 3.4.10 answers a power query of a broken BMC after 35 s',
  },
  'machine.operator_reaction': {
    distribution: { type: 'constant', value: 60 },
    source: 'assumption: somebody sits beside it',
  },
  'machine.hardware_repair': {
    distribution: { type: 'constant', value: 600 },
    source: 'assumption: a virtual machine is made anew',
  },
  'machine.commissioning_timeout': {
    distribution: { type: 'constant', value: 20 * 60 },
    source: MAAS,
  },
  'machine.testing_timeout': { distribution: { type: 'constant', value: 20 * 60 }, source: MAAS },
  'machine.deploying_timeout': { distribution: { type: 'constant', value: 40 * 60 }, source: MAAS },
  'machine.releasing_timeout': { distribution: { type: 'constant', value: 5 * 60 }, source: MAAS },
  'machine.entering_rescue_mode_timeout': {
    distribution: { type: 'constant', value: 20 * 60 },
    source: MAAS,
  },
  'machine.exiting_rescue_mode_timeout': {
    distribution: { type: 'constant', value: 5 * 60 },
    source: MAAS,
  },
};
