import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { interfaceName } from '../../backends/ovn/vif.ts';
import { command } from '../../lab/command.ts';
import { vsctl } from '../../lab/ovn/daemons.ts';
import { CHASSIS, northboundRemote, southboundRemote } from '../../lab/ovn/paths.ts';
import {
  ask,
  close,
  daemonPid,
  must,
  type OvnBackend,
  openOvn,
  removeAll,
  START_TIMEOUT_MS,
  startLab,
} from './ovn-lab.ts';

const PREFIX = `kinds-${process.pid}-`;
const SWITCH = `${PREFIX}net`;
const ROUTER = `${PREFIX}router`;

let ovn: OvnBackend;

beforeAll(async () => {
  await startLab();
  ovn = openOvn();
}, START_TIMEOUT_MS);

afterEach(() => removeAll(PREFIX));
afterAll(() => close(ovn));

/** Runs `ovn-nbctl`: what the driver did, as OVN's own tool sees it. */
async function nbctl(...args: string[]): Promise<string> {
  const all = [`--db=${northboundRemote()}`, '--timeout=10', ...args];
  return (await command('ovn-nbctl', all)).toString().trim();
}

async function sbctl(...args: string[]): Promise<string> {
  const all = [`--db=${southboundRemote()}`, '--timeout=10', ...args];
  return (await command('ovn-sbctl', all)).toString().trim();
}

/** Runs a program in the network of a chassis. */
function inChassis(chassis: string, ...program: string[]): Promise<Buffer> {
  const pid = String(daemonPid(`${chassis}-vswitchd`));
  return command('nsenter', ['--target', pid, '--net', '--', ...program], { timeout_s: 10 });
}

const do_ = (kind: string, entity: string, verb: string, params: object = {}) =>
  must(ovn, kind, entity, verb, params as Record<string, unknown>);

/** A switch with a router on it, as most tests need. */
async function network(): Promise<void> {
  await do_('logical-switch', SWITCH, 'create', { other_config: { subnet: '10.7.0.0/24' } });
  await do_('logical-router', ROUTER, 'create', {
    ports: [
      { name: `${ROUTER}-in`, mac: '0a:00:00:00:07:01', networks: ['10.7.0.1/24'], switch: SWITCH },
      { name: `${ROUTER}-out`, mac: '0a:00:00:00:07:02', networks: ['198.51.100.1/24'] },
    ],
    routes: [{ prefix: '0.0.0.0/0', nexthop: '198.51.100.254' }],
  });
}

it('creates, updates and deletes a switch, as ovn-nbctl sees it', async () => {
  const wanted = { other_config: { subnet: '10.7.0.0/24' }, external_ids: { owner: 'test' } };
  expect(await do_('logical-switch', SWITCH, 'create', wanted)).toMatchObject({
    state: 'active',
    attributes: { ports: 0, subnet: '10.7.0.0/24' },
  });
  expect(await nbctl('get', 'logical_switch', SWITCH, 'external_ids:owner')).toBe('test');
  await do_('logical-switch', SWITCH, 'update', { other_config: { subnet: '10.8.0.0/24' } });
  expect(await nbctl('get', 'logical_switch', SWITCH, 'other_config:subnet')).toBe('"10.8.0.0/24"');
  expect(await nbctl('get', 'logical_switch', SWITCH, 'external_ids:owner')).toBe('test');
  expect(await do_('logical-switch', SWITCH, 'delete')).toMatchObject({ state: 'absent' });
  expect(await nbctl('--bare', '--columns=name', 'find', 'logical_switch', `name=${SWITCH}`)).toBe(
    '',
  );
  expect(await do_('logical-switch', SWITCH, 'delete')).toMatchObject({ state: 'absent' });
});

