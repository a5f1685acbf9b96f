import { mkdirSync } from 'node:fs';
import { runningDaemons } from '../lifecycle.ts';
import type { LabRun } from '../system.ts';
import { cephPaths, daemonData } from './paths.ts';

/** Holds the cluster's namespaces; it does nothing else. */
export const HOLDER = 'holder';

const PROGRAMS = {
  mon: '/usr/bin/ceph-mon',
  mgr: '/usr/bin/ceph-mgr',
  osd: '/usr/bin/ceph-osd',
  mds: '/usr/bin/ceph-mds',
  rgw: '/usr/bin/radosgw',
} as const;

export type DaemonKind = keyof typeof PROGRAMS;

/** Makes the namespaces; returns the process that holds them. */
export function startHolder(run: LabRun): Promise<number> {
  return run.daemon(HOLDER, '/bin/sleep', [
    ...['unshare', '--mount', '--net', '--'],
    ...['/bin/sh', '-c', 'ip link set lo up && exec /bin/sleep infinity'],
  ]);
}

/** Starts one daemon, such as `osd` `3`, in the cluster's namespaces; also again after a kill. */
export function startCephDaemon(run: LabRun, kind: DaemonKind, id: string): Promise<number> {
  const holder = runningDaemons('ceph').find(({ name }) => name === HOLDER);
  if (!holder) throw new Error('the cluster has no namespaces');
  mkdirSync(daemonData(`${kind}.${id}`), { recursive: true });
  const program = PROGRAMS[kind];
  const as = kind === 'rgw' ? ['--name', `client.rgw.${id}`] : ['--id', id];
  return run.daemon(`${kind}.${id}`, program, [
    ...['nsenter', '--target', String(holder.pid), '--mount', '--net', '--'],
    ...[program, '--foreground', ...as, '--conf', cephPaths().conf],
  ]);
}
