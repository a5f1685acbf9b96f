/** The operations of the API that the region answers, as a table. Paths are below `api/2.0/`. */
import type { Call } from './call.ts';
import { create } from './create.ts';
import { events } from './events.ts';
import { MACHINE_OPERATIONS } from './machine-operations.ts';
import { blockDevices, interfaces, type MachineRecord, machineJson } from './machine-record.ts';
import { badForm, notFound, Refusal, wrongState } from './refusal.ts';
import { permit, REWIRABLE } from './rules.ts';

interface Route {
  readonly method: string;
  readonly path: string;
  /** Of `?op=`; undefined for the plain method. */
  readonly op?: string;
  readonly admin?: true;
  /** What is answered with 200; undefined is 204. */
  readonly answer: (call: Call) => unknown;
}

const MACHINES: readonly Route[] = [
  { method: 'GET', path: 'machines/', answer: (call) => selected(call).map(machineJson) },
  { method: 'POST', path: 'machines/', answer: create },
  {
    method: 'GET',
    path: 'machines/',
    op: 'list_allocated',
    answer: ({ region, account }) =>
      [...region.machines.values()]
        .filter(({ owner }) => owner === account.username)
        .map(machineJson),
  },
  {
    method: 'GET',
    path: 'machines/',
    op: 'is_registered',
    answer: ({ region, query }) => {
      const mac = query.get('mac_address');
      const all = [...region.machines.values()].flatMap((machine) => machine.interfaces);
      return all.some(({ mac_address }) => mac_address === mac);
    },
  },
  { method: 'POST', path: 'machines/', op: 'allocate', answer: allocate },
  { method: 'GET', path: 'machines/*/', answer: (call) => machineJson(machineOf(call)) },
  { method: 'PUT', path: 'machines/*/', answer: update },
  {
    method: 'DELETE',
    path: 'machines/*/',
    answer: (call) => {
      const machine = machineOf(call);
      permit(machine, call.account, 'admin');
      machine.stop();
      call.region.machines.delete(machine.system_id);
    },
  },
  {
    method: 'GET',
    path: 'machines/*/',
    op: 'query_power_state',
    answer: (call) => ({ state: call.region.queryPower(machineOf(call)) }),
  },
  {
    method: 'GET',
    path: 'machines/*/',
    op: 'power_parameters',
    admin: true,
    answer: (call) => machineOf(call).power_parameters,
  },
  ...Object.entries(MACHINE_OPERATIONS).map(
    ([op, [permission, handler]]): Route => ({
      method: 'POST',
      path: 'machines/*/',
      op,
      answer: (call) => {
        const machine = machineOf(call);
        permit(machine, call.account, permission);
        const answer = handler(machine, call);
        return answer === undefined ? machineJson(machine) : answer;
      },
    }),
  ),
];

const PARTS: readonly Route[] = [
  { method: 'GET', path: 'nodes/*/blockdevices/', answer: (call) => blockDevices(machineOf(call)) },
  {
    method: 'GET',
    path: 'nodes/*/blockdevices/*/',
    answer: (call) => found(blockDevices(machineOf(call)), call.names[1]),
  },
  { method: 'GET', path: 'nodes/*/interfaces/', answer: (call) => interfaces(machineOf(call)) },
  {
    method: 'GET',
    path: 'nodes/*/interfaces/*/',
    answer: (call) => found(interfaces(machineOf(call)), call.names[1], 'Interface'),
  },
  {
    method: 'POST',
    path: 'nodes/*/interfaces/*/',
    op: 'link_subnet',
    answer: (call) => {
      const machine = machineOf(call);
      const nic = found(machine.interfaces, call.names[1], 'Interface');
      if (!REWIRABLE.includes(machine.status)) {
        const where = 'the machine is not New, Ready, Allocated, or Broken.';
        throw wrongState(`Cannot link subnet interface because ${where}`);
      }
      const subnet = Number(call.form.get('subnet'));
      if (!call.site.subnets.some(({ id }) => id === subnet)) {
        throw badForm(
          'subnet',
          'Select a valid choice. That choice is not one of the available choices.',
        );
      }
      nic.subnet = subnet;
      return found(interfaces(machine), call.names[1]);
    },
  },
];