it('creates a router with ports, peers and routes, and takes its peers along', async () => {
  await network();
  expect(await ovn.driver.observe('logical-router', ROUTER)).toMatchObject({
    state: 'active',
    attributes: { ports: 2, routes: 1, networks: '10.7.0.1/24 198.51.100.1/24' },
  });
  expect(await nbctl('lsp-get-type', `${SWITCH}-${ROUTER}`)).toBe('router');
  await do_('logical-router', ROUTER, 'update', {
    ports: [
      { name: `${ROUTER}-in`, mac: '0a:00:00:00:07:01', networks: ['10.7.0.254/24'] },
      { name: `${ROUTER}-more`, mac: '0a:00:00:00:07:03', networks: ['10.9.0.1/24'] },
    ],
    routes: [],
  });
  expect(await ovn.driver.observe('logical-router', ROUTER)).toMatchObject({
    attributes: { ports: 3, routes: 0, networks: '10.7.0.254/24 10.9.0.1/24 198.51.100.1/24' },
  });
  await do_('logical-router', ROUTER, 'delete');
  expect(await ovn.driver.observe('logical-switch', SWITCH)).toMatchObject({
    attributes: { ports: 0 },
  });
});

it('holds access rules as one entity, on a switch or a port group', async () => {
  const acl = `${PREFIX}web`;
  await do_('logical-switch', SWITCH, 'create');
  const allow = { direction: 'to-lport', priority: 1000, match: 'ip4', action: 'allow-related' };
  const drop = { direction: 'to-lport', priority: 900, match: 'ip', action: 'drop' };
  expect(await do_('acl', acl, 'create', { switch: SWITCH, rules: [allow, drop] })).toMatchObject({
    state: 'active',
    attributes: { rules: 2, switch: SWITCH },
  });
  expect((await nbctl('acl-list', SWITCH)).split('\n')).toHaveLength(2);
  await do_('acl', acl, 'update', { rules: [{ ...drop, log: true }] });
  expect(await nbctl('acl-list', SWITCH)).toContain('log(');
  expect(await do_('acl', acl, 'delete')).toMatchObject({ state: 'absent' });
  expect(await nbctl('acl-list', SWITCH)).toBe('');
});

it('translates addresses: NAT of a router, as ovn-nbctl sees it', async () => {
  await network();
  const nat = `${PREFIX}snat`;
  const wanted = {
    ...{ router: ROUTER, type: 'snat', external_ip: '198.51.100.1' },
    logical_ip: '10.7.0.0/24',
  };
  expect(await do_('nat', nat, 'create', wanted)).toMatchObject({
    state: 'active',
    attributes: { type: 'snat', router: ROUTER, logical_ip: '10.7.0.0/24' },
  });
  expect(await nbctl('lr-nat-list', ROUTER)).toMatch(/snat +198\.51\.100\.1 +10\.7\.0\.0\/24/);
  await do_('nat', nat, 'update', { external_ip: '198.51.100.7' });
  expect(await nbctl('lr-nat-list', ROUTER)).toContain('198.51.100.7');
  expect(await do_('nat', nat, 'delete')).toMatchObject({ state: 'absent' });
  expect(await nbctl('lr-nat-list', ROUTER)).toBe('');
});

it('follows the health checks of a load balancer', async () => {
  await network();
  const port = `${PREFIX}backend`;
  await do_('port', port, 'create', {
    ...{ switch: SWITCH, addresses: ['0a:00:00:00:07:11 10.7.0.11'] },
  });
  await do_('port', port, 'bind', { chassis: 'hv1' });
  const balancer = `${PREFIX}lb`;
  const vip = '10.7.0.100:80';
  const seen = new Set<string>();
  const stop = ovn.watch(({ entity, state }) => entity === balancer && seen.add(state));
  await do_('load-balancer', balancer, 'create', {
    ...{ vips: { [vip]: '10.7.0.11:80' }, protocol: 'tcp', switches: [SWITCH] },
    ip_port_mappings: { '10.7.0.11': `${port}:10.7.0.254` },
    health_checks: { [vip]: { interval: '1', timeout: '1', failure_count: '1' } },
  });
  // Nothing listens behind the port, so its only backend is found offline.
  await expect
    .poll(() => ovn.driver.observe('load-balancer', balancer), { timeout: 20_000, interval: 200 })
    .toMatchObject({ state: 'offline', reason: '0 of 1 backends online' });
  stop();
  expect([...seen]).toEqual(['creating', 'active', 'offline']);
  await do_('load-balancer', balancer, 'update', { vips: { [vip]: '10.7.0.11:80,10.7.0.12:80' } });
  expect(await nbctl('--bare', '--columns=vips', 'list', 'load_balancer', balancer)).toContain(
    '10.7.0.12:80',
  );
  await do_('load-balancer', balancer, 'delete');
});

