import {
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import type { LabRun } from '../system.ts';
import { PAUSE_IMAGE } from './images.ts';
import { NODE_PACKAGES, type Node, startInside } from './namespaces.ts';

const CONTAINERD = '/usr/bin/containerd';
/** The containerd namespace that CRI uses. */
const CRI_NAMESPACE = 'k8s.io';
/** The kernel's limit for the path of a unix socket (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
const LOOKS = 600;
const LOOK_MS = 50;

/** A handler without a shim: what becomes of its sandboxes is for tests to say. */
export const TRIAL_HANDLER = 'trial';

/** Debian packages of a containerd with its runtimes and CNI plugins. */
export const CONTAINERD_PACKAGES = [
  ...NODE_PACKAGES,
  ...['containerd', 'runc', 'crun', 'containernetworking-plugins'],
] as const;

/** Where one containerd keeps what is its own. */
export interface ContainerdPaths {
  readonly root: string;
  readonly config: string;
  readonly networks: string;
  readonly plugins: string;
  /** Where shims are looked for first; the one of the handler `trial` may be put there. */
  readonly shims: string;
  /** While this file exists, sandboxes wait for their network. */
  readonly hold: string;
  readonly socket: string;
  /** Cgroup of all its containers, in every hierarchy. */
  readonly cgroup: string;
}

export function containerdPaths(system: string): ContainerdPaths {
  const base = systemFolder(system);
  return {
    root: join(base, 'root'),
    config: join(base, 'containerd.toml'),
    networks: join(base, 'cni/net.d'),
    plugins: join(base, 'cni/bin'),
    shims: join(base, 'shims'),
    hold: join(base, 'cni/hold'),
    socket: join(base, 'containerd.sock'),
    cgroup: `strata-lab-${system}-${folderNumber(base)}`,
  };
}

/** Shell commands for `startNode`: what containerd needs of its namespaces. */
export function containerdSetUp(): readonly string[] {
  return [
    // Shims meet containerd in fixed places below /run.
    'mkdir -p /run/containerd && mount -t tmpfs -o mode=711 tmpfs /run/containerd',
    // A hybrid host shows cgroup v2 there, without controllers; runtimes would take it for v2.
    'if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi',
  ];
}

/** Writes the configuration anew and forgets every container of before. */
export function configureContainerd(paths: ContainerdPaths): void {
  if (Buffer.byteLength(paths.socket) > SOCKET_PATH_BYTES_MAX) {
    throw new LabError(
      'LAB_PATH_TOO_LONG',
      `${paths.socket} is longer than a unix socket may be (${SOCKET_PATH_BYTES_MAX} bytes)`,
      'Set STRATA_LAB to a folder with a shorter path.',
    );
  }
  rmSync(paths.root, { recursive: true, force: true });
  rmSync(dirname(paths.plugins), { recursive: true, force: true });
  mkdirSync(paths.root, { recursive: true });
  mkdirSync(paths.networks, { recursive: true });
  mkdirSync(paths.plugins, { recursive: true });
  rmSync(paths.shims, { recursive: true, force: true });
  mkdirSync(paths.shims);
  writeFileSync(paths.config, configuration(paths));
  writeFileSync(join(paths.networks, '10-lab.conflist'), `${JSON.stringify(NETWORK, null, 2)}\n`);
  layPlugins(paths);
}

/** Starts containerd in the namespaces of a node; returns when it listens. */
export async function startContainerd(
  run: LabRun,
  node: Pick<Node, 'init'>,
  paths: ContainerdPaths,
): Promise<void> {
  const search = `PATH=${paths.shims}:${process.env['PATH'] ?? ''}`;
  const start = ['/usr/bin/env', search, CONTAINERD, '--config', paths.config];
  await startInside(run, node, 'containerd', start);
  for (let look = 0; look < LOOKS; look++) {
    if ((await refusal(paths.socket)) === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  const why = await refusal(paths.socket);
  throw new LabError('LAB_START_FAILED', `containerd: ${why}`, 'Look into log/containerd.log.');
}

export async function importImages(socket: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await command('ctr', ['-a', socket, '-n', CRI_NAMESPACE, 'images', 'import', file]);
  }
}

/** Takes away the cgroups and the files that containers leave behind when they are killed. */
export function removeLeftovers(paths: ContainerdPaths): void {
  rmSync(paths.root, { recursive: true, force: true });
  for (const hierarchy of readdirSync('/sys/fs/cgroup')) {
    removeCgroup(join('/sys/fs/cgroup', hierarchy, paths.cgroup));
  }
}

function removeCgroup(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeCgroup(join(folder, entry.name));
  }
  try {
    rmdirSync(folder);
  } catch {
    // A process of it is still being reaped; an empty cgroup costs nothing.
  }
}

/** Why nobody can connect; undefined when somebody listens. */
export function refusal(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once('connect', () => {
      client.destroy();
      resolve(undefined);
    });
    client.once('error', (cause) => resolve(cause.message));
  });
}

