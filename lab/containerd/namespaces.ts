import { readdirSync, readFileSync } from 'node:fs';
import { LabError } from '../error.ts';
import { commandName, mountNamespace } from '../process.ts';
import type { LabRun } from '../system.ts';

/**
 * Namespaces of one node: processes, mounts, network and name. Whatever runs in them, containers
 * included, ends with their first process.
 */
export interface Node {
  /** The process that made the namespaces, as seen from outside; `lab:down` ends it. */
  readonly holder: number;
  /** The first process within them. */
  readonly init: number;
}

const UNSHARE = 'unshare';
const NSENTER = 'nsenter';
/** Collects the processes that nobody waits for, as the first process of a machine does. */
const INIT = '/usr/bin/tini';

/** Debian packages that `startNode` needs. */
export const NODE_PACKAGES = ['tini', 'iproute2', 'util-linux'] as const;

/** Makes the namespaces; `setUp` are shell commands that run in them first. */
export async function startNode(
  run: LabRun,
  hostname: string,
  setUp: readonly string[],
): Promise<Node> {
  const script = [
    'set -e',
    `hostname ${hostname}`,
    'ip link set lo up',
    ...setUp,
    `exec ${INIT} -- sleep infinity`,
  ];
  const holder = await run.daemon('namespaces', UNSHARE, [
    ...[UNSHARE, '--mount', '--net', '--uts', '--ipc', '--pid', '--fork', '--kill-child'],
    ...['--mount-proc', '--', '/bin/sh', '-c', script.join('\n')],
  ]);
  return { holder, init: await initOf(holder) };
}

/** Starts a daemon in every namespace of a node, or in those named (as options of nsenter). */
export function startInside(
  run: LabRun,
  node: Pick<Node, 'init'>,
  name: string,
  command: readonly string[],
  namespaces: readonly string[] = ['--mount', '--net', '--uts', '--ipc', '--pid'],
): Promise<number> {
  const enter = [NSENTER, '--target', String(node.init), ...namespaces, '--'];
  // Without a namespace of processes nsenter becomes the command itself.
  const becomes = namespaces.includes('--pid') ? NSENTER : command[0];
  return run.daemon(name, becomes, [...enter, ...command]);
}

/** The command line that runs something in a node's namespaces to its end. */
export function inside(node: Pick<Node, 'init'>, command: readonly string[]): readonly string[] {
  return [NSENTER, '--target', String(node.init), '--mount', '--net', '--pid', '--', ...command];
}

const LOOKS = 500;
const LOOK_MS = 20;

/** Waits until the set-up is over and the first process is `INIT`. */
async function initOf(holder: number): Promise<number> {
  for (let look = 0; look < LOOKS; look++) {
    const init = childrenOf(holder).find((pid) => commandName(pid) === INIT);
    if (init !== undefined) return init;
    if (mountNamespace(holder) === undefined) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new LabError(
    'LAB_START_FAILED',
    'the namespaces of the node could not be set up',
    'Look into log/namespaces.log in the folder of the system.',
  );
}

/** The first process of the node that `holder` holds; undefined when it is gone. */
export function runningInit(holder: number): number | undefined {
  return childrenOf(holder).find((pid) => commandName(pid) === INIT);
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}
