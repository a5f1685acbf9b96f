/** Virtual interfaces: how a logical port gets onto a host whose Open vSwitch is known. */
import { createHash } from 'node:crypto';
import type { OvsHost } from '../ovs/host.ts';
import type { InterfaceRow } from '../ovs/shape.ts';
import { acting, type VerbContext } from './kind.ts';

/** ovn-controller claims the port that an interface names so (ovn-architecture(7)). */
const IFACE_ID = 'iface-id';
/** The kernel's limit (IFNAMSIZ, without the closing zero). */
const NAME_BYTES_MAX = 15;

/** Plugs a port in: an internal interface on the integration bridge, unless one is there. */
export async function plug(context: VerbContext, host: OvsHost): Promise<void> {
  const { name, attempt } = context;
  await host.session.sync(attempt.signal);
  if (interfacesOf(host, name).length > 0) return;
  const [settings] = [...host.session.replica.rows('Open_vSwitch')];
  const bridge = settings?.external_ids.get('ovn-bridge') ?? 'br-int';
  const external_ids = new Map([[IFACE_ID, name]]);
  await host.addPort(
    interfaceName(name),
    { bridge, type: 'internal', external_ids },
    acting(attempt),
  );
}

/** Takes a port's interfaces from every known host but one. */
export async function unplug(context: VerbContext, except?: string): Promise<void> {
  const { name, databases, attempt } = context;
  for (const [chassis, host] of databases.hosts) {
    if (chassis === except || !host.session.isConnected) continue;
    await host.session.sync(attempt.signal);
    for (const each of interfacesOf(host, name)) {
      await host.deletePort(each.name, acting(attempt));
    }
  }
}

function interfacesOf(host: OvsHost, port: string): readonly InterfaceRow[] {
  return host.session.replica.where('Interface', `external_ids:${IFACE_ID}`, port);
}

/**
 * The port's own name where a network device may be called so (`dev_valid_name` in Linux, which takes
 * neither `.` nor `..`), else `tap` and a hash of it.
 */
export function interfaceName(port: string): string {
  const isValid = /^(?!\.{1,2}$)[\w.-]+$/.test(port);
  if (isValid && Buffer.byteLength(port) <= NAME_BYTES_MAX) return port;
  return `tap${createHash('sha256')
    .update(port)
    .digest('hex')
    .slice(0, NAME_BYTES_MAX - 4)}`;
}
