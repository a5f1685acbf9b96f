import { DriverBackend } from '../../backends/driver-backend.ts';
import { OvnDriver } from '../../backends/ovn/driver.ts';
import { OvsHost } from '../../backends/ovs/host.ts';
import { parseRemotes } from '../../backends/ovsdb/remote.ts';
import type { Action, Observation, Outcome } from '../../engine/contract.ts';
import { bringUp, labRun, runningDaemons } from '../../lab/lifecycle.ts';
import { startChassis, startController, vsctl } from '../../lab/ovn/daemons.ts';
import { CHASSIS, northboundRemote, ovsRemote, southboundRemote } from '../../lab/ovn/paths.ts';
import { ovnSystem } from '../../lab/ovn/system.ts';
import { LabReport } from '../../lab/report.ts';

export const START_TIMEOUT_MS = 600_000;

/** Starts the lab's OVN unless it runs. Fails, and never skips, where it cannot run. */
export async function startLab(): Promise<void> {
  await bringUp(ovnSystem, new LabReport());
}

export type OvnBackend = DriverBackend<OvnDriver>;

export interface LabOptions {
  readonly northbound?: string;
  readonly southbound?: string;
  /** The chassis whose Open vSwitch the driver may use; all unless told otherwise. */
  readonly hosts?: readonly string[];
  readonly silent_s?: number;
}

/** A driver of the lab's OVN. */
export function openOvn(options: LabOptions = {}): OvnBackend {
  const { northbound = northboundRemote(), southbound = southboundRemote() } = options;
  const hosts = (options.hosts ?? CHASSIS).map(
    (chassis) => [chassis, new OvsHost({ remotes: parseRemotes(ovsRemote(chassis)) })] as const,
  );
  return new DriverBackend(
    new OvnDriver({
      northbound: parseRemotes(northbound),
      southbound: parseRemotes(southbound),
      hosts: new Map(hosts),
      silent_s: options.silent_s,
    }),
  );
}

let count = 0;

/** Asks a backend of the SDN layer for a verb. */
export function ask(
  backend: DriverBackend,
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
  deadline_s = 30,
): Promise<Outcome> {
  const key = `lab-${process.pid}-${++count}`;
  const action: Action = { ...{ key, layer: 'sdn', kind, entity, verb, params, deadline_s } };
  return new Promise((reply) => backend.request(action, reply));
}

/** Like `ask`, for what must succeed; returns what was seen. */
export async function must(...args: Parameters<typeof ask>): Promise<Observation> {
  const outcome = await ask(...args);
  if (outcome.type === 'done' && outcome.observation) return outcome.observation;
  throw new Error(`${args[3]} ${args[1]}/${args[2]}: ${JSON.stringify(outcome)}`);
}

export function close(backend: DriverBackend): Promise<void> {
  return new Promise((closed) => backend.close(closed));
}

/** Deletes everything whose name begins with `prefix`. */
export async function removeAll(prefix: string): Promise<void> {
  const backend = openOvn();
  try {
    const found = (await backend.driver.list()).filter(({ entity }) => entity.startsWith(prefix));
    for (const kind of ORDER) {
      for (const { entity } of found.filter((each) => each.kind === kind)) {
        await must(backend, kind, entity, 'delete');
      }
    }
  } finally {
    await close(backend);
  }
}

/** What refers to something goes before it. */
const ORDER = [
  'port',
  'acl',
  'nat',
  'load-balancer',
  'gateway',
  'logical-router',
  'logical-switch',
];

/** The pid of one of the lab's daemons, such as `hv1-controller`. */
export function daemonPid(name: string): number {
  const daemon = runningDaemons('ovn').find((each) => each.name === name);
  if (!daemon) throw new Error(`the lab's ${name} does not run`);
  return daemon.pid;
}

/** How many of a chassis' tunnels its probes have found to be up. */
export async function probesUp(chassis: string): Promise<number> {
  const find = ['--bare', '--columns=name', 'find', 'Interface', 'bfd_status:state=up'];
  return (await vsctl(chassis, find)).split(/\s+/).filter(Boolean).length;
}

const quiet = new LabReport(() => {});

/** Kills everything of a chassis at once, as a power cut does. */
export function killChassis(chassis: string): void {
  for (const part of ['controller', 'vswitchd', 'ovsdb']) {
    process.kill(daemonPid(`${chassis}-${part}`), 'SIGKILL');
  }
}

/** Starts a chassis again, with the database that it had. */
export async function reviveChassis(chassis: string): Promise<void> {
  await startChassis(labRun('ovn', quiet), daemonPid('nb'), chassis);
}

export async function reviveController(chassis: string): Promise<void> {
  await startController(labRun('ovn', quiet), daemonPid(`${chassis}-ovsdb`), chassis);
}
