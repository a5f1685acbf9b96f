import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { systemFolder } from '../../lab/folder.ts';
import { MACHINES, metalPaths } from '../../lab/metal/layout.ts';
import { backendContract, type Step } from '../backends/contract.ts';
import {
  controllerOf,
  done,
  hold,
  type IpmiBackend,
  letGo,
  openIpmi,
  startMetal,
  switchOff,
} from './metal-lab.ts';

const [machine] = MACHINES;
const LIFE: readonly Step[] = [
  { verb: 'enlist', to: 'new+off' },
  { verb: 'power_on', to: 'new+on' },
  { verb: 'power_cycle', to: 'new+on' },
  { verb: 'power_reset', to: 'new+on' },
  { verb: 'set_boot_device', to: 'new+on' },
  { verb: 'identify', to: 'new+on' },
  { verb: 'power_off', to: 'new+off' },
  { verb: 'forget', to: 'absent' },
];

/** A client of its own, for what is done behind the backend's back. */
let other: IpmiBackend;

/** ipmitool for the backend under test, whose network can be taken away. */
const program = join(systemFolder('metal'), `ipmitool-${process.pid}`);
const cut = `${program}.cut`;

beforeAll(async () => {
  await startMetal();
  const through = `exec '${metalPaths().ipmitool}' "$@"`;
  const script = `#!/bin/sh\n[ -e '${cut}' ] && exec unshare --net ipmitool "$@"\n${through}\n`;
  writeFileSync(program, script, { mode: 0o755 });
  other = openIpmi();
}, 900_000);

afterAll(async () => {
  await new Promise<void>((closed) => other.close(closed));
  rmSync(program, { force: true });
});

backendContract('ipmi', {
  layer: 'bare-metal',
  kind: 'machine',
  params: { ...controllerOf(machine), device: 'pxe' },
  life: LIFE,
  before: LIFE.slice(0, 1),
  slow: { verb: 'power_on', from: 'new+off', during: ['new+off', 'new+on'], to: 'new+on' },
  brake: { hold: async () => hold(machine), release: async () => letGo(machine) },
  illegal: 'power_on',
  patience_s: 30,
  open: async () => openIpmi({ ipmitool: { program } }),
  wait: (begin) => new Promise(begin),
  pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  behindItsBack: async (entity, { verb }) => {
    await done(other, entity, 'enlist', controllerOf(machine));
    await done(other, entity, verb);
  },
  disconnect: async () => writeFileSync(cut, ''),
  reconnect: async () => rmSync(cut, { force: true }),
  openResources: () => process.getActiveResourcesInfo().sort(),
  clean: async () => {
    rmSync(cut, { force: true });
    await switchOff([machine]);
  },
});
