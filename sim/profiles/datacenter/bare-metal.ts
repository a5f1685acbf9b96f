import type { ProfileTimings } from '../../profile.ts';

const MAAS = 'MAAS maasserver/node_status.py, NODE_FAILURE_MONITORED_STATUS_TIMEOUTS';
const POST =
  'assumption: firmware of a two-socket server takes 2 to 5 minutes (operators report a couple of ' +
  'minutes for a Dell R720, 5 for an IBM x3620)';

/** Rack servers with firmware that takes its time. */
export const DATACENTER_BARE_METAL: ProfileTimings = {
  'switch.boot': {
    distribution: { type: 'lognormal', median: 180, sigma: 0.2 },
    source: 'assumption: cold boot of a network operating system takes minutes',
  },
  'machine.commission': {
    distribution: { type: 'lognormal', median: 540, sigma: 0.2 },
    source: `${POST}, then network boot and the commissioning scripts`,
    fault_ratio: 0.005,
  },
  'machine.test': {
    distribution: { type: 'lognormal', median: 540, sigma: 0.2 },
    source: `${POST}, then smartctl-validate`,
    fault_ratio: 0.002,
  },
  'machine.deploy': {
    distribution: { type: 'lognormal', median: 720, sigma: 0.2 },
    source: `${POST}, twice, and 3 minutes to install the image`,
    fault_ratio: 0.005,
  },
  'machine.release': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.4 },
    source: 'assumption: soft power off over IPMI',
  },
  'machine.erase': {
    distribution: { type: 'lognormal', median: 600, sigma: 0.3 },
    source: `${POST}, then secure erase of solid-state disks`,
  },
  'machine.enter_rescue_mode': {
    distribution: { type: 'lognormal', median: 330, sigma: 0.2 },
    source: `${POST}, then network boot`,
  },
  'machine.exit_rescue_mode': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.4 },
    source: 'assumption: power cycle over IPMI; the boot that follows is that of the host',
  },
  'machine.bmc_timeout': {
    distribution: { type: 'constant', value: 35 },
    source: 'measured: MAAS 3.4.10 answers a power query of a broken BMC after 35 s',
  },
  'machine.operator_reaction': {
    distribution: { type: 'lognormal', median: 900, sigma: 0.8 },
    source: 'assumption: somebody looks within the quarter of an hour, at night later',
  },
  'machine.hardware_repair': {
    distribution: { type: 'lognormal', median: 6 * 3600, sigma: 0.6 },
    source: 'assumption: spare parts on site, a technician during the day',
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
