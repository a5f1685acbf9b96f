import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { KubernetesApi } from '../../backends/kubernetes/api.ts';
import { clusterAccess } from '../../backends/kubernetes/config.ts';
import type { KubernetesBackend } from '../../backends/kubernetes/driver.ts';
import type { Resource } from '../../backends/kubernetes/kinds.ts';
import type { Observation } from '../../engine/contract.ts';
import { BUSYBOX_IMAGE } from '../../lab/containerd/images.ts';
import { buildKubernetes } from '../../lab/kubernetes/build.ts';
import { kubernetesPaths, NODE_NAME, startDaemon } from '../../lab/kubernetes/daemons.ts';
import { kubernetesNode } from '../../lab/kubernetes/system.ts';
import { labRun } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';
import {
  ask,
  closed,
  daemonPid,
  observe,
  openKubernetes,
  podSpec,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
  workload,
} from './kubernetes-lab.ts';

const P = 'verbs-';
let backend: KubernetesBackend;
let seen: Observation[];

beforeAll(startLab, START_TIMEOUT_MS);
beforeEach(async () => {
  backend = await openKubernetes();
  seen = [];
  backend.watch((each) => seen.push(each));
});
afterEach(async () => {
  await ask(backend, 'node', NODE_NAME, 'uncordon');
  await closed(backend);
  await removeAll(P);
}, 120_000);
afterAll(() => removeAll(P));

const act = (kind: string, name: string, verb: string, params = {}, deadline_s = 60) =>
  ask(backend, kind, name, verb, params, { deadline_s });
const done = (state: unknown, attributes: object = {}) => ({
  type: 'done',
  observation: { state, attributes: expect.objectContaining(attributes) },
});
const gone = { type: 'done', observation: { state: 'absent' } };
const faulty = (code: string, upstream?: string) => ({
  type: 'fault',
  fault: { code, ...(upstream && { upstream }) },
});
const statesOf = (kind: string, entity: string) =>
  seen.filter((each) => each.kind === kind && each.entity === entity).map(({ state }) => state);
const until = (kind: string, name: string, state: string, timeout_ms = 30_000) =>
  vi.waitFor(
    async () => expect(await observe(backend, kind, name)).toMatchObject({ state }),
    timeout_ms,
  );

describe('deployments', () => {
  it('are scaled, rolled out, restarted and taken back', async () => {
    const name = `${P}web`;
    const manifest = workload(name);
    expect(await act('deployment', name, 'scale', { manifest, replicas: 2 })).toMatchObject(
      done('complete+Available', { replicas: 2, available: 2, revision: 1 }),
    );
    const other = workload(name, {}, podSpec(['sleep', '1000']));
    expect(await act('deployment', name, 'roll_out', { manifest: other })).toMatchObject(
      done('complete+Available', { revision: 2 }),
    );
    expect(statesOf('deployment', name)).toContain('rolling_out+Available');
    expect(await act('deployment', name, 'undo')).toMatchObject(
      done('complete+Available', { revision: 3 }),
    );
    expect(await act('deployment', name, 'undo', { to_revision: 99 })).toMatchObject(
      faulty('KUBERNETES_NO_REVISION'),
    );
    expect(await act('deployment', name, 'scale', { replicas: 0 })).toMatchObject(
      done('complete+Available', { replicas: 0 }),
    );
    expect(await act('deployment', name, 'delete')).toMatchObject(gone);
    expect(await act('deployment', name, 'delete')).toMatchObject(gone);
  });

  it('that do not progress fail with the controller’s own words', async () => {
    const name = `${P}stuck`;
    const spec = podSpec();
    spec.containers[0].image = 'localhost/none:1';
    const manifest = workload(name, { progressDeadlineSeconds: 2 }, spec);
    const outcome = await act('deployment', name, 'scale', { manifest, replicas: 1 });
    expect(outcome).toMatchObject({
      fault: { code: 'KUBERNETES_ROLLOUT_FAILED', effect: 'done' },
    });
    expect(JSON.stringify(outcome)).toContain('has timed out progressing');
    expect(await observe(backend, 'deployment', name)).toMatchObject({
      state: 'failed+Unavailable',
    });
  });

  it('set images by container, and pause meanwhile', async () => {
    const name = `${P}paused`;
    await act('deployment', name, 'scale', { manifest: workload(name), replicas: 1 });
    expect(await act('deployment', name, 'pause')).toMatchObject(done('paused+Available'));
    expect(await act('deployment', name, 'undo')).toMatchObject(faulty('KUBERNETES_WRONG_STATE'));
    expect(await act('deployment', name, 'resume')).toMatchObject(done('complete+Available'));
    const images = { main: `${BUSYBOX_IMAGE}` };
    expect(await act('deployment', name, 'roll_out', { images })).toMatchObject(
      done('complete+Available', { images: BUSYBOX_IMAGE }),
    );
  });
});

