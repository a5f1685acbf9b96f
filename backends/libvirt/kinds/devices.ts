import type { Action } from '../../../engine/contract.ts';
import { untilSettled } from '../../await-state.ts';
import type { Attempt } from '../../driver.ts';
import { DEVICE_PARAMS, type DomainVerbParams, domainParams } from '../domain-params.ts';
import type { Domains } from '../domains.ts';
import { libvirtFault } from '../faults.ts';
import { type CallArgs, Flag } from '../protocol.ts';
import type { DomainRef } from '../references.ts';
import type { Session } from '../session.ts';
import { childrenOf, element, parseXml, textOf, toXml } from '../xml.ts';
import { acting } from './kind-driver.ts';

/** One device: its XML as it is asked for, and where to find it. */
interface Device {
  readonly name: string;
  readonly xml: string;
  /** The device as a definition has it; undefined when it does not. */
  find(definition: string): string | undefined;
}

/** How often a guest is looked at that was asked to give a device back. */
const LOOK_EVERY_S = 0.2;
/** How often a guest is asked to give a device back. */
const ASK_AGAIN_S = 2;

/**
 * Attaches or detaches a device of a domain, running or not. Detaching asks the guest, which may
 * take its time or refuse: it ends when the device is gone.
 */
export async function changeDevice(
  action: Action,
  session: Pick<Session, 'call'>,
  domains: Domains,
  attempt: Attempt,
): Promise<void> {
  const dom = await domains.find(action.entity, { signal: attempt.signal });
  const device = deviceOf(action);
  const { state } = await domains.state(dom);
  const isLive = state === 'running' || state === 'paused';
  const flags = Flag.AFFECT_CONFIG | (isLive ? Flag.AFFECT_LIVE : 0);
  const there = device.find(await definitionOf(session, dom));
  if (action.verb.startsWith('attach')) {
    // libvirt would take a second card of the same address.
    if (there) throw libvirtFault('LIBVIRT_WRONG_STATE', `${action.entity} has ${device.name}`);
    const call = { dom, xml: device.xml, flags };
    await session.call('domain_attach_device_flags', call, acting(attempt));
  } else {
    if (!there) {
      throw libvirtFault('LIBVIRT_DEVICE_UNKNOWN', `${device.name} of ${action.entity}`);
    }
    // As libvirt itself describes it: a name alone is no definition.
    const call = { dom, xml: there, flags };
    await session.call('domain_detach_device_flags', call, acting(attempt));
    await untilGone(device, call, session, attempt);
  }
  attempt.effect('done');
}

/** A guest that boots does not hear the request: it is asked again until the device is gone. */
async function untilGone(
  device: Device,
  call: CallArgs<'domain_detach_device_flags'>,
  session: Pick<Session, 'call'>,
  attempt: Attempt,
): Promise<void> {
  const again = setInterval(() => {
    session
      .call('domain_detach_device_flags', { ...call, flags: Flag.AFFECT_LIVE }, acting(attempt))
      .catch(() => {}); // it is on its way, or gone
  }, ASK_AGAIN_S * 1000);
  const look = async () => {
    const isThere = device.find(await definitionOf(session, call.dom)) !== undefined;
    return { kind: 'device', entity: call.dom.name, state: isThere ? 'attached' : 'absent' };
  };
  try {
    await untilSettled(look, ({ state }) => state === 'absent', LOOK_EVERY_S, attempt.signal);
  } finally {
    clearInterval(again);
  }
}

async function definitionOf(session: Pick<Session, 'call'>, dom: DomainRef): Promise<string> {
  return (await session.call('domain_get_xml_desc', { dom, flags: 0 })).xml;
}

function deviceOf(action: Action): Device {
  const { attach_disk, detach_disk, attach_interface, detach_interface } = DEVICE_PARAMS;
  if (action.verb === 'attach_disk') return disk(domainParams(action, attach_disk));
  if (action.verb === 'detach_disk') return disk(domainParams(action, detach_disk));
  if (action.verb === 'attach_interface') {
    return networkInterface(domainParams(action, attach_interface));
  }
  return networkInterface(domainParams(action, detach_interface));
}

function disk(
  given: DomainVerbParams['detach_disk'] & Partial<DomainVerbParams['attach_disk']>,
): Device {
  const { source, target, bus, format } = given;
  return {
    xml: toXml(
      element(
        'disk',
        { type: 'file', device: 'disk' },
        format && element('driver', { name: 'qemu', type: format, cache: 'none' }),
        source && element('source', { file: source }),
        element('target', { dev: target, bus }),
      ),
    ),
    name: `disk ${target}`,
    find: (xml) => find(xml, 'disk', 'target', 'dev', target),
  };
}

function networkInterface(
  given: DomainVerbParams['detach_interface'] & Partial<DomainVerbParams['attach_interface']>,
): Device {
  const { network, mac, model } = given;
  return {
    xml: toXml(
      element(
        'interface',
        { type: 'network' },
        element('mac', { address: mac }),
        network && element('source', { network }),
        model && element('model', { type: model }),
      ),
    ),
    name: `interface ${mac}`,
    find: (xml) => find(xml, 'interface', 'mac', 'address', mac),
  };
}

/** The device of a kind that has a child with an attribute of this value. */
function find(
  xml: string,
  kind: string,
  child: string,
  attribute: string,
  value: string,
): string | undefined {
  const found = childrenOf(parseXml(xml), 'devices')
    .flatMap((all) => childrenOf(all, kind))
    .find((device) =>
      childrenOf(device, child).some((each) => each.getAttribute(attribute) === value),
    );
  return found && textOf(found);
}