const NETWORK = {
  cniVersion: '0.4.0',
  name: 'lab',
  plugins: [
    {
      type: 'ptp',
      ipam: { type: 'host-local', dataDir: '/run/containerd/ipam', subnet: '10.99.1.0/24' },
    },
  ],
};

const PLUGINS = '/usr/lib/cni';

/** Debian's CNI plugins; the one that connects a sandbox waits while `hold` exists. */
function layPlugins(paths: ContainerdPaths): void {
  for (const name of ['host-local', 'loopback']) {
    symlinkSync(join(PLUGINS, name), join(paths.plugins, name));
  }
  const lines = [
    '#!/bin/sh',
    `while [ "$CNI_COMMAND" = ADD ] && [ -e '${paths.hold}' ]; do sleep 0.05; done`,
    `exec ${join(PLUGINS, 'ptp')}`,
  ];
  writeFileSync(join(paths.plugins, 'ptp'), `${lines.join('\n')}\n`, { mode: 0o755 });
}

function configuration(paths: ContainerdPaths): string {
  const skipped = ['btrfs', 'zfs', 'aufs', 'devmapper'].map(
    (name) => `"io.containerd.snapshotter.v1.${name}"`,
  );
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const runtime = (name: string, options: string) => `
[${cri}.containerd.runtimes.${name}]
runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.${name}.options]
SystemdCgroup = false
${options}`;
  return `version = 2
root = "${paths.root}"
state = "/run/containerd/state"
disabled_plugins = [${skipped.join(', ')}]
[grpc]
address = "${paths.socket}"
[ttrpc]
address = "/run/containerd/ttrpc.sock"
[plugins."io.containerd.internal.v1.opt"]
path = "${join(paths.root, 'opt')}"
[${cri}]
sandbox_image = "${PAUSE_IMAGE}"
# A container may not lower its score: the lab runs where that is not permitted.
restrict_oom_score_adj = true
disable_tcp_service = true
stream_server_address = "127.0.0.1"
stream_server_port = "0"
[${cri}.cni]
bin_dir = "${paths.plugins}"
conf_dir = "${paths.networks}"
[${cri}.containerd]
default_runtime_name = "runc"
${runtime('runc', '')}
${runtime('crun', 'BinaryName = "/usr/bin/crun"')}
# Kata is in no Debian package: sandboxes of this handler fail unless its shim is in PATH.
[${cri}.containerd.runtimes.kata]
runtime_type = "io.containerd.kata.v2"
[${cri}.containerd.runtimes.${TRIAL_HANDLER}]
runtime_type = "io.containerd.${TRIAL_HANDLER}.v1"
`;
}

/** Tells labs in different folders apart. */
function folderNumber(folder: string): string {
  let sum = 0;
  for (const byte of Buffer.from(folder)) sum = (sum * 31 + byte) % 0x7fff_ffff;
  return sum.toString(36);
}
