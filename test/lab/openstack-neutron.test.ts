import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NeutronBackend } from '../../backends/openstack/neutron.ts';
import type { Outcome } from '../../engine/contract.ts';
import { INNER_PORTS, stackAddress } from '../../lab/openstack/paths.ts';
import {
  closed,
  cloudNamespace,
  labCloud,
  PATIENCE_S,
  START_TIMEOUT_MS,
  startCloud,
} from './openstack-lab.ts';

const NAME = `neutron-${process.pid}`;
const TEST_TIMEOUT_MS = 300_000;
/** A physical network takes one flat network: the tests share it. */
const OUTSIDE = `${NAME}-out`;
const LEADS_OUT = { external: true, physical_network: 'public', cidr: '192.0.2.0/24' };
let backend: NeutronBackend;

beforeAll(async () => {
  await startCloud();
  backend = new NeutronBackend(await labCloud());
}, START_TIMEOUT_MS);

afterAll(async () => {
  for (const kind of ['nat', 'port', 'logical-router', 'logical-switch', 'acl']) {
    const left = (await backend.driver.list()).filter(
      (each) => each.kind === kind && each.entity.startsWith(NAME),
    );
    for (const { entity } of left) await ask(kind, entity, 'delete');
  }
  await closed(backend);
}, TEST_TIMEOUT_MS);

