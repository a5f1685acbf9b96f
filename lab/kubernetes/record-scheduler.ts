/**
 * `node dist/lab/kubernetes/record-scheduler.js FILE [CASES]`: asks the lab's kube-scheduler to place
 * pods on random nodes, and writes what it filtered, how each plugin scored and what it chose, one
 * JSON object a line. The cluster of the lab must be up; it is left without its controllers.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubernetesApi } from '../../backends/kubernetes/api.ts';
import { clusterAccess } from '../../backends/kubernetes/config.ts';
import { type ObjectName, RESOURCES, type Resource } from '../../backends/kubernetes/kinds.ts';
import type { Pod } from '../../backends/kubernetes/objects.ts';
import { Stream } from '../../engine/random.ts';
import { runProgram } from '../command-line.ts';
import { systemFolder } from '../folder.ts';
import { labRun, runningDaemons, systemProcesses } from '../lifecycle.ts';
import { stopProcesses } from '../process.ts';
import { LabReport } from '../report.ts';
import { kubernetesProgram } from './build.ts';
import { kubernetesPaths, NODE_NAME, SYSTEM, startDaemon } from './daemons.ts';
import { randomCase, type SchedulerCase } from './scheduler-case.ts';
import { kubernetesNode } from './system.ts';

const SEED = 20_240_229;
const CASES = 300;
const LOOK_MS = 50;
const LOOKS = 200;
const NAMESPACE = 'default';
/** Names that `randomCase` gives. */
const CASE_NAME = /^(node|set|there|asks)-\d+/;
/** At this verbosity the scheduler logs the weighted score of every plugin. */
const SCORED = /"Plugin scored node for pod"(.*)/g;