const SITE: readonly Route[] = [
  {
    method: 'GET',
    path: 'users/',
    op: 'whoami',
    answer: ({ account }) => ({ username: account.username, is_superuser: account.isAdmin }),
  },
  { method: 'GET', path: 'zones/', answer: ({ site }) => site.zones },
  {
    method: 'POST',
    path: 'zones/',
    admin: true,
    answer: ({ site, form }) => site.add(site.zones, 'Physical zone', form.get('name')),
  },
  { method: 'GET', path: 'resourcepools/', answer: ({ site }) => site.pools },
  {
    method: 'POST',
    path: 'resourcepools/',
    admin: true,
    answer: ({ site, form }) => site.add(site.pools, 'Resource pool', form.get('name')),
  },
  {
    method: 'GET',
    path: 'resourcepool/*/',
    answer: ({ site, names }) => found(site.pools, names[0]),
  },
  { method: 'GET', path: 'subnets/', answer: ({ site }) => site.subnets },
  {
    method: 'GET',
    path: 'subnets/*/',
    answer: (call) => found(call.site.subnets, call.names[0], 'Subnet'),
  },
  {
    method: 'GET',
    path: 'subnets/*/',
    op: 'statistics',
    answer: ({ site, names }) => {
      found(site.subnets, names[0], 'Subnet');
      return { num_available: 250, num_unavailable: 4, total_addresses: 254, usage: 0.016 };
    },
  },
  { method: 'GET', path: 'boot-resources/', answer: ({ site }) => site.bootResources },
  {
    method: 'GET',
    path: 'maas/',
    op: 'get_config',
    answer: ({ site, query }) => {
      const value = site.config.get(query.get('name') ?? '');
      if (value !== undefined) return value;
      throw badForm('name', `${query.get('name')} is not a valid config setting`);
    },
  },
  {
    method: 'POST',
    path: 'maas/',
    op: 'set_config',
    admin: true,
    answer: ({ region, site, form }) => {
      site.config.set(form.get('name') ?? '', form.get('value') ?? '');
      region.erasesAlways = site.config.get('enable_disk_erasing_on_release') === 'true';
      return 'OK';
    },
  },
  { method: 'GET', path: 'events/', op: 'query', answer: events },
];

const TAGS: readonly Route[] = [
  { method: 'GET', path: 'tags/', answer: ({ site }) => [...site.tags].map(tagJson) },
  {
    method: 'POST',
    path: 'tags/',
    admin: true,
    answer: ({ site, form }) => {
      const name = form.get('name') ?? '';
      if (!/^[\w.-]+$/.test(name)) throw badForm('name', 'Enter a valid value.');
      if (site.tags.has(name)) throw badForm('name', 'Tag with this Name already exists.');
      site.tags.add(name);
      return tagJson(name);
    },
  },
  { method: 'GET', path: 'tags/*/', answer: (call) => tagJson(tagOf(call)) },
  {
    method: 'GET',
    path: 'tags/*/',
    op: 'machines',
    answer: (call) => {
      const tag = tagOf(call);
      return [...call.region.machines.values()]
        .filter(({ tags }) => tags.has(tag))
        .map(machineJson);
    },
  },
  {
    method: 'POST',
    path: 'tags/*/',
    op: 'update_nodes',
    admin: true,
    answer: (call) => {
      const tag = tagOf(call);
      const each = (field: string) =>
        call.form.getAll(field).flatMap((id) => call.region.machines.get(id) ?? []);
      const [added, removed] = [each('add'), each('remove')];
      for (const machine of added) machine.tags.add(tag);
      for (const machine of removed) machine.tags.delete(tag);
      return { added: added.length, removed: removed.length };
    },
  },
];

export const PREFIX = '/MAAS/api/2.0/';

export const ROUTES: readonly Route[] = [...MACHINES, ...PARTS, ...SITE, ...TAGS];

