/** Operations of a scenario, applied to the lab's Redfish service. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { removeDomains } from './libvirt-lab.ts';
import { defineSystem, startRedfish } from './redfish-lab.ts';

const START_TIMEOUT_MS = 600_000;
const NAME = `apply-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), 'strata-redfish-'));
const inventory = join(folder, 'bmcs.yaml');

beforeAll(async () => {
  const { href } = await startRedfish();
  await defineSystem(NAME);
  writeFileSync(inventory, `machines:\n  - { name: ${NAME}, url: "${href}", system: ${NAME} }\n`);
}, START_TIMEOUT_MS);
afterAll(async () => {
  await removeDomains(NAME);
  rmSync(folder, { recursive: true });
});

it('a machine is switched on, off, on again and reset, without a divergence', async () => {
  const systems: readonly LiveSystem[] = [{ driver: 'redfish', options: { inventory } }];
  const scenario = await operating(
    systems,
    `entity: machine/${NAME}, do: power_on, until: on`,
    `entity: machine/${NAME}, do: power_off, until: off`,
    `entity: machine/${NAME}, do: power_on, until: on`,
    `entity: machine/${NAME}, do: power_reset`,
    `entity: machine/${NAME}, do: power_off, until: off`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
  expect(run.results.every(({ asked }) => asked)).toBe(true);
});
