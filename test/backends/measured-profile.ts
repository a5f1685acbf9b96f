import { Profile, type Timing } from '../../sim/profile.ts';

/** Seconds, as measured with libvirt 9.0 and QEMU 7.2 under emulation. */
const SECONDS: Readonly<Record<string, number>> = {
  define: 0.01,
  create: 0.7,
  suspend: 0.015,
  resume: 0.015,
  reboot: 3,
  shutdown: 1.6,
  destroy: 1.7,
  undefine: 0.005,
  managed_save: 2.4,
  restore: 0.75,
};

const timings = new Map<string, Timing>(
  Object.entries(SECONDS).map(([verb, median]) => [
    `domain.${verb}`,
    { distribution: { type: 'lognormal', median, sigma: 0.2 }, source: 'this test' },
  ]),
);

/** A profile for domains alone. */
export const MEASURED = new Profile('measured', timings);
