import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DriverBackend } from '../../backends/driver-backend.ts';
import { maasSpec } from '../../backends/maas/spec.ts';
import { systemFolder } from '../../lab/folder.ts';
import { bringUp, takeDown } from '../../lab/lifecycle.ts';
import { maasSystem, maasUrl } from '../../lab/maas/system.ts';
import { LabReport } from '../../lab/report.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { live, type MaasBackend } from '../backends/maas/region-under-test.ts';
import { applyTo, operating, path } from './applied.ts';

let backend: MaasBackend;

beforeAll(async () => {
  await bringUp(maasSystem, new LabReport());
  const options = { url: maasUrl(), api_key_file: join(systemFolder('maas'), 'api-key') };
  backend = new DriverBackend(await maasSpec.open(options, {})) as MaasBackend;
}, 60_000);

afterAll(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await takeDown(maasSystem);
});

it("serves MAAS' contract as a system of the lab", async () => {
  expect((await backend.driver.diagnose()).every(({ ok }) => ok)).toBe(true);
  const name = `lab-${process.pid}`;
  expect(await live(backend, name, ['create', 'commission', 'deploy', 'erase', 'delete'])).toEqual([
    'new+unknown',
    expect.stringMatching(/^ready\+/),
    'deployed+on',
    'ready+off',
    'absent',
  ]);
});

it('a scenario takes a machine from enlistment to deployment and back, without a divergence', async () => {
  const options = { url: maasUrl() ?? '', api_key_file: join(systemFolder('maas'), 'api-key') };
  const systems: readonly LiveSystem[] = [{ driver: 'maas', options }];
  const machine = `machine/apply-${process.pid}`;
  const scenario = await operating(
    systems,
    `entity: ${machine}, do: create, with: { mac_addresses: ["52:54:00:00:00:01"] }`,
    `entity: ${machine}, do: commission, until: ready`,
    `entity: ${machine}, do: tag, with: { tag: rack-a }`,
    `entity: ${machine}, do: allocate, until: allocated`,
    `entity: ${machine}, do: deploy, with: { user_data: "#cloud-config" }, until: deployed`,
    `entity: ${machine}, do: release, until: ready`,
    `entity: ${machine}, do: delete`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
