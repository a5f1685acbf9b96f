/** Operations of a scenario, applied to the lab's cluster: a deployment is made by its first verb. */
import { beforeAll, expect, it } from 'vitest';
import { kubernetesPaths } from '../../lab/kubernetes/daemons.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { podSpec, START_TIMEOUT_MS, startLab, workload } from './kubernetes-lab.ts';

const NAME = `apply-${process.pid}`;
const DEPLOYMENT = `deployment/${NAME}`;

beforeAll(startLab, START_TIMEOUT_MS);

it('a deployment is made, scaled, paused, rolled out and deleted, without a divergence', async () => {
  const options = { kubeconfig: kubernetesPaths().kubeconfig('admin') };
  const systems: readonly LiveSystem[] = [{ driver: 'kubernetes', options }];
  const manifest = JSON.stringify(workload(NAME));
  const other = JSON.stringify(workload(NAME, {}, podSpec(['sleep', '1000'])));
  const scenario = await operating(
    systems,
    `entity: ${DEPLOYMENT}, do: scale, with: { manifest: ${manifest}, replicas: 1 }`,
    `entity: ${DEPLOYMENT}, do: scale_up, with: { replicas: 2 }, until: complete`,
    `entity: ${DEPLOYMENT}, do: pause, until: paused`,
    `entity: ${DEPLOYMENT}, do: resume, until: complete`,
    `entity: ${DEPLOYMENT}, do: rollout, with: { manifest: ${other} }, until: complete`,
    `entity: ${DEPLOYMENT}, do: delete, until: deleted`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
