import { KubernetesApi } from '../../backends/kubernetes/api.ts';
import { clusterAccess } from '../../backends/kubernetes/config.ts';
import { RESOURCES } from '../../backends/kubernetes/kinds.ts';
import { isNodeReady, type Node as NodeObject } from '../../backends/kubernetes/objects.ts';
import { CONTAINERD_PACKAGES } from '../containerd/daemon.ts';
import { buildImages } from '../containerd/images.ts';
import { type Node, runningInit } from '../containerd/namespaces.ts';
import { LabError } from '../error.ts';
import { runningDaemons } from '../lifecycle.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { buildKubernetes, KUBERNETES_VERSION } from './build.ts';
import { cleanUp, kubernetesPaths, NODE_NAME, SYSTEM, startCluster } from './daemons.ts';

const LOOKS = 300;
const LOOK_MS = 200;

/** A whole cluster of one node, compiled from the published modules. */
export const kubernetesSystem: LabSystem = {
  name: SYSTEM,
  describes: `Kubernetes ${KUBERNETES_VERSION}: etcd, control plane and a kubelet on a containerd of its own`,
  packages: [...CONTAINERD_PACKAGES, 'openssl', 'socat', 'curl'],

  async prepare(report: LabReport): Promise<void> {
    await report.part(SYSTEM, 'images', async () => (await buildImages()).remark);
    await report.part(SYSTEM, 'build', async () => (await buildKubernetes()).remark);
  },

  async start(run: LabRun): Promise<void> {
    await run.report.part(SYSTEM, 'control plane', async () => {
      await startCluster(run);
      return undefined;
    });
    await run.report.part(SYSTEM, 'node', nodeReady);
  },

  probe,

  async cleanUp(): Promise<void> {
    cleanUp(kubernetesPaths());
  },

  endpoint(): Readonly<Record<string, string>> {
    return { KUBECONFIG: kubernetesPaths().kubeconfig('admin') };
  },

  example(): string {
    return `KUBECONFIG=${kubernetesPaths().kubeconfig('admin')} kubectl get nodes`;
  },
};

async function probe(): Promise<Probe> {
  try {
    const node = await labNode();
    if (isNodeReady(node)) return { ok: true, says: `${NODE_NAME} is ready` };
    return { ok: false, why: `${NODE_NAME} is not ready` };
  } catch (cause) {
    return { ok: false, why: cause instanceof Error ? cause.message : String(cause) };
  }
}

async function labNode(): Promise<NodeObject | undefined> {
  const kubeconfig = kubernetesPaths().kubeconfig('admin');
  const api = new KubernetesApi(await clusterAccess({ kubeconfig }, {}), {
    connect_s: 2,
    answer_s: 5,
  });
  try {
    return await api.find<NodeObject>(RESOURCES.node, { name: NODE_NAME });
  } finally {
    await api.close();
  }
}

async function nodeReady(): Promise<undefined> {
  let why = '';
  for (let look = 0; look < LOOKS; look++) {
    const found = await probe();
    if (found.ok) return;
    why = found.why;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new LabError('LAB_START_FAILED', `kubelet: ${why}`, 'Look into log/kubelet.log.');
}

/** The namespaces of the running system; undefined when it is down. */
export function kubernetesNode(): Node | undefined {
  const holder = runningDaemons(SYSTEM).find(({ name }) => name === 'namespaces')?.pid;
  const init = holder === undefined ? undefined : runningInit(holder);
  return holder === undefined || init === undefined ? undefined : { holder, init };
}
