import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { command } from '../command.ts';
import {
  type ContainerdPaths,
  configureContainerd,
  containerdPaths,
  containerdSetUp,
  importImages,
  removeLeftovers,
  startContainerd,
} from '../containerd/daemon.ts';
import { buildImages } from '../containerd/images.ts';
import { inside, type Node, startInside, startNode } from '../containerd/namespaces.ts';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import type { LabRun } from '../system.ts';
import { kubernetesProgram } from './build.ts';
import { makeCertificates, type User, writeKubeconfig } from './certificates.ts';

export const SYSTEM = 'kubernetes';
export const NODE_NAME = 'lab-node';

/** Within the node's own network; nothing of it is reached from outside but by the forwarder. */
const NODE_IP = '10.99.0.1';
const API_PORT = 6443;
const ETCD = 'http://127.0.0.1:2379';

export interface KubernetesPaths {
  readonly containerd: ContainerdPaths;
  readonly certificates: string;
  readonly etcd: string;
  readonly kubelet: string;
  readonly kubeletConfig: string;
  readonly fake: string;
  /** Where the forwarder of inside and that of outside meet. */
  readonly gate: string;
  kubeconfig(user: User): string;
}

export function kubernetesPaths(): KubernetesPaths {
  const base = systemFolder(SYSTEM);
  const at = (name: string) => join(base, name);
  return {
    containerd: containerdPaths(SYSTEM),
    certificates: at('certificates'),
    etcd: at('etcd'),
    kubelet: at('kubelet'),
    kubeletConfig: at('kubelet.json'),
    fake: at('fake'),
    gate: at('api.sock'),
    kubeconfig: (user) => at(`${user}.kubeconfig`),
  };
}

/** Starts every daemon anew, with an empty cluster; returns when the node is ready. */
export async function startCluster(run: LabRun): Promise<void> {
  const paths = kubernetesPaths();
  cleanUp(paths);
  const program = await kubernetesProgram();
  await makeCertificates(paths.certificates);
  const port = await freePort();
  writeKubeconfigs(paths, port);
  configureContainerd(paths.containerd);
  configureKubelet(paths);
  const node = await startNode(run, NODE_NAME, [...containerdSetUp(), ...nodeSetUp(paths)]);
  const start = (name: Daemon) => startDaemon(run, node, name, program, paths);
  await start('etcd');
  await start('kube-apiserver');
  await startContainerd(run, node, paths.containerd);
  await importImages(paths.containerd.socket, (await buildImages()).files);
  await startForwarders(run, node, paths, port);
  await until('the API server', () => kubectlLike(node, '/readyz'));
  await Promise.all((['kube-controller-manager', 'kube-scheduler', 'kubelet'] as const).map(start));
}

export type Daemon = keyof typeof FLAGS;

/** Starts one daemon in the node's namespaces; also used to start it again after a test ended it. */
export async function startDaemon(
  run: LabRun,
  node: Pick<Node, 'init'>,
  name: Daemon,
  program: string,
  paths: KubernetesPaths,
  more: readonly string[] = [],
): Promise<void> {
  // What looks for the metadata service of a cloud would wait for it.
  const env = ['/usr/bin/env', 'AWS_EC2_METADATA_DISABLED=true'];
  await startInside(run, node, name, [...env, program, name, ...FLAGS[name](paths), ...more]);
}

