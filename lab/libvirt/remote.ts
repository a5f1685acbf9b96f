/** The first hypervisor as another machine sees it: through an sshd within its namespaces. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../error.ts';
import { systemFolder } from '../folder.ts';
import {
  freePort,
  greeted,
  isGreeting,
  makeKey,
  openWay,
  publicKey,
  SSHD,
  sshdConfig,
} from '../ssh/sshd.ts';
import type { LabRun } from '../system.ts';
import { HYPERVISORS } from './daemons.ts';

const at = (...names: readonly string[]) => join(systemFolder('libvirt'), 'ssh', ...names);

/** The SSH configuration in which the first hypervisor has its own name. */
export const sshConfigPath = () => at('config');

/** Its connection URI with that configuration. */
export const REMOTE_URI = `qemu+ssh://${HYPERVISORS[0]}/system`;

/** Starts sshd in the namespaces of `holder`, where libvirtd's socket is in its usual place. */
export async function startSshd(run: LabRun, holder: number): Promise<void> {
  for (const name of ['client', 'host']) await makeKey(at('keys'), name);
  const port = await freePort();
  configure(port);
  await run.daemon('sshd', SSHD, [
    ...['nsenter', '--target', String(holder), '--mount', '--net', '--uts', '--'],
    ...['/bin/sh', '-c', `mkdir -p /run/sshd && exec ${SSHD} -D -e -f '${at('sshd_config')}'`],
  ]);
  await openWay(run, { holder, door: at('door'), port, names: ['sshd-door', 'sshd-gate'] });
  const said = await greeted(at('door'));
  if (isGreeting(said)) return;
  const advice = `Look into ${join(systemFolder('libvirt'), 'log')}.`;
  throw new LabError('LAB_START_FAILED', `sshd does not answer: ${said}`, advice);
}

function configure(port: number): void {
  mkdirSync(at(), { recursive: true, mode: 0o755 });
  writeFileSync(at('authorized_keys'), `${publicKey(at('keys'), 'client')}\n`, { mode: 0o600 });
  writeFileSync(at('host_key'), readFileSync(at('keys', 'host')), { mode: 0o600 });
  writeFileSync(at('sshd_config'), sshdConfig(at(), 22));
  writeClient(sshConfigPath(), at('known_hosts'), port);
}

/** Writes a client's configuration that reaches the hypervisor at a port of this machine. */
export function writeClient(config: string, knownHosts: string, port: number): void {
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey(at('keys'), 'host')}\n`);
  const lines = [
    `Host ${HYPERVISORS[0]}`,
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User root',
    `  IdentityFile ${at('keys', 'client')}`,
    '  IdentityAgent none',
    `  UserKnownHostsFile ${knownHosts}`,
    '  GlobalKnownHostsFile /dev/null',
    '',
  ];
  writeFileSync(config, lines.join('\n'));
}