describe('other workloads', () => {
  it('stateful sets are made, restarted and taken back in order', async () => {
    const name = `${P}db`;
    const manifest = workload(name, { serviceName: name });
    expect(await act('stateful-set', name, 'reconcile', { manifest, replicas: 2 })).toMatchObject(
      done('ready', { replicas: 2, ready: 2 }),
    );
    const before = await observe(backend, 'stateful-set', name);
    expect(await act('stateful-set', name, 'restart')).toMatchObject(done('ready'));
    expect(await act('stateful-set', name, 'undo')).toMatchObject(
      done('ready', { revision: before.attributes?.['revision'] }),
    );
    expect(await act('stateful-set', name, 'scale', { replicas: 1 })).toMatchObject(done('ready'));
    expect(await act('stateful-set', name, 'delete')).toMatchObject(gone);
  }, 180_000);

  it('daemon sets have a pod on every node', async () => {
    const name = `${P}agent`;
    expect(await act('daemon-set', name, 'reconcile', { manifest: workload(name) })).toMatchObject(
      done('ready', { replicas: 1, ready: 1 }),
    );
    expect(await act('daemon-set', name, 'restart')).toMatchObject(done('ready'));
    expect(await act('daemon-set', name, 'undo')).toMatchObject(done('ready'));
    expect(await act('daemon-set', name, 'delete')).toMatchObject(gone);
  });

  it('replica sets are scaled and retired', async () => {
    const name = `${P}rs`;
    await act('replica-set', name, 'apply', { manifest: workload(name) });
    expect(await act('replica-set', name, 'scale', { replicas: 1 })).toMatchObject(done('ready'));
    expect(await act('replica-set', name, 'scale', { replicas: 0 })).toMatchObject(done('retired'));
    expect(await act('replica-set', name, 'delete')).toMatchObject(gone);
  });

  it('jobs complete, fail, and are suspended', async () => {
    const job = (command: readonly string[], more = {}) => ({
      spec: {
        ...more,
        template: { spec: podSpec(command, { restartPolicy: 'Never' }) },
      },
    });
    expect(await act('job', `${P}well`, 'run', { manifest: job(['true']) })).toMatchObject(
      done('Complete', { succeeded: 1 }),
    );
    const failed = await act('job', `${P}ill`, 'run', {
      manifest: job(['false'], { backoffLimit: 0 }),
    });
    expect(failed).toMatchObject(faulty('KUBERNETES_ROLLOUT_FAILED'));
    expect(JSON.stringify(failed)).toContain('backoff limit');
    const long = job(['sleep', '1000']);
    expect(await act('job', `${P}long`, 'apply', { manifest: long })).toMatchObject(done('Active'));
    expect(await act('job', `${P}long`, 'suspend')).toMatchObject(done('Suspended'));
    expect(await act('job', `${P}long`, 'resume')).toMatchObject(done('Active'));
    expect(await act('job', `${P}long`, 'delete')).toMatchObject(gone);
  });
});

describe('pods', () => {
  it('are scheduled, started and terminated', async () => {
    const name = `${P}pod`;
    const manifest = { spec: podSpec() };
    expect(await act('pod', name, 'start', { manifest })).toMatchObject(
      done(expect.stringMatching(/^Running.Started/), { node: NODE_NAME, restarts: 0 }),
    );
    await until('pod', name, 'Running.Started+Ready');
    expect(await act('pod', name, 'schedule')).toMatchObject({ type: 'done' });
    expect(await act('pod', name, 'delete', { grace_s: 1 })).toMatchObject(gone);
    expect(statesOf('pod', name).at(-2)).toBe('Terminating+NotReady');
  });

  it('that no node can take are refused with the scheduler’s own words', async () => {
    const spec = podSpec();
    const resources = { requests: { cpu: '1000' } };
    const containers = [{ ...spec.containers[0], resources }];
    const manifest = { spec: { ...spec, containers } };
    const outcome = await act('pod', `${P}huge`, 'schedule', { manifest });
    expect(outcome).toMatchObject(faulty('KUBERNETES_ROLLOUT_FAILED'));
    expect(JSON.stringify(outcome)).toContain('Insufficient cpu');
    expect(await observe(backend, 'pod', `${P}huge`)).toMatchObject({
      state: 'Pending.Unschedulable+NotReady',
      attributes: { warning: expect.stringContaining('FailedScheduling') },
    });
  });

  it('crash, are started again, and crash until the kubelet waits', async () => {
    const name = `${P}crash`;
    await act('pod', name, 'apply', { manifest: { spec: podSpec(['sh', '-c', 'exit 3']) } });
    await until('pod', name, 'Running.CrashLoopBackOff+NotReady');
    const { attributes } = await observe(backend, 'pod', name);
    expect(attributes?.['restarts']).toBeGreaterThan(0);
  });

  it('cannot pull an image that is nowhere', async () => {
    const spec = podSpec();
    spec.containers[0].image = 'localhost/none:1';
    const outcome = await act('pod', `${P}pull`, 'start', { manifest: { spec } });
    expect(outcome).toMatchObject(faulty('KUBERNETES_ROLLOUT_FAILED'));
    await until('pod', `${P}pull`, 'Pending.ImagePullBackOff+NotReady');
  });
});