const FLAGS = {
  etcd: ({ etcd }: KubernetesPaths) => [
    ...[`--data-dir=${etcd}`, `--listen-client-urls=${ETCD}`, `--advertise-client-urls=${ETCD}`],
    ...['--listen-peer-urls=http://127.0.0.1:2380', '--log-level=warn', '--unsafe-no-fsync'],
  ],
  'kube-apiserver': ({ certificates }: KubernetesPaths) => {
    const at = (name: string) => join(certificates, name);
    return [
      ...[`--etcd-servers=${ETCD}`, '--service-cluster-ip-range=10.96.0.0/24'],
      ...[`--secure-port=${API_PORT}`, `--advertise-address=${NODE_IP}`],
      ...[
        `--tls-cert-file=${at('apiserver.crt')}`,
        `--tls-private-key-file=${at('apiserver.key')}`,
      ],
      ...[`--client-ca-file=${at('ca.crt')}`, '--authorization-mode=Node,RBAC'],
      ...[
        `--kubelet-client-certificate=${at('admin.crt')}`,
        `--kubelet-client-key=${at('admin.key')}`,
      ],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-signing-key-file=${at('service-accounts.key')}`,
      `--service-account-key-file=${at('service-accounts.pub')}`,
      ...['--allow-privileged=true', '--kubelet-preferred-address-types=InternalIP'],
      '--endpoint-reconciler-type=none',
    ];
  },
  'kube-controller-manager': (paths: KubernetesPaths) => [
    ...[`--kubeconfig=${paths.kubeconfig('controller-manager')}`, '--leader-elect=false'],
    `--service-account-private-key-file=${join(paths.certificates, 'service-accounts.key')}`,
    `--root-ca-file=${join(paths.certificates, 'ca.crt')}`,
    ...['--use-service-account-credentials=true', '--bind-address=127.0.0.1'],
    // A silent kubelet is noticed within seconds instead of most of a minute.
    ...['--node-monitor-period=1s', '--node-monitor-grace-period=8s'],
    // Autoscalers look at their targets more often than every 15 s.
    '--horizontal-pod-autoscaler-sync-period=2s',
  ],
  'kube-scheduler': (paths: KubernetesPaths) => [
    ...[`--kubeconfig=${paths.kubeconfig('scheduler')}`, '--leader-elect=false'],
    '--bind-address=127.0.0.1',
  ],
  kubelet: (paths: KubernetesPaths) => [
    ...[`--kubeconfig=${paths.kubeconfig('kubelet')}`, `--config=${paths.kubeletConfig}`],
    ...[`--root-dir=${paths.kubelet}`, `--cert-dir=${join(paths.kubelet, 'pki')}`],
    ...[`--hostname-override=${NODE_NAME}`, `--node-ip=${NODE_IP}`],
  ],
} as const;

/** Kernel settings that the kubelet wants, and may not make where only a container is at hand. */
const SYSCTLS: Readonly<Record<string, string>> = {
  'vm/overcommit_memory': '1',
  'vm/panic_on_oom': '0',
  'kernel/panic': '10',
  'kernel/panic_on_oops': '1',
  'kernel/keys/root_maxkeys': '1000000',
  'kernel/keys/root_maxbytes': '25000000',
};

function nodeSetUp(paths: KubernetesPaths): readonly string[] {
  const sysctls = Object.keys(SYSCTLS).map(
    (name) => `mount --bind '${join(paths.fake, name.replaceAll('/', '.'))}' /proc/sys/${name}`,
  );
  const cgroups = `for each in /sys/fs/cgroup/*/; do mkdir -p "$each"${paths.containerd.cgroup}; done`;
  return [
    ...sysctls,
    cgroups,
    // The kubelet shows what cpus its cgroup has; a new one of v1 has none until it is told.
    `for f in cpus mems; do cat /sys/fs/cgroup/cpuset/cpuset.$f > /sys/fs/cgroup/cpuset/${paths.containerd.cgroup}/cpuset.$f; done`,
    'mkdir -p /var/log/containers && mount -t tmpfs tmpfs /var/log/containers',
    'mount --make-rshared /',
    `ip address add ${NODE_IP}/32 dev lo`,
  ];
}

function configureKubelet(paths: KubernetesPaths): void {
  for (const folder of [paths.kubelet, paths.fake]) mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries(SYSCTLS)) {
    writeFileSync(join(paths.fake, name.replaceAll('/', '.')), `${value}\n`);
  }
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: { x509: { clientCAFile: join(paths.certificates, 'ca.crt') } },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${paths.containerd.cgroup}`,
    containerRuntimeEndpoint: `unix://${paths.containerd.socket}`,
    enforceNodeAllocatable: [],
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
    // Kubernetes still runs on cgroup v1 when it is told to.
    failCgroupV1: false,
    failSwapOn: false,
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    nodeLeaseDurationSeconds: 4,
    nodeStatusUpdateFrequency: '2s',
    oomScoreAdj: 0,
    podLogsDir: join(paths.kubelet, 'pod-logs'),
    protectKernelDefaults: true,
    readOnlyPort: 0,
    resolvConf: '',
    syncFrequency: '2s',
    volumePluginDir: join(paths.kubelet, 'plugins'),
  };
  writeFileSync(paths.kubeletConfig, `${JSON.stringify(config, null, 2)}\n`);
}

/** The daemons reach the API server within their network, everybody else by the forwarder. */
function writeKubeconfigs(paths: KubernetesPaths, port: number): void {
  mkdirSync(paths.certificates, { recursive: true });
  const within = `https://127.0.0.1:${API_PORT}`;
  for (const user of ['controller-manager', 'scheduler', 'kubelet'] as const) {
    writeKubeconfig(paths.certificates, user, within, paths.kubeconfig(user));
  }
  writeKubeconfig(
    paths.certificates,
    'admin',
    `https://127.0.0.1:${port}`,
    paths.kubeconfig('admin'),
  );
}

const SOCAT = '/usr/bin/socat';

/** A port of this machine's loopback leads to the API server in the node's network. */
async function startForwarders(
  run: LabRun,
  node: Node,
  { gate }: KubernetesPaths,
  port: number,
): Promise<void> {
  const within = [SOCAT, `UNIX-LISTEN:${gate},fork,unlink-early`, `TCP:127.0.0.1:${API_PORT}`];
  await startInside(run, node, 'forwarder-inside', within);
  const outside = [
    SOCAT,
    `TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`,
    `UNIX-CONNECT:${gate}`,
  ];
  await startInside(run, node, 'forwarder-outside', outside, ['--mount']);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Asks the API server within its network, as anybody may ask for its health. */
async function kubectlLike(node: Node, path: string): Promise<boolean> {
  const url = `https://127.0.0.1:${API_PORT}${path}`;
  const ca = join(kubernetesPaths().certificates, 'ca.crt');
  const [program, ...args] = inside(node, ['curl', '--silent', '--cacert', ca, url]);
  const answer = await command(program, args).catch(() => Buffer.from(''));
  return answer.toString() === 'ok';
}

const LOOKS = 300;
const LOOK_MS = 200;

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < LOOKS; look++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new LabError(
    'LAB_START_FAILED',
    `${what} does not get ready`,
    `Look into ${join(systemFolder(SYSTEM), 'log')}.`,
  );
}

/** Forgets the cluster of before. */
export function cleanUp(paths: KubernetesPaths): void {
  removeLeftovers(paths.containerd);
  for (const folder of [paths.etcd, paths.certificates, paths.fake]) {
    rmSync(folder, { recursive: true, force: true });
  }
  removeUnmounted(paths.kubelet);
}

/** What pods mounted there went with the node's namespaces. */
function removeUnmounted(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const left = readdirSync(systemFolder(SYSTEM));
  if (left.includes('kubelet')) throw new Error(`${folder} could not be removed`);
}
