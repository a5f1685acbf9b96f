import { MDSS, MGRS, MONS, OSDS, RGW } from '../../lab/ceph/conf.ts';
import { type DaemonKind, startCephDaemon } from '../../lab/ceph/daemons.ts';
import { cephPaths } from '../../lab/ceph/paths.ts';
import { command } from '../../lab/command.ts';
import { labRun, runningDaemons } from '../../lab/lifecycle.ts';
import { isAlive } from '../../lab/process.ts';
import { LabReport } from '../../lab/report.ts';

const quiet = new LabReport(() => {});
const LOOK_MS = 20;

/** Sends a signal to one daemon of the lab's cluster, such as `osd.3`; waits for its end if any. */
export async function signal(name: string, how: NodeJS.Signals): Promise<void> {
  const daemon = runningDaemons('ceph').find((each) => each.name === name);
  if (!daemon) throw new Error(`${name} does not run`);
  process.kill(daemon.pid, how);
  if (how !== 'SIGKILL' && how !== 'SIGTERM') return;
  while (isAlive(daemon)) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

/** Starts a daemon again, unless it runs. */
export async function start(name: string): Promise<void> {
  if (runningDaemons('ceph').some((each) => each.name === name)) return;
  const [kind, id] = name.split('.');
  await startCephDaemon(labRun('ceph', quiet), kind as DaemonKind, id);
}

/** Every daemon runs again, whatever a test left of them. */
export async function startAll(): Promise<void> {
  const mons = MONS.map((id) => `mon.${id}`);
  const mgrs = MGRS.map((id) => `mgr.${id}`);
  const osds = OSDS.map((id) => `osd.${id}`);
  const mdss = MDSS.map((id) => `mds.${id}`);
  for (const { pid } of runningDaemons('ceph')) process.kill(pid, 'SIGCONT');
  for (const name of [...mons, ...mgrs, ...osds, ...mdss, `rgw.${RGW}`]) await start(name);
}

/** Writes objects into a pool for a while, so that there is something to recover. */
export async function writeObjects(pool: string, seconds: number): Promise<void> {
  const as = ['--conf', cephPaths().conf, '--name', 'client.admin'];
  const bench = ['bench', String(seconds), 'write', '--no-cleanup', '-b', '16384', '-t', '4'];
  await command('rados', [...as, '--pool', pool, ...bench]);
}
