import type { ProfileTimings } from '../../profile.ts';

const METAL = 'measured: ipmi_sim and QEMU on Debian 12, 2 cores';

/** Small Debian systems in virtual machines. */
export const LAB_OPERATING_SYSTEM: ProfileTimings = {
  'host-os.boot': {
    distribution: { type: 'uniform', min: 16, max: 20 },
    source: `${METAL}: reboot to phone-home 18 s`,
  },
  'host-os.first_boot': {
    distribution: { type: 'uniform', min: 1, max: 3 },
    source: 'assumption: what is left of the boot after the phone-home',
  },
  'host-os.reboot': {
    distribution: { type: 'uniform', min: 2, max: 4 },
    source: `${METAL}: soft off 3.4 s`,
  },
  'host-os.shutdown': {
    distribution: { type: 'uniform', min: 3, max: 4 },
    source: `${METAL}: soft off 3.4 s`,
  },
  'host-os.update': {
    distribution: { type: 'lognormal', median: 30, sigma: 0.4 },
    source: 'assumption: a few packages from a local mirror',
  },
  'host-os.mirror_resync': {
    distribution: { type: 'constant', value: 320 },
    source: 'Linux md: dev.raid.speed_limit_max 200,000 KiB/s; a disk of 64 GB',
  },
  'host-os.panic_timeout': {
    distribution: { type: 'constant', value: 10 },
    source: 'kernel.panic=10, as lab systems are set up',
  },
  'host-os.watchdog_timeout': {
    distribution: { type: 'constant', value: 30 },
    source: 'i6300esb_wdt of QEMU: default heartbeat 30 s',
  },
  'systemd-unit.start': {
    distribution: { type: 'lognormal', median: 0.2, sigma: 0.6 },
    source: 'measured: containerd up in 0.2 s on Debian 12, 2 cores',
  },
  'systemd-unit.stop': {
    distribution: { type: 'lognormal', median: 0.2, sigma: 0.6 },
    source: 'measured: StopContainer 170-200 ms on Debian 12; units end the same way, by SIGTERM',
  },
  'systemd-unit.reload': {
    distribution: { type: 'lognormal', median: 0.05, sigma: 0.5 },
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
    distribution: { type: 'lognormal', median: 4, sigma: 0.5 },
    source: 'assumption: one package from a local mirror',
  },
  'package.upgrade': {
    distribution: { type: 'lognormal', median: 15, sigma: 0.4 },
    source: 'assumption: a kernel with its initramfs',
  },
  'package.remove': {
    distribution: { type: 'lognormal', median: 2, sigma: 0.5 },
    source: 'assumption',
  },
};
