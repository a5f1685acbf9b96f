import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ipmiSpec } from '../../backends/ipmi/spec.ts';
import { MACHINE_VERBS } from '../../backends/ipmi/verbs.ts';
import type { Observation } from '../../engine/contract.ts';
import { BMC_USERS, MACHINES, metalPaths } from '../../lab/metal/layout.ts';
import { divergences } from '../backends/bare-metal/machine-rules.ts';
import {
  ask,
  controllerOf,
  done,
  type IpmiBackend,
  openIpmi,
  PASSWORDS,
  startMetal,
  switchOff,
} from './metal-lab.ts';

const machine = MACHINES[2];
const { name } = machine;
let backend: IpmiBackend;

beforeAll(async () => {
  await startMetal();
  backend = openIpmi();
}, 900_000);
beforeEach(() => done(backend, name, 'enlist', controllerOf(machine)));
afterAll(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await switchOff([machine]);
}, 60_000);

describe('a real controller', () => {
  it('refuses a wrong password, which is told from nobody being there', async () => {
    const wrong = controllerOf(machine, { password_env: 'WRONG_PASSWORD' });
    const refused = await ask(backend, 'x', 'enlist', wrong);
    expect(refused).toMatchObject({ fault: { code: 'IPMI_AUTH', effect: 'none' } });
    expect(JSON.stringify(refused)).not.toContain('planted');
    const nobody = await ask(backend, 'x', 'enlist', controllerOf(machine, { user: 'nobody' }));
    expect(nobody).toMatchObject({ fault: { code: 'IPMI_AUTH' } });
    const nowhere = await ask(backend, 'x', 'enlist', controllerOf(machine, { port: 6999 }));
    expect(nowhere).toMatchObject({
      fault: { code: 'IPMI_UNREACHABLE', effect: 'none', retryable: true },
    });
  });

  it('tells its refusals though ipmitool exits with success', async () => {
    expect(await ask(backend, name, 'set_boot_device', { device: 'diag' })).toMatchObject({
      fault: { code: 'IPMI_REFUSED', upstream: 'Unspecified error', effect: 'none' },
    });
    await done(backend, name, 'set_boot_device', { device: 'disk' });
  });

  it('measures and keeps a log', async () => {
    writeFileSync(join(metalPaths().machine(name), 'temperature'), '95\n');
    await expect
      .poll(() => backend.driver.sensors(name), { timeout: 20_000, interval: 1_000 })
      .toEqual([{ name: 'CPU Temp', value: 95, unit: 'degrees C', status: 'cr' }]);
    const log = await backend.driver.events(name);
    expect(log.map(({ event }) => event).join()).toContain('Upper Critical');
    writeFileSync(join(metalPaths().machine(name), 'temperature'), '35\n');
  });

  it('is what the doctor finds', async () => {
    const { inventory, ipmitool } = metalPaths();
    const driver = await ipmiSpec.open({ inventory, ipmitool }, PASSWORDS);
    const found = await driver.diagnose();
    expect(found).toHaveLength(MACHINES.length);
    for (const each of found) {
      expect(each).toMatchObject({ ok: true, found: expect.stringContaining('IPMI 2.0') });
    }
    expect(JSON.stringify(found)).not.toContain(BMC_USERS.admin.password);
    expect((await driver.list()).map(({ entity }) => entity)).toEqual(
      MACHINES.map((each) => each.name),
    );
    await driver.close();
  });
});

it('random verbs lead through states that the machine allows', async () => {
  const verbs = MACHINE_VERBS.filter((verb) => !/forget|enlist|soft_off/.test(verb));
  const sequence = fc.array(fc.constantFrom(...verbs), { minLength: 3, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sequence, async (chosen) => {
      const seen: Observation[] = [];
      const stop = backend.watch((each) => {
        if (each.entity === name) seen.push(each);
      });
      for (const verb of chosen) {
        const before = await done(backend, name, 'inspect');
        const outcome = await ask(backend, name, verb, { device: 'disk' });
        const after = await done(backend, name, 'inspect');
        if (outcome.type === 'done') expect(after.state).toBe(outcome.observation?.state);
        else {
          expect(outcome, verb).toMatchObject({ fault: { code: 'IPMI_WRONG_STATE' } });
          expect(after.state).toBe(before.state);
        }
      }
      stop();
      expect(divergences(seen)).toEqual([]);
    }),
    { numRuns: 4 },
  );
}, 300_000);