function ask(
  kind: string,
  entity: string,
  verb: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> {
  const key = randomUUID();
  const layer = 'sdn';
  return new Promise((reply) => {
    backend.request({ key, layer, kind, entity, verb, params, deadline_s: PATIENCE_S }, reply);
  });
}

async function reach(...[kind, entity, verb, params]: Parameters<typeof ask>): Promise<string> {
  const outcome = await ask(kind, entity, verb, params);
  if (outcome.type !== 'done') throw new Error(`${verb}: ${JSON.stringify(outcome)}`);
  return outcome.observation?.state ?? 'nothing';
}

const southbound = async (...args: readonly string[]): Promise<string> => {
  const database = `--db=tcp:${stackAddress()}:${INNER_PORTS.southbound}`;
  const printed = await cloudNamespace().run('ovn-sbctl', [database, ...args]);
  return printed.toString().trim();
};

/**
 * What ovn-controller of a host does with a port once it is asked to (a fake host has none): it
 * claims it, or lets it go.
 */
async function claim(port: string, host: string | undefined): Promise<void> {
  const column = (name: string) =>
    southbound('--bare', `--columns=${name}`, 'find', 'Port_Binding', `logical_port=${port}`);
  const isAsked = async () => ((await column('requested_chassis')) !== '') === (host !== undefined);
  for (let look = 0; look < 200 && !(await isAsked()); look++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const binding = await column('_uuid');
  if (host === undefined) await southbound('clear', 'Port_Binding', binding, 'chassis');
  else {
    const chassis = await southbound('get', 'Chassis', host, '_uuid');
    await southbound('set', 'Port_Binding', binding, `chassis=${chassis}`);
  }
  await southbound('set', 'Port_Binding', binding, `up=${host !== undefined}`);
}

it(
  'networks, routers and security groups are made, changed and deleted',
  async () => {
    const net = { cidr: '10.7.0.0/24', dns_servers: ['10.7.0.2'] };
    expect(await reach('logical-switch', NAME, 'create', net)).toBe('active');
    expect(await reach('logical-switch', NAME, 'create', net)).toBe('active');
    const other = { cidr: '10.8.0.0/24' };
    expect(await reach('logical-switch', `${NAME}-b`, 'create', other)).toBe('active');
    expect(await reach('logical-switch', OUTSIDE, 'create', LEADS_OUT)).toBe('active');
    const router = { networks: [NAME], external_network: OUTSIDE };
    expect(await reach('logical-router', NAME, 'create', router)).toBe('active');
    // It keeps the network from being deleted.
    expect(await ask('logical-switch', NAME, 'delete')).toMatchObject({
      fault: { code: 'OPENSTACK_CONFLICT', upstream: '409 NetworkInUse', effect: 'none' },
    });
    const both = { networks: [NAME, `${NAME}-b`] };
    expect(await reach('logical-router', NAME, 'update', both)).toBe('active');
    expect(await legsOf(NAME)).toHaveLength(2);
    expect(await reach('logical-router', NAME, 'update', { networks: [`${NAME}-b`] })).toBe(
      'active',
    );
    expect(await legsOf(NAME)).toHaveLength(1);
    expect(await reach('logical-router', NAME, 'delete')).toBe('absent');
    expect(await reach('logical-switch', NAME, 'delete')).toBe('absent');
  },
  TEST_TIMEOUT_MS,
);

/** The ports by which a router is in its networks. */
async function legsOf(router: string): Promise<readonly unknown[]> {
  const all = await backend.driver.list();
  const { attributes } = await backend.driver.observe('logical-router', router);
  return all.filter(
    (each) =>
      each.attributes?.['device'] === attributes?.['id'] &&
      String(each.attributes?.['owner']).includes('router_interface'),
  );
}

it(
  'a floating IP leads to a port, to another one, and to nobody',
  async () => {
    const inside = `${NAME}-in`;
    await reach('logical-switch', inside, 'create', { cidr: '10.11.0.0/24' });
    await reach('logical-switch', OUTSIDE, 'create', LEADS_OUT);
    const router = { networks: [inside], external_network: OUTSIDE };
    await reach('logical-router', inside, 'create', router);
    for (const [port, fixed_ip] of [
      ['a', '10.11.0.50'],
      ['b', '10.11.0.51'],
    ]) {
      await reach('port', `${NAME}-${port}`, 'create', { network: inside, fixed_ip });
    }
    const floating = { external_network: OUTSIDE, external_ip: '192.0.2.200' };
    expect(await reach('nat', NAME, 'create', { ...floating, port: `${NAME}-a` })).toBe('active');
    expect((await backend.driver.observe('nat', NAME)).attributes).toMatchObject({
      ...{ type: 'dnat_and_snat', external_ip: '192.0.2.200', logical_ip: '10.11.0.50' },
    });
    expect(await translations()).toContain('dnat_and_snat 192.0.2.200 10.11.0.50');
    await reach('nat', NAME, 'update', { port: `${NAME}-b` });
    expect(await translations()).toContain('dnat_and_snat 192.0.2.200 10.11.0.51');
    // It keeps the port's network from being left by the router.
    expect(await ask('logical-router', inside, 'update', { networks: [] })).toMatchObject({
      fault: { code: 'OPENSTACK_CONFLICT', effect: 'none' },
    });
    await reach('nat', NAME, 'update');
    const { attributes } = await backend.driver.observe('nat', '192.0.2.200');
    expect(attributes).not.toHaveProperty('logical_ip');
    expect(await translations()).not.toContain('dnat_and_snat');
    const listed = (await backend.driver.list()).filter(({ kind }) => kind === 'nat');
    expect(listed.map(({ entity }) => entity)).toContain(NAME);
    expect(await ask('nat', `${NAME}-2`, 'create', floating)).toMatchObject({
      fault: { code: 'OPENSTACK_CONFLICT', upstream: '409 IpAddressAlreadyAllocated' },
    });
    expect(await reach('nat', NAME, 'delete')).toBe('absent');
    await reach('logical-router', inside, 'delete');
  },
  TEST_TIMEOUT_MS,
);

/** The NAT rules of OVN, a line each. */
async function translations(): Promise<string> {
  const database = `--db=tcp:${stackAddress()}:${INNER_PORTS.northbound}`;
  const columns = '--columns=type,external_ip,logical_ip';
  const printed = await cloudNamespace().run('ovn-nbctl', [
    ...[database, '--format=csv', '--no-headings', '--data=bare', columns, 'list', 'NAT'],
  ]);
  return printed.toString().replaceAll(',', ' ');
}

it('a network is listed with its address range', async () => {
  const name = `${NAME}-range`;
  await reach('logical-switch', name, 'create', { cidr: '10.12.0.0/24' });
  const listed = (await backend.driver.list()).find(({ entity }) => entity === name);
  expect(listed?.attributes).toMatchObject({ cidr: '10.12.0.0/24', gateway_ip: '10.12.0.1' });
});

it('a security group has the rules that it is given, and no others', async () => {
  const web = { direction: 'ingress', protocol: 'tcp', port_min: 80, port_max: 80 };
  const out = { direction: 'egress' };
  const rulesOf = async () => (await backend.driver.observe('acl', NAME)).attributes?.['rules'];
  expect(await reach('acl', NAME, 'create', { rules: [web, out] })).toBe('active');
  expect(await rulesOf()).toBe(2);
  const local = { ...web, remote_cidr: '10.7.0.0/24' };
  expect(await reach('acl', NAME, 'update', { rules: [web, local, out] })).toBe('active');
  expect(await rulesOf()).toBe(3);
  expect(await reach('acl', NAME, 'update', { rules: [local] })).toBe('active');
  expect(await rulesOf()).toBe(1);
  const bad = { rules: [{ ...web, port_min: 90 }] };
  expect(await ask('acl', NAME, 'update', bad)).toMatchObject({
    fault: { code: 'OPENSTACK_BAD_REQUEST', effect: 'none' },
  });
  expect(await reach('acl', NAME, 'delete')).toBe('absent');
});

it(
  'a port is bound when the controller of its host has claimed it, and unbound when it lets go',
  async () => {
    const net = `${NAME}-ports`;
    await reach('logical-switch', net, 'create', { cidr: '10.9.0.0/24' });
    const port = { network: net, fixed_ip: '10.9.0.77', security_groups: [] };
    expect(await reach('port', NAME, 'create', port)).toBe('DOWN');
    const { attributes } = await backend.driver.observe('port', NAME);
    expect(attributes).toMatchObject({ address: '10.9.0.77' });
    const id = String(attributes?.['id']);
    const states: string[] = [];
    const stop = backend.watch(({ entity, state }) => {
      if (entity === NAME) states.push(state);
    });
    const bound = reach('port', NAME, 'bind', { host: 'cmp1' });
    await claim(id, 'cmp1');
    expect(await bound).toBe('ACTIVE');
    const unbound = reach('port', NAME, 'unbind');
    await claim(id, undefined);
    expect(await unbound).toBe('DOWN');
    stop();
    expect(states).toContain('ACTIVE');
    expect(states.at(-1)).toBe('DOWN');
    expect(await ask('port', `${NAME}-taken`, 'create', port)).toMatchObject({
      fault: { code: 'OPENSTACK_CONFLICT', upstream: '409 IpAddressAlreadyAllocated' },
    });
    expect(await reach('port', NAME, 'delete')).toBe('absent');
  },
  TEST_TIMEOUT_MS,
);

it('a network that overlaps, and a port without a network, are refused', async () => {
  const net = `${NAME}-overlap`;
  await reach('logical-switch', net, 'create', { cidr: '10.10.0.0/24' });
  expect(await ask('logical-switch', net, 'update', { cidr: '10.10.0.0/25' })).toMatchObject({
    fault: { code: 'OPENSTACK_BAD_REQUEST', upstream: '400 InvalidInput', effect: 'none' },
  });
  expect(await ask('port', `${NAME}-none`, 'create')).toMatchObject({
    fault: { code: 'OPENSTACK_BAD_PARAMS', effect: 'none' },
  });
  expect(await ask('port', `${NAME}-none`, 'bind', { host: 'cmp1' })).toMatchObject({
    fault: { code: 'OPENSTACK_NOT_FOUND', effect: 'none' },
  });
});

it('it can be diagnosed', async () => {
  const checks = await backend.driver.diagnose();
  expect(checks.map(({ check, ok }) => [check, ok])).toEqual([
    ['authenticated', true],
    ['version', true],
    ['permitted', true],
  ]);
});
