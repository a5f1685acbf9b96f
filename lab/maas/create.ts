/** `POST machines/`: enlisting a machine. */
import { randomBytes } from 'node:crypto';
import type { StatusName } from '../../model/bare-metal/maas.ts';
import { type Call, isTrue } from './call.ts';
import { type MachineRecord, machineJson } from './machine-record.ts';
import { badForm, Refusal } from './refusal.ts';

const ARCHITECTURE = 'amd64/generic';
const POWER_TYPES: readonly string[] = ['manual', 'ipmi', 'redfish', 'virsh', 'lxd', 'webhook'];

/** What is wrong with a form whose fields are all there. */
function refuse(form: URLSearchParams): void {
  const architecture = form.get('architecture');
  if (architecture !== ARCHITECTURE) {
    const known = `It should be one of: '${ARCHITECTURE}'.`;
    throw badForm('architecture', `'${architecture}' is not a valid architecture.  ${known}`);
  }
  const mac = form
    .getAll('mac_addresses')
    .find((each) => !/^([\da-f]{2}[:-]){5}[\da-f]{2}$/i.test(each));
  if (mac !== undefined) throw badForm('mac_addresses', `'${mac}' is not a valid MAC address.`);
  const type = form.get('power_type') || 'manual';
  if (POWER_TYPES.includes(type)) return;
  const unknown = [...form.keys()].filter((name) => name.startsWith('power_parameters_'));
  const names = unknown.map((name) => name.slice('power_parameters_'.length));
  throw new Refusal(400, {
    power_type: [`Select a valid choice. ${type} is not one of the available choices.`],
    power_parameters: [`Unknown parameter(s): ${names.join(', ')}.`],
  });
}

export function create(call: Call) {
  const { region, form, account } = call;
  const missing = ['architecture', 'mac_addresses'].filter((name) => !form.get(name));
  if (missing.length > 0) {
    const messages = missing.map((name) => [name, ['This field is required.']]);
    throw new Refusal(400, Object.fromEntries(messages));
  }
  refuse(form);
  const system_id = randomBytes(4).toString('hex').slice(0, 6);
  const hostname = form.get('hostname') || system_id;
  const all = [...region.machines.values()];
  if (all.some((each) => each.hostname === hostname)) {
    throw badForm('hostname', 'Node with this Hostname already exists.');
  }
  const macs = form.getAll('mac_addresses');
  for (const each of all) {
    const twice = each.interfaces.find((nic) => macs.includes(nic.mac_address));
    if (!twice) continue;
    const where = `already in use on ${each.hostname}.`;
    throw badForm('mac_addresses', `MAC address ${twice.mac_address} ${where}`);
  }
  const machine: MachineRecord = {
    ...blank(system_id, hostname),
    architecture: form.get('architecture') ?? '',
    power_type: form.get('power_type') || 'manual',
    power_parameters: Object.fromEntries(
      [...form]
        .filter(([name]) => name.startsWith('power_parameters_'))
        .map(([name, value]) => [name.slice('power_parameters_'.length), value]),
    ),
    interfaces: macs.map((mac_address, i) => ({
      ...{ id: i + 1, name: `eth${i}`, mac_address, subnet: undefined },
    })),
  };
  region.machines.set(system_id, machine);
  // What an administrator creates is commissioned, unless the form says no.
  const isAsked = !form.has('commission') || isTrue(form, 'commission');
  if (account.isAdmin && isAsked) region.commission(machine, account.username);
  return machineJson(machine);
}

function blank(system_id: string, hostname: string) {
  return {
    ...{ system_id, hostname, status: 'new' as StatusName, power: 'unknown' as const },
    ...{ isSwitching: false, previous: 'new' as StatusName, isKnown: false },
    ...{ wasCommissioned: false, hasPassedCommissioning: false },
    ...{ osystem: '', distro_series: '', user_data: '', owner: '', owner_data: {} },
    ...{ locked: false, zone: 'default', pool: 'default', description: '' },
    tags: new Set<string>(),
    stop: () => {},
  };
}
