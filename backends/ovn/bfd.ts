/**
 * What the chassis say of each other: each probes its tunnels by BFD (once gateways need it) and
 * keeps the result in its own Open vSwitch. Only hosts whose Open vSwitch is known can be asked.
 */
import type { OvsHost } from '../ovs/host.ts';
import type { Databases } from './databases.ts';

/** ovn-controller marks a tunnel with the chassis it leads to, `hv2` or `hv2@192.0.2.12`. */
const TUNNEL_MARK = 'ovn-chassis-id';

/**
 * Whether the others see a chassis dead: some say that BFD to it is down, and none says it is up. One
 * that is cut off itself sees everybody down, so one good word counts more than any bad one.
 */
export function isDead(chassis: string, { hosts }: Databases): boolean {
  const states = [...hosts]
    .filter(([name, host]) => name !== chassis && host.session.isConnected)
    .flatMap(([, host]) => tunnelStates(host, chassis));
  return states.includes('down') && !states.includes('up');
}

function tunnelStates(host: OvsHost, chassis: string): readonly string[] {
  const { replica } = host.session;
  const tunnels = [...replica.rows('Port')].filter(
    ({ external_ids }) => String(external_ids.get(TUNNEL_MARK)).split('@')[0] === chassis,
  );
  return tunnels
    .flatMap(({ interfaces }) => replica.rowsOf('Interface', interfaces))
    .filter(({ bfd_status }) => !isNew(bfd_status))
    .flatMap(({ bfd_status }) => bfd_status.get('state') ?? []);
}

/** BFD that was just turned on is down until the first answers come; that says nothing yet. */
function isNew(status: ReadonlyMap<string, string>): boolean {
  return status.get('state') !== 'up' && (status.get('flap_count') ?? '0') === '0';
}
