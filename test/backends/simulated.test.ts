import { compileModel } from '../../engine/compile.ts';
import type { Backend } from '../../engine/contract.ts';
import { Scheduler } from '../../engine/scheduler.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { SimBackend } from '../../sim/backend.ts';
import { Profile, type Timing } from '../../sim/profile.ts';
import { backendContract, type Step } from './contract.ts';

const model = compileModel(KINDS, []);
const scheduler = new Scheduler(64);

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

let backend: SimBackend;
/** Turns of the event loop in which a test may do something before nothing more can happen. */
const IDLE_TURNS_MAX = 1000;

const LIFE: readonly Step[] = [
  { verb: 'define', to: 'shutoff' },
  { verb: 'create', to: 'running' },
  { verb: 'suspend', to: 'paused' },
  { verb: 'resume', to: 'running' },
  { verb: 'managed_save', to: 'saved' },
  { verb: 'restore', to: 'running' },
  { verb: 'reboot', to: 'running' },
  { verb: 'shutdown', to: 'shutoff' },
  { verb: 'create', to: 'running' },
  { verb: 'destroy', to: 'shutoff' },
  { verb: 'undefine', to: 'absent' },
];

backendContract('the simulated backend', {
  layer: 'hypervisor',
  kind: 'domain',
  params: {},
  life: LIFE,
  before: LIFE.slice(0, 2),
  slow: { verb: 'managed_save', from: 'running', during: ['running'], to: 'saved' },
  illegal: 'create',
  patience_s: 60,
  open: async (): Promise<Backend> => {
    const profile = new Profile('contract', timings);
    backend = new SimBackend({ model, layer: 'hypervisor', profile, seed: 1, scheduler });
    return backend;
  },
  wait: (begin) =>
    new Promise((resolve, reject) => {
      let isOver = false;
      let idle = 0;
      begin((value) => {
        isOver = true;
        resolve(value);
      });
      // Time passes only once the test waits, so that it can act within what it has begun.
      const run = () => {
        while (!isOver && scheduler.step(Number.MAX_VALUE)) idle = 0;
        if (isOver) return;
        if (idle++ < IDLE_TURNS_MAX) setImmediate(run);
        else reject(new Error('nothing more will happen'));
      };
      setImmediate(run);
    }),
  pass: async (seconds) => scheduler.run(scheduler.now + seconds),
  behindItsBack: async (entity, { to }) => backend.change('domain', entity, to),
  disconnect: async () => backend.disconnect(),
  reconnect: async () => backend.reconnect(),
  openResources: () => (scheduler.pending === 0 ? [] : [`${scheduler.pending} events`]),
  clean: async () => {},
});