it('answers DHCP for ports that refer to its options', async () => {
  const dhcp = `${PREFIX}dhcp`;
  const port = `${PREFIX}client`;
  await do_('logical-switch', SWITCH, 'create');
  const options = {
    ...{ server_id: '10.7.0.1', server_mac: '0a:00:00:00:07:01' },
    ...{ lease_time: '3600', router: '10.7.0.1' },
  };
  await do_('dhcp-options', dhcp, 'create', { cidr: '10.7.0.0/24', options });
  await do_('port', port, 'create', {
    ...{ switch: SWITCH, dhcp, addresses: ['0a:00:00:00:07:12 10.7.0.12'] },
  });
  expect(await ovn.driver.observe('dhcp-options', dhcp)).toMatchObject({
    state: 'active',
    attributes: { cidr: '10.7.0.0/24', ports: 1 },
  });
  expect(await sbctl('lflow-list', SWITCH)).toContain('put_dhcp_opts');
  await do_('dhcp-options', dhcp, 'update', { cidr: '10.8.0.0/24' });
  await do_('port', port, 'delete');
  expect(await do_('dhcp-options', dhcp, 'delete')).toMatchObject({ state: 'absent' });
});

it('moves a port between chassis by binding it again', async () => {
  const port = `${PREFIX}vm`;
  await do_('logical-switch', SWITCH, 'create');
  await do_('port', port, 'create', { switch: SWITCH });
  for (const chassis of ['hv1', 'hv2']) {
    expect(await do_('port', port, 'bind', { chassis })).toMatchObject({
      state: 'ACTIVE',
      reason: chassis,
      attributes: { chassis, switch: SWITCH },
    });
  }
  const at = await sbctl(
    '--bare',
    '--columns=chassis',
    'find',
    'port_binding',
    `logical_port=${port}`,
  );
  expect(await sbctl('get', 'chassis', 'hv2', '_uuid')).toBe(at);
  expect(await do_('port', port, 'unbind')).toMatchObject({ state: 'DOWN' });
  expect(await do_('port', port, 'unbind')).toMatchObject({ state: 'DOWN' });
});

it('unplugs what it deletes, however short a time it is connected', async () => {
  const port = `${PREFIX}vm`;
  await do_('logical-switch', SWITCH, 'create');
  for (const chassis of CHASSIS) {
    await do_('port', port, 'create', { switch: SWITCH });
    await do_('port', port, 'bind', { chassis });
    const fresh = openOvn();
    await must(fresh, 'port', port, 'delete');
    await close(fresh);
    const find = ['--bare', '--columns=name', 'find', 'Interface', `external_ids:iface-id=${port}`];
    expect((await vsctl(chassis, find)).trim()).toBe('');
  }
});

/** How long flows may take to reach every chassis. */
const SETTLING = { timeout: 30_000, interval: 200 };

it('carries packets between chassis, through the tunnel and the router, as far as the rules let it', async () => {
  await network();
  await do_('logical-switch', `${PREFIX}far`, 'create');
  const far = { name: `${ROUTER}-far`, mac: '0a:00:00:00:08:01', networks: ['10.8.0.1/24'] };
  await do_('logical-router', ROUTER, 'update', { ports: [{ ...far, switch: `${PREFIX}far` }] });
  const guests = [
    { name: `${PREFIX}g1`, on: SWITCH, chassis: 'hv1', mac: '0a:00:00:00:07:21', ip: '10.7.0.21' },
    { name: `${PREFIX}g2`, on: SWITCH, chassis: 'hv2', mac: '0a:00:00:00:07:22', ip: '10.7.0.22' },
    {
      name: `${PREFIX}g3`,
      on: `${PREFIX}far`,
      chassis: 'hv3',
      mac: '0a:00:00:00:08:23',
      ip: '10.8.0.23',
    },
  ];
  for (const { name, on, chassis, mac, ip } of guests) {
    await do_('port', name, 'create', { switch: on, addresses: [`${mac} ${ip}`] });
    await do_('port', name, 'bind', { chassis });
    const device = interfaceName(name);
    await inChassis(chassis, 'ip', 'link', 'set', device, 'address', mac, 'up');
    await inChassis(chassis, 'ip', 'addr', 'add', `${ip}/24`, 'dev', device);
    const router = `${ip.split('.').slice(0, 3).join('.')}.1`;
    await inChassis(chassis, 'ip', 'route', 'add', 'default', 'via', router, 'dev', device);
  }
  // A chassis has a port's flows a moment after the database says that it is up.
  const pings = (to: string) =>
    inChassis('hv1', 'ping', '-c1', '-W2', '-q', to).then(
      () => true,
      () => false,
    );
  await expect.poll(() => pings('10.7.0.22'), SETTLING).toBe(true);
  await expect.poll(() => pings('10.8.0.23'), SETTLING).toBe(true);
  const drop = { direction: 'to-lport', priority: 1000, action: 'drop' };
  const match = `outport == "${guests[1].name}" && ip4.src == 10.7.0.21`;
  await do_('acl', `${PREFIX}wall`, 'create', { switch: SWITCH, rules: [{ ...drop, match }] });
  await expect.poll(() => pings('10.7.0.22'), SETTLING).toBe(false);
  await expect.poll(() => pings('10.8.0.23'), SETTLING).toBe(true);
}, 180_000);

