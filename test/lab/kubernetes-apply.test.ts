/** Operations of a scenario, applied to the lab's cluster: a deployment is made by its first verb. */
import { beforeAll, expect, it } from 'vitest';
import { kubernetesPaths, NODE_NAME } from '../../lab/kubernetes/daemons.ts';
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

it('a node is cordoned, drained and let back, and other workloads come and go', async () => {
  const options = { kubeconfig: kubernetesPaths().kubeconfig('admin') };
  const systems: readonly LiveSystem[] = [{ driver: 'kubernetes', options }];
  const set = JSON.stringify(workload(`${NAME}-set`, { serviceName: 'none', replicas: 1 }));
  const daemons = JSON.stringify(workload(`${NAME}-daemons`));
  const scenario = await operating(
    systems,
    `entity: node/${NODE_NAME}, do: cordon, until: cordoned`,
    `entity: node/${NODE_NAME}, do: uncordon, until: schedulable`,
    `entity: node/${NODE_NAME}, do: drain, with: { force: true, delete_emptydir_data: true }, until: drained`,
    `entity: node/${NODE_NAME}, do: uncordon, until: schedulable`,
    `entity: node/${NODE_NAME}, do: taint, with: { key: spare, effect: PreferNoSchedule }`,
    `entity: node/${NODE_NAME}, do: untaint, with: { key: spare }`,
    `entity: stateful-set/${NAME}-set, do: apply, with: { manifest: ${set} }`,
    `entity: stateful-set/${NAME}-set, do: delete, until: deleted`,
    `entity: daemon-set/${NAME}-daemons, do: apply, with: { manifest: ${daemons} }`,
    `entity: daemon-set/${NAME}-daemons, do: delete, until: deleted`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
