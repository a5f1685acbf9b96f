/** Operations of a scenario, applied to the lab's Ceph: pools and images are made by their first verb. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cephEndpoint } from '../../lab/ceph/system.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const POOL = `apply-${process.pid}`;
const IMAGE = `rbd-image/${POOL}/disk`;
const SYSTEMS: readonly LiveSystem[] = [{ driver: 'ceph', options: {} }];

beforeAll(async () => {
  await startLab();
  Object.assign(process.env, cephEndpoint());
}, START_TIMEOUT_MS);
afterAll(() => {
  for (const name of Object.keys(cephEndpoint())) delete process.env[name];
});

it('a pool and an image in it are made, changed and taken away, without a divergence', async () => {
  const scenario = await operating(
    SYSTEMS,
    `entity: pool/${POOL}, do: create, with: { pg_num: 8, application: rbd }`,
    `entity: ${IMAGE}, do: create, with: { size_bytes: 8388608 }`,
    `entity: ${IMAGE}, do: resize, with: { size_bytes: 16777216 }, until: available`,
    `entity: ${IMAGE}, do: snap_create, with: { snapshot: s }`,
    `entity: ${IMAGE}, do: snap_remove, with: { snapshot: s }`,
    `entity: ${IMAGE}, do: trash, until: trash`,
    `entity: ${IMAGE}, do: restore, until: available`,
    `entity: ${IMAGE}, do: remove, until: absent`,
    `entity: pool/${POOL}, do: delete, with: { yes_i_really_really_mean_it: true }, until: deleted`,
  );
  const { run, faults, recording } = await applyTo(SYSTEMS, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