describe('nodes', () => {
  const budget = (app: string, minAvailable: number) => ({
    spec: { minAvailable, selector: { matchLabels: { app } } },
  });

  it('are cordoned, tainted, and set free again', async () => {
    expect(await act('node', NODE_NAME, 'cordon')).toMatchObject(done('Ready+cordoned'));
    expect(await act('node', NODE_NAME, 'cordon')).toMatchObject(done('Ready+cordoned'));
    const taint = { key: 'strata', value: 'test', effect: 'NoSchedule' };
    expect(await act('node', NODE_NAME, 'taint', taint)).toMatchObject(
      done('Ready+cordoned', { taints: expect.stringContaining('strata=test:NoSchedule') }),
    );
    expect(await act('node', NODE_NAME, 'untaint', { key: 'strata' })).toMatchObject({
      type: 'done',
    });
    expect(await act('node', NODE_NAME, 'uncordon')).toMatchObject(done('Ready+schedulable'));
    const { attributes } = await observe(backend, 'node', NODE_NAME);
    expect(String(attributes?.['taints'] ?? '')).not.toContain('strata');
    expect(attributes).toMatchObject({ kubelet: expect.stringMatching(/^v1\./) });
    expect(attributes?.['memory_bytes']).toBeGreaterThan(2 ** 30);
  });

  it('are drained as far as disruption budgets allow', async () => {
    const name = `${P}drained`;
    await act('deployment', name, 'scale', { manifest: workload(name), replicas: 1 });
    await act('pdb', name, 'apply', { manifest: budget(name, 1) });
    await until('pdb', name, 'NoDisruptionAllowed');
    expect(await act('node', NODE_NAME, 'drain', {}, 3)).toMatchObject(faulty('DEADLINE_EXCEEDED'));
    await until('node', NODE_NAME, 'Ready+cordoned');
    const pods = (await backend.driver.list()).filter(
      ({ entity, kind }) => kind === 'pod' && entity.startsWith(name),
    );
    expect(await act('pod', pods[0].entity, 'evict')).toMatchObject({ type: 'busy' });
    expect(await act('pdb', name, 'apply', { manifest: budget(name, 0) })).toMatchObject({
      type: 'done',
    });
    await until('pdb', name, 'SufficientPods');
    expect(await act('node', NODE_NAME, 'drain')).toMatchObject(done('Ready+drained'));
    expect(await observe(backend, 'pod', pods[0].entity)).toMatchObject({ state: 'absent' });
    expect(await act('node', NODE_NAME, 'uncordon')).toMatchObject(done('Ready+schedulable'));
  });

  it('refuse a drain that would lose pods', async () => {
    await act('pod', `${P}bare`, 'start', { manifest: { spec: podSpec() } });
    expect(await act('node', NODE_NAME, 'drain')).toMatchObject(faulty('KUBERNETES_DRAIN_REFUSED'));
    expect(await observe(backend, 'node', NODE_NAME)).toMatchObject({ state: 'Ready+schedulable' });
    expect(await act('node', NODE_NAME, 'drain', { force: true })).toMatchObject(
      done('Ready+drained'),
    );
  });

  it('fall silent with their kubelet, and come back with it', async () => {
    const name = `${P}silent`;
    await act('pod', name, 'start', { manifest: { spec: podSpec() } });
    await until('pod', name, 'Running.Started+Ready');
    process.kill(daemonPid('kubelet'), 'SIGKILL');
    expect(await act('node', NODE_NAME, 'monitor')).toMatchObject(
      done('Unknown.tolerated+schedulable'),
    );
    await until('pod', name, 'Running.Started+NodeLost');
    const { program } = await buildKubernetes();
    const node = kubernetesNode();
    const run = labRun('kubernetes', new LabReport(() => {}));
    await startDaemon(run, node ?? { init: 0 }, 'kubelet', program, kubernetesPaths());
    expect(await act('node', NODE_NAME, 'register')).toMatchObject(done('Ready+schedulable'));
    await until('pod', name, 'Running.Started+Ready');
  });
});

