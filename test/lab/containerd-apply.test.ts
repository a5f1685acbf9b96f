/** Operations of a scenario, applied to the lab's containerd. */
import { beforeAll, expect, it } from 'vitest';
import { containerdPaths } from '../../lab/containerd/daemon.ts';
import { BUSYBOX_IMAGE } from '../../lab/containerd/images.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { HANDLER, HOST, START_TIMEOUT_MS, startLab } from './containerd-lab.ts';

const POD = `apply-${process.pid}`;
const CONTAINER = `container/${POD}/main`;

beforeAll(startLab, START_TIMEOUT_MS);

it('a container is run, looked into and taken away, without a divergence', async () => {
  const endpoint = `unix://${containerdPaths('containerd').socket}`;
  const systems: readonly LiveSystem[] = [{ driver: 'cri', options: { endpoint, host: HOST } }];
  const scenario = await operating(
    systems,
    `entity: sandbox/${POD}, do: run, with: { handler: "${HANDLER}" }, until: SANDBOX_READY`,
    `entity: ${CONTAINER}, do: create, with: { image: "${BUSYBOX_IMAGE}", command: [sleep, "1000"] }, until: CONTAINER_CREATED`,
    `entity: ${CONTAINER}, do: start, until: CONTAINER_RUNNING`,
    `entity: ${CONTAINER}, do: exec, with: { cmd: [echo, hello], exit_code: 0 }`,
    `entity: ${CONTAINER}, do: stop, with: { grace_s: 0 }, until: CONTAINER_EXITED`,
    `entity: ${CONTAINER}, do: remove, until: absent`,
    `entity: sandbox/${POD}, do: stop, until: SANDBOX_NOTREADY`,
    `entity: sandbox/${POD}, do: remove, until: absent`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
  expect(run.results[3].attributes).toMatchObject({ exit_code: 0, stdout: 'hello\n' });
});
