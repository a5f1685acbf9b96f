import { compileModel } from '../../engine/compile.ts';
import type { Backend } from '../../engine/contract.ts';
import { KINDS } from '../../model/hypervisor/index.ts';
import { SimBackend } from '../../sim/backend.ts';
import { backendContract, type Step } from './contract.ts';
import { MEASURED } from './measured-profile.ts';
import { VirtualTime } from './virtual-time.ts';

const model = compileModel(KINDS, []);
const time = new VirtualTime();
const { scheduler } = time;

let backend: SimBackend;

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
    backend = new SimBackend({ model, layer: 'hypervisor', profile: MEASURED, seed: 1, scheduler });
    return backend;
  },
  wait: (begin) => time.wait(begin),
  pass: async (seconds) => time.pass(seconds),
  behindItsBack: async (entity, { to }) => backend.change('domain', entity, to),
  disconnect: async () => backend.disconnect(),
  reconnect: async () => backend.reconnect(),
  openResources: () => (scheduler.pending === 0 ? [] : [`${scheduler.pending} events`]),
  clean: async () => {},
});