export const unrecognised = (method: string, op: string | undefined) =>
  new Refusal(400, `Unrecognised signature: method=${method} op=${op ?? 'None'}`);

/** Finds the route of a request, or what is wrong with it. */
export function route(method: string, path: string, op: string | undefined) {
  const here = ROUTES.map((each) => ({ each, names: match(each.path, path) })).filter(
    ({ names }) => names !== undefined,
  );
  if (here.length === 0) throw notFound(`Unknown API endpoint: ${PREFIX}${path}.`);
  const asked = here.filter(({ each }) => each.method === method);
  if (asked.length === 0) throw new Refusal(405, '');
  const hit = asked.find(({ each }) => each.op === op);
  if (!hit) throw unrecognised(method, op);
  return { route: hit.each, names: hit.names ?? [] };
}

/** The names that stand for the `*` of a pattern; undefined when the path is another one. */
function match(pattern: string, path: string): readonly string[] | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const names: string[] = [];
  for (const [i, part] of wanted.entries()) {
    if (part === '*' && given[i] !== '') names.push(decodeURIComponent(given[i]));
    else if (part !== given[i]) return undefined;
  }
  return names;
}

function machineOf({ region, names }: Call): MachineRecord {
  const machine = region.machines.get(names[0]);
  if (machine) return machine;
  throw notFound('No Machine matches the given query.');
}

function tagOf({ site, names }: Call): string {
  if (site.tags.has(names[0])) return names[0];
  throw notFound('No Tag matches the given query.');
}

function tagJson(name: string) {
  return { name, definition: '', comment: '', kernel_opts: '' };
}

function found<T extends { readonly id: number }>(
  all: readonly T[],
  id: string,
  what = 'Object',
): T {
  const hit = all.find((each) => String(each.id) === id);
  if (hit) return hit;
  throw notFound(`No ${what} matches the given query.`);
}

function selected({ region, query }: Call): readonly MachineRecord[] {
  const is = (name: string, value: string) =>
    !query.has(name) || query.getAll(name).includes(value);
  return [...region.machines.values()].filter(
    (machine) =>
      is('hostname', machine.hostname) &&
      is('id', machine.system_id) &&
      is('zone', machine.zone) &&
      is('pool', machine.pool) &&
      (!query.has('mac_address') ||
        machine.interfaces.some(({ mac_address }) => is('mac_address', mac_address))),
  );
}

function allocate({ region, site, form, account }: Call) {
  const zone = form.get('zone');
  if (zone !== null && !site.zones.some(({ name }) => name === zone)) {
    throw badForm('zone', `No such zone(s): ${zone}.`);
  }
  const fits = (machine: MachineRecord) =>
    machine.status === 'ready' &&
    (!form.has('system_id') || form.get('system_id') === machine.system_id) &&
    (!form.has('name') || form.get('name') === machine.hostname) &&
    (!form.has('zone') || form.get('zone') === machine.zone) &&
    (!form.has('pool') || form.get('pool') === machine.pool) &&
    form.getAll('tags').every((tag) => machine.tags.has(tag));
  const machine = [...region.machines.values()].find(fits);
  const system_id = form.get('system_id');
  if (!machine && system_id) throw wrongState(`No machine with system ID ${system_id} available.`);
  if (!machine) throw wrongState('No machine available.');
  region.allocate(machine, account.username);
  return machineJson(machine);
}

function update(call: Call) {
  const machine = machineOf(call);
  const { form, site } = call;
  permit(machine, call.account, 'admin');
  const choose = (field: 'zone' | 'pool', all: readonly { readonly name: string }[]) => {
    const wanted = form.get(field);
    if (wanted === null) return;
    if (!all.some(({ name }) => name === wanted)) {
      throw badForm(
        field,
        'Select a valid choice. That choice is not one of the available choices.',
      );
    }
    machine[field] = wanted;
  };
  choose('zone', site.zones);
  choose('pool', site.pools);
  machine.description = form.get('description') ?? machine.description;
  return machineJson(machine);
}
