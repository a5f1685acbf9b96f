import { readFileSync } from 'node:fs';
import { isFault } from '../../backends/fault.ts';
import { clusterAccess } from '../../backends/kubernetes/config.ts';
import { KubernetesBackend, type KubernetesOptions } from '../../backends/kubernetes/driver.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { BUSYBOX_IMAGE } from '../../lab/containerd/images.ts';
import { kubernetesPaths } from '../../lab/kubernetes/daemons.ts';
import { kubernetesSystem } from '../../lab/kubernetes/system.ts';
import { bringUp, systemProcesses } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';

/** The first start compiles Kubernetes. */
export const START_TIMEOUT_MS = 3_600_000;

/** Starts the lab's cluster unless it runs. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(kubernetesSystem, new LabReport());
}

/** Opens the cluster, or what listens at another port of this machine. */
export async function openKubernetes(
  options: Partial<KubernetesOptions> = {},
  port?: number,
): Promise<KubernetesBackend> {
  const kubeconfig = kubernetesPaths().kubeconfig('admin');
  const access = await clusterAccess({ kubeconfig }, {});
  const server = new URL(access.server);
  if (port !== undefined) server.port = String(port);
  const watch = { failed: { first_s: 0.05, max_s: 0.5 } };
  return new KubernetesBackend({ access: { ...access, server }, watch, ...options });
}

/** A program that waits and ends soon after it is told to. */
export const WAIT = ['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.2; done"];

/** A pod's specification. */
export function podSpec(command: readonly string[] = WAIT, more: object = {}) {
  return {
    terminationGracePeriodSeconds: 1,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...more,
    containers: [{ name: 'main', image: BUSYBOX_IMAGE, command }],
  };
}

/** A manifest of something that makes pods of one label. */
export function workload(app: string, spec: object = {}, pod: object = podSpec()) {
  return {
    spec: {
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: pod },
      ...spec,
    },
  };
}

let count = 0;

export function ask(
  backend: KubernetesBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<Action> = {},
): Promise<Outcome> {
  const action: Action = {
    key: `lab-${process.pid}-${++count}`,
    ...{ layer: 'caas', kind, entity, verb, params },
    deadline_s: 60,
    ...more,
  };
  return new Promise((reply) => backend.request(action, reply));
}

export function observe(
  backend: KubernetesBackend,
  kind: string,
  entity: string,
): Promise<Observation> {
  return new Promise((resolve, reject) => {
    backend.observe(kind, entity, (seen) => {
      if (isFault(seen)) reject(new Error(JSON.stringify(seen)));
      else resolve(seen);
    });
  });
}

/** What is deleted first takes the others with it. */
const DELETED = [
  ...['hpa', 'pdb', 'deployment', 'stateful-set', 'daemon-set', 'job', 'replica-set', 'pod'],
  ...['service', 'pvc'],
];

/** Deletes everything in the namespace `default` whose name begins with `prefix`. */
export async function removeAll(prefix: string): Promise<void> {
  const backend = await openKubernetes();
  try {
    const all = await backend.driver.list();
    for (const kind of DELETED) {
      const those = all.filter((each) => each.kind === kind && each.entity.startsWith(prefix));
      await Promise.all(
        those.map(async ({ entity }) => {
          const verb = kind === 'pod' ? 'force_delete' : 'delete';
          const outcome = await ask(backend, kind, entity, verb);
          if (outcome.type !== 'done') throw new Error(`${entity}: ${JSON.stringify(outcome)}`);
        }),
      );
    }
  } finally {
    await closed(backend);
  }
}

export function closed(backend: KubernetesBackend): Promise<void> {
  return new Promise((resolve) => backend.close(resolve));
}

/** The process of one of the cluster's daemons, such as `kube-controller-manager`. */
export function daemonPid(name: string): number {
  const found = systemProcesses('kubernetes').find(({ pid }) => {
    const [program, daemon] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return program.endsWith('/kube') && daemon === name;
  });
  if (!found) throw new Error(`${name} does not run`);
  return found.pid;
}

/** Holds what the controllers do, and lets them go on. */
export const controllers = {
  hold: async () => void process.kill(daemonPid('kube-controller-manager'), 'SIGSTOP'),
  release: async () => void process.kill(daemonPid('kube-controller-manager'), 'SIGCONT'),
};