it('keeps what the database refuses in its own words', async () => {
  await network();
  const port = `${PREFIX}vm`;
  await do_('port', port, 'create', { switch: SWITCH });
  const outside = {
    ports: [{ name: `${ROUTER}-in`, mac: '0a:00:00:00:07:09', networks: ['10.1.0.1/8'] }],
  };
  const cases = [
    ['logical-switch', SWITCH, 'create', {}, { code: 'OVN_EXISTS' }],
    ['port', port, 'create', { switch: SWITCH }, { code: 'OVN_EXISTS' }],
    ['port', `${PREFIX}x`, 'create', { switch: 'nowhere' }, { code: 'OVN_UNKNOWN' }],
    ['port', `${PREFIX}x`, 'create', {}, { code: 'OVN_BAD_PARAMS' }],
    ['port', port, 'bind', { chassis: 'hv9' }, { code: 'OVN_UNKNOWN' }],
    ['port', port, 'update', { adresses: [] }, { code: 'OVN_BAD_PARAMS' }],
    ['acl', `${PREFIX}x`, 'create', { switch: SWITCH }, { code: 'OVN_BAD_PARAMS' }],
    ['gateway', `${ROUTER}-out`, 'claim', {}, { code: 'OVN_BAD_PARAMS' }],
    ['chassis', 'hv1', 'deregister', {}, { code: 'OVN_CHASSIS_ALIVE' }],
    [
      ...(['logical-router', `${PREFIX}other`, 'create', outside] as const),
      // A router port's name is unique in the whole database: OVSDB says so at commit.
      { code: 'OVSDB_CONSTRAINT', upstream: 'constraint violation' },
    ],
  ] as const;
  for (const [kind, entity, verb, params, fault] of cases) {
    const outcome = await ask(ovn, kind, entity, verb, params as Record<string, unknown>);
    expect(outcome, `${verb} ${kind}/${entity}`).toMatchObject({
      type: 'fault',
      fault: { ...fault, effect: 'none', retryable: false },
    });
  }
});

it('will not choose between two switches of one name, which OVN itself allows', async () => {
  await nbctl('ls-add', SWITCH);
  await nbctl('--add-duplicate', 'ls-add', SWITCH);
  expect(await ask(ovn, 'logical-switch', SWITCH, 'delete')).toMatchObject({
    fault: { code: 'OVN_AMBIGUOUS', effect: 'none' },
  });
  const rows = await nbctl('--bare', '--columns=_uuid', 'find', 'logical_switch', `name=${SWITCH}`);
  for (const uuid of rows.split(/\s+/)) await nbctl('ls-del', uuid);
});

it('finds everything healthy, and lists the same twice', async () => {
  await network();
  const checks = await ovn.driver.diagnose();
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(checks.at(-1)?.found).toBe('3 of 3 chassis up');
  const list = await ovn.driver.list();
  expect(list).toContainEqual(
    expect.objectContaining({
      ...{ kind: 'chassis', entity: 'hv1', state: 'up' },
      attributes: expect.objectContaining({ hostname: 'hv1', encaps: 'geneve:192.0.2.11' }),
    }),
  );
  expect(await ovn.driver.list()).toEqual(list);
});