/** One decision of the real scheduler. */
interface Decision extends SchedulerCase {
  /** Undefined when no node passed the filters. */
  readonly chosen?: string;
  /** Weighted scores by node and plugin, where there was more than one node to choose from. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

await runProgram(async () => {
  const [file = 'scheduler.jsonl', count = String(CASES)] = process.argv.slice(2);
  const paths = kubernetesPaths();
  const access = await clusterAccess({ kubeconfig: paths.kubeconfig('admin') }, {});
  const api = new KubernetesApi(access);
  await startTalkativeScheduler();
  await api.patch(
    RESOURCES.node,
    { name: NODE_NAME },
    'merge',
    { spec: { unschedulable: true } },
    {},
  );
  await forget(api);
  const random = new Stream(SEED, 0);
  const lines: string[] = [];
  for (let i = 0; i < Number(count); i++) {
    const decision = await decide(api, randomCase(random, i));
    lines.push(JSON.stringify(decision));
    if (i % 25 === 24) process.stdout.write(`${i + 1} decisions\n`);
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
  await api.close();
});

/** Controllers would taint nodes without a kubelet: they are stopped. */
async function startTalkativeScheduler(): Promise<void> {
  const controllers = processOf('kube-controller-manager');
  process.kill(controllers, 'SIGSTOP');
  const old = runningDaemons(SYSTEM).filter(({ name }) => name === 'kube-scheduler');
  const inner = systemProcesses(SYSTEM).filter(({ pid }) => pid === processOf('kube-scheduler'));
  await stopProcesses([...old, ...inner], 5);
  const run = labRun(SYSTEM, new LabReport());
  const program = await kubernetesProgram();
  const node = kubernetesNode();
  if (!node) throw new Error('the cluster of the lab is down');
  await startDaemon(run, node, 'kube-scheduler', program, kubernetesPaths(), ['--v=10']);
}

function processOf(daemon: string): number {
  const found = systemProcesses(SYSTEM).find(
    ({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === daemon,
  );
  if (!found) throw new Error(`${daemon} does not run: npm run lab:up kubernetes`);
  return found.pid;
}

/** Removes what a recording that was broken off has left. */
async function forget(api: KubernetesApi): Promise<void> {
  for (const resource of [RESOURCES.pod, RESOURCES['replica-set'], RESOURCES.node]) {
    for (const { metadata } of (await api.list(resource)).items) {
      const { name = '', namespace } = metadata ?? {};
      if (CASE_NAME.test(name)) await remove(api, resource, { name, namespace });
    }
  }
}

async function remove(api: KubernetesApi, resource: Resource, name: ObjectName): Promise<void> {
  await api.delete(resource, name, { gracePeriodSeconds: 0 }, {});
}

async function decide(api: KubernetesApi, one: SchedulerCase): Promise<Decision> {
  const objects = objectsOf(one);
  await Promise.all(objects.map(([resource, object]) => create(api, resource, object)));
  const [, pod] = podOf(one.pod);
  const began = logSize();
  await create(api, RESOURCES.pod, pod);
  const chosen = await placed(api, one.pod.name);
  const scores = scoresIn(readFileSync(logFile()).subarray(began).toString(), one.pod.name);
  const all = [...objects, [RESOURCES.pod, pod] as const];
  await Promise.all(all.map(([resource, object]) => remove(api, resource, object.metadata)));
  return { ...one, ...(chosen && { chosen }), scores };
}

type Created = { readonly metadata: { readonly name: string; readonly namespace?: string } };

function objectsOf(one: SchedulerCase): readonly (readonly [Resource, Created])[] {
  const nodes = one.nodes.map(
    (node) =>
      [
        RESOURCES.node,
        {
          metadata: { name: node.name, labels: { 'kubernetes.io/hostname': node.name } },
          spec: { unschedulable: node.isCordoned || undefined },
          status: {
            capacity: capacityOf(node),
            allocatable: capacityOf(node),
            conditions: [{ type: 'Ready', status: 'True', reason: 'Recorded', message: '' }],
            images: node.images.map(({ name, size_bytes }) => ({
              names: [name],
              sizeBytes: size_bytes,
            })),
          },
        },
      ] as const,
  );
  const owners = [...new Set([...one.pods, one.pod].map(({ owner }) => owner))].map(
    (name) =>
      [
        RESOURCES['replica-set'],
        {
          metadata: { name, namespace: NAMESPACE },
          spec: {
            replicas: 0,
            selector: { matchLabels: { owner: name } },
            template: {
              metadata: { labels: { owner: name } },
              spec: { containers: [{ name: 'main', image: 'none' }] },
            },
          },
        },
      ] as const,
  );
  return [...nodes, ...owners, ...one.pods.map((pod) => podOf(pod))];
}

function capacityOf(node: SchedulerCase['nodes'][number]) {
  return { cpu: `${node.cpu_m}m`, memory: String(node.memory_bytes), pods: String(node.pods_max) };
}

function podOf(pod: SchedulerCase['pod']) {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: pod.owner, uid: pod.owner };
  const requests = { cpu: `${pod.cpu_m}m`, memory: String(pod.memory_bytes) };
  return [
    RESOURCES.pod,
    {
      metadata: {
        name: pod.name,
        namespace: NAMESPACE,
        labels: { owner: pod.owner },
        ownerReferences: [{ ...owner, controller: true }],
      },
      spec: {
        automountServiceAccountToken: false,
        nodeName: pod.node,
        containers: [{ name: 'main', image: pod.image, resources: { requests } }],
      },
    },
  ] as const;
}

async function create(api: KubernetesApi, resource: Resource, object: Created): Promise<void> {
  const { apiVersion, kind, plural } = resource;
  const { name, namespace } = object.metadata;
  const group = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const path = `${group}/${namespace ? `namespaces/${namespace}/` : ''}${plural}`;
  await api.create(path, { apiVersion, kind, ...object }, { what: `${kind} ${name}` });
  // Admission taints every new node until its kubelet reports.
  if (resource === RESOURCES.node)
    await api.patch(resource, { name }, 'merge', { spec: { taints: null } }, {});
}

async function placed(api: KubernetesApi, name: string): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look++) {
    const pod = await api.get<Pod>(RESOURCES.pod, { name, namespace: NAMESPACE });
    if (pod.spec?.nodeName) return pod.spec.nodeName;
    if (pod.status?.conditions?.some(({ reason }) => reason === 'Unschedulable')) return undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`${name} was not decided on`);
}

function logFile(): string {
  return join(systemFolder(SYSTEM), 'log/kube-scheduler.log');
}

function logSize(): number {
  return readFileSync(logFile()).length;
}

function scoresIn(log: string, pod: string): Decision['scores'] {
  const scores: Record<string, Record<string, number>> = {};
  for (const [, fields] of log.matchAll(SCORED)) {
    const field = (name: string) => new RegExp(`${name}="?([^" ]+)`).exec(fields)?.[1] ?? '';
    if (field('pod') !== `${NAMESPACE}/${pod}`) continue;
    const node = field('node');
    scores[node] = { ...scores[node], [field('plugin')]: Number(field('score')) };
  }
  return scores;
}
