import { runningDaemons } from '../lifecycle.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import {
  CONTAINERD_PACKAGES,
  configureContainerd,
  containerdPaths,
  containerdSetUp,
  importImages,
  refusal,
  removeLeftovers,
  startContainerd,
} from './daemon.ts';
import { BUSYBOX_IMAGE, buildImages } from './images.ts';
import { type Node, runningInit, startNode } from './namespaces.ts';

const NAME = 'containerd';

/** As systemd leaves it: runtimes like Kata Containers share folders with a machine by it. */
const PROPAGATE = 'mount --make-rshared /';

/** containerd with runc and crun, and two images that come from no registry. */
export const containerdSystem: LabSystem = {
  name: NAME,
  describes: 'containerd with runc and crun in namespaces of its own, and offline images',
  packages: CONTAINERD_PACKAGES,

  async prepare(report: LabReport): Promise<void> {
    await report.part(NAME, 'images', async () => (await buildImages()).remark);
  },

  async start(run: LabRun): Promise<void> {
    const paths = containerdPaths(NAME);
    removeLeftovers(paths);
    configureContainerd(paths);
    const node = await startNode(run, 'strata-lab', [PROPAGATE, ...containerdSetUp()]);
    await startContainerd(run, node, paths);
    await importImages(paths.socket, (await buildImages()).files);
  },

  async probe(): Promise<Probe> {
    const { socket } = containerdPaths(NAME);
    const why = await refusal(socket);
    return why === undefined ? { ok: true, says: `listens on ${socket}` } : { ok: false, why };
  },

  async cleanUp(): Promise<void> {
    removeLeftovers(containerdPaths(NAME));
  },

  endpoint(): Readonly<Record<string, string>> {
    return {
      CONTAINER_RUNTIME_ENDPOINT: `unix://${containerdPaths(NAME).socket}`,
      image: BUSYBOX_IMAGE,
    };
  },

  example(): string {
    return `ctr --address ${containerdPaths(NAME).socket} --namespace k8s.io containers list`;
  },
};

/** The namespaces of the running system; undefined when it is down. */
export function containerdNode(): Node | undefined {
  const holder = runningDaemons(NAME).find(({ name }) => name === 'namespaces')?.pid;
  const init = holder === undefined ? undefined : runningInit(holder);
  return holder === undefined || init === undefined ? undefined : { holder, init };
}
