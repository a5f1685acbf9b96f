import type { ProfileTimings } from '../../profile.ts';

/** Server systems on rack hardware. */
export const DATACENTER_OPERATING_SYSTEM: ProfileTimings = {
  'host-os.boot': {
    distribution: { type: 'lognormal', median: 240, sigma: 0.2 },
    source:
      'assumption: firmware 2 to 5 minutes (operators report a couple of minutes for a Dell R720, ' +
      '5 for an IBM x3620), Linux half a minute',
    fault_ratio: 0,
  },
  'host-os.first_boot': {
    distribution: { type: 'lognormal', median: 45, sigma: 0.3 },
    source: 'assumption: cloud-init after MAAS has been told that the system is up',
  },
  'host-os.reboot': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.5 },
    source: 'assumption; systemd gives a unit DefaultTimeoutStopSec=90s at most',
  },
  'host-os.shutdown': {
    distribution: { type: 'lognormal', median: 20, sigma: 0.5 },
    source: 'assumption; systemd gives a unit DefaultTimeoutStopSec=90s at most',
  },
  'host-os.update': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.4 },
    source: 'assumption: a month of updates from a mirror on site',
    fault_ratio: 0.001,
  },
  'host-os.mirror_resync': {
    distribution: { type: 'constant', value: 2400 },
    source: 'Linux md: dev.raid.speed_limit_max 200,000 KiB/s; a disk of 480 GB',
  },
  'host-os.panic_timeout': {
    distribution: { type: 'lognormal', median: 120, sigma: 0.3 },
    source: 'assumption: kdump writes a filtered dump of some gigabytes before it resets',
  },
  'host-os.watchdog_timeout': {
    distribution: { type: 'constant', value: 30 },
    source: 'iTCO_wdt: default heartbeat 30 s',
  },
  'systemd-unit.start': {
    distribution: { type: 'lognormal', median: 0.5, sigma: 0.7 },
    source: 'assumption: most services are ready within a second',
  },
  'systemd-unit.stop': {
    distribution: { type: 'lognormal', median: 0.5, sigma: 0.8 },
    source: 'assumption; DefaultTimeoutStopSec=90s ends the longest',
  },
  'systemd-unit.reload': {
    distribution: { type: 'lognormal', median: 0.1, sigma: 0.5 },
    source: 'assumption: a signal and a file to read',
  },
  'systemd-unit.restart_delay': {
    distribution: { type: 'constant', value: 0.1 },
    source: 'systemd-system.conf(5): DefaultRestartSec=100ms',
  },
  'systemd-unit.start_limit_interval': {
    distribution: { type: 'constant', value: 10 },
    source: 'systemd-system.conf(5): DefaultStartLimitIntervalSec=10s',
  },
  'package.install': {
    distribution: { type: 'lognormal', median: 6, sigma: 0.5 },
    source: 'assumption: one package from a mirror on site',
  },
  'package.upgrade': {
    distribution: { type: 'lognormal', median: 45, sigma: 0.4 },
    source: 'assumption: a kernel with its modules and initramfs',
    fault_ratio: 0.001,
  },
  'package.remove': {
    distribution: { type: 'lognormal', median: 4, sigma: 0.5 },
    source: 'assumption',
  },
};
