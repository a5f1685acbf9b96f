import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { runningDaemons } from '../lifecycle.ts';
import type { LabReport } from '../report.ts';
import type { LabRun, LabSystem, Probe } from '../system.ts';
import { startCentral, startChassis } from './daemons.ts';
import { CHASSIS, nodeFolder, northboundRemote, ovsRemote, southboundRemote } from './paths.ts';

/** The kernel's limit for the path of a unix socket (sockaddr_un), without the closing zero. */
const SOCKET_PATH_BYTES_MAX = 107;
const REGISTER_LOOKS = 300;
const REGISTER_LOOK_MS = 50;

/** OVN: the two databases and northd, and three chassis that tunnel to each other by Geneve. */
export const ovnSystem: LabSystem = {
  name: 'ovn',
  describes:
    'OVN: central and three chassis (userspace datapath, Geneve) in namespaces of their own',
  packages: [
    ...['openvswitch-switch', 'openvswitch-common', 'ovn-central', 'ovn-host', 'ovn-common'],
    ...['iproute2', 'ethtool', 'iputils-ping', 'openssl'],
  ],

  async prepare(_report: LabReport): Promise<void> {},

  async start(run: LabRun): Promise<void> {
    checkPaths();
    // Rows of chassis that are gone would hold up everything that waits for all chassis.
    for (const node of ['central', ...CHASSIS]) {
      rmSync(nodeFolder(node), { recursive: true, force: true });
    }
    const center = await startCentral(run);
    await Promise.all(CHASSIS.map((chassis) => startChassis(run, center, chassis)));
    for (let look = 0; look < REGISTER_LOOKS; look++) {
      if ((await registered()).length === CHASSIS.length) return;
      await new Promise((resolve) => setTimeout(resolve, REGISTER_LOOK_MS));
    }
    throw new LabError(
      'LAB_START_FAILED',
      `only ${(await registered()).join(', ') || 'none'} of ${CHASSIS.join(', ')} registered`,
      `Look into controller.log and vswitchd.log under ${join(nodeFolder('central'), '..')}.`,
    );
  },

  async probe(): Promise<Probe> {
    const missing = missingDaemons();
    if (missing.length > 0) return { ok: false, why: `without ${missing.join(', ')}` };
    try {
      return { ok: true, says: `chassis ${(await registered()).join(', ') || 'none'}` };
    } catch (cause) {
      return { ok: false, why: (cause as Error).message };
    }
  },

  endpoint(): Readonly<Record<string, string>> {
    return {
      OVN_NB_DB: northboundRemote(),
      OVN_SB_DB: southboundRemote(),
      ...Object.fromEntries(CHASSIS.map((chassis) => [`ovs_${chassis}`, ovsRemote(chassis)])),
    };
  },

  example(): string {
    return `OVN_NB_DB=${northboundRemote()} OVN_SB_DB=${southboundRemote()} ovn-sbctl show`;
  },
};

function missingDaemons(): readonly string[] {
  const running = new Set(runningDaemons('ovn').map(({ name }) => name));
  return DAEMONS.filter((name) => !running.has(name));
}

const DAEMONS: readonly string[] = [
  ...['nb', 'sb', 'northd'],
  ...CHASSIS.flatMap((each) => [`${each}-ovsdb`, `${each}-vswitchd`, `${each}-controller`]),
];

/** Names of the chassis that are in the southbound database. */
async function registered(): Promise<readonly string[]> {
  const db = `--db=${southboundRemote()}`;
  const args = [db, '--timeout=5', '--bare', '--columns=name', 'list', 'Chassis'];
  return (await command('ovn-sbctl', args, { timeout_s: 10 }))
    .toString()
    .split(/\s+/)
    .filter(Boolean)
    .sort();
}

function checkPaths(): void {
  const longest = ovsRemote(CHASSIS[0]).length + 'controller.ctl'.length;
  if (longest <= SOCKET_PATH_BYTES_MAX) return;
  throw new LabError(
    'LAB_PATH_TOO_LONG',
    `${nodeFolder(CHASSIS[0])} is too long a path for unix sockets (${SOCKET_PATH_BYTES_MAX} bytes)`,
    'Set STRATA_LAB to a folder with a shorter path.',
  );
}