describe('what workloads rely on', () => {
  it('services follow the pods that are ready', async () => {
    const name = `${P}svc`;
    const manifest = { spec: { selector: { app: name }, ports: [{ port: 80 }] } };
    expect(await act('service', name, 'apply', { manifest })).toMatchObject(done('no_endpoints'));
    await act('deployment', name, 'scale', { manifest: workload(name), replicas: 1 });
    await until('service', name, 'available');
    expect(statesOf('service', name)).toEqual(['no_endpoints', 'available']);
    await act('deployment', name, 'scale', { replicas: 0 });
    await until('service', name, 'no_endpoints');
    expect(await act('service', name, 'delete')).toMatchObject(gone);
  });

  it('claims wait for a volume', async () => {
    const manifest = {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'none',
        resources: { requests: { storage: '1Mi' } },
      },
    };
    expect(await act('pvc', `${P}claim`, 'apply', { manifest })).toMatchObject(
      done('Pending', { requested_bytes: 2 ** 20 }),
    );
    expect(await act('pvc', `${P}claim`, 'provision', {}, 1)).toMatchObject(
      faulty('DEADLINE_EXCEEDED'),
    );
    const larger = await act('pvc', `${P}claim`, 'expand', { size_bytes: 2 ** 21 });
    expect(larger).toMatchObject(faulty('KUBERNETES_INVALID', '422 Invalid'));
    expect(await act('pvc', `${P}claim`, 'delete')).toMatchObject(gone);
  });

  it('claims are bound to a volume that fits', async () => {
    const volumes: Resource = {
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', plural: 'persistentvolumes' },
      namespaced: false,
    };
    const name = `${P}bound`;
    const kubeconfig = kubernetesPaths().kubeconfig('admin');
    const api = new KubernetesApi(await clusterAccess({ kubeconfig }, {}));
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'lab' };
    const volume = { ...spec, capacity: { storage: '2Mi' }, hostPath: { path: '/tmp' } };
    const manifest = { spec: { ...spec, resources: { requests: { storage: '1Mi' } } } };
    try {
      const { apiVersion, kind } = volumes;
      await api.patch(
        volumes,
        { name },
        'apply',
        { apiVersion, kind, metadata: { name }, spec: volume },
        {},
      );
      expect(await act('pvc', name, 'provision', { manifest })).toMatchObject(
        done('Bound.usable', { volume: name, capacity_bytes: 2 ** 21 }),
      );
      expect(await act('pvc', name, 'delete')).toMatchObject(gone);
    } finally {
      await api.delete(volumes, { name }, {}, {});
      await api.close();
    }
  });

  it('autoscalers without metrics are inactive', async () => {
    const name = `${P}hpa`;
    await act('deployment', name, 'scale', { manifest: workload(name), replicas: 1 });
    const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
    const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } };
    const metrics = [{ type: 'Resource', resource: cpu }];
    const manifest = { spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 3, metrics } };
    expect(await act('hpa', name, 'apply', { manifest })).toMatchObject(
      done(expect.stringMatching(/^(steady|inactive)$/), { max: 3 }),
    );
    await until('hpa', name, 'inactive');
    expect(await act('hpa', name, 'delete')).toMatchObject(gone);
  });
});

describe("the API server's refusals keep their own reason", () => {
  it('for what is not there, and what is not valid', async () => {
    const name = `${P}refused`;
    expect(await act('deployment', name, 'scale', { replicas: 1 })).toMatchObject(
      faulty('KUBERNETES_NOT_FOUND', '404 NotFound'),
    );
    const invalid = { spec: { ...workload(name).spec, replicas: -1 } };
    expect(await act('deployment', name, 'apply', { manifest: invalid })).toMatchObject(
      faulty('KUBERNETES_INVALID', '422 Invalid'),
    );
  });
});

it('the doctor finds nothing to complain about', async () => {
  const found = await backend.driver.diagnose();
  expect(found.map(({ check, ok }) => [check, ok])).toEqual([
    ['reachable', true],
    ['version', true],
    ['authenticated', true],
    ['permitted', true],
    ['healthy', true],
  ]);
});
