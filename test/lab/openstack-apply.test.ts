/** Operations of a scenario, applied to the lab's cloud: each event begins its own act of nova. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stackPaths } from '../../lab/openstack/paths.ts';
import type { LiveSystem } from '../../model/scenario.ts';
import { applyTo, operating, path } from './applied.ts';
import { closed, openOpenstack, removeAll, START_TIMEOUT_MS, startCloud } from './openstack-lab.ts';

const PREFIX = `apply-${process.pid}`;
const SERVER = `server/${PREFIX}-web`;
const VOLUME = `volume/${PREFIX}-data`;
const SYSTEMS: readonly LiveSystem[] = [{ driver: 'openstack', options: { cloud: 'lab' } }];
const NEW = 'with: { flavor: m1.tiny, image: blank, networks: none }';

beforeAll(async () => {
  await startCloud();
  process.env['OS_CLIENT_CONFIG_FILE'] = stackPaths().cloudsYaml;
}, START_TIMEOUT_MS);
afterAll(async () => {
  delete process.env['OS_CLIENT_CONFIG_FILE'];
  const backend = await openOpenstack();
  await removeAll(backend, PREFIX, 'server', 'volume');
  await closed(backend);
});

async function applied(...operations: readonly string[]) {
  const scenario = await operating(SYSTEMS, ...operations);
  return applyTo(SYSTEMS, scenario);
}

/** What nova calls the acts that were asked of a server, the first ones first. */
async function actsOf(name: string): Promise<readonly unknown[]> {
  const backend = await openOpenstack();
  const { attributes } = await backend.driver.observe('server', name);
  const path = `/servers/${attributes?.['id']}/os-instance-actions`;
  const { instanceActions } = await backend.driver.session.get('compute', path);
  await closed(backend);
  return (instanceActions as { action: string }[]).map(({ action }) => action).reverse();
}

it('a server is made, rebooted hard and soft, resized, migrated and taken back', async () => {
  const { run, faults, recording } = await applied(
    `entity: ${SERVER}, do: create, ${NEW}`,
    `entity: ${SERVER}, do: hard_reboot, until: active.idle`,
    `entity: ${SERVER}, do: reboot, until: active.idle`,
    `entity: ${SERVER}, do: stop, until: stopped.idle`,
    `entity: ${SERVER}, do: resize, with: { flavor: m1.small }, until: resized.shutdown`,
    `entity: ${SERVER}, do: confirm_resize, until: stopped.idle`,
    `entity: ${SERVER}, do: start, until: active.idle`,
    `entity: ${SERVER}, do: migrate, until: resized.idle`,
    `entity: ${SERVER}, do: revert_resize, until: active.idle`,
  );
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
  expect(await actsOf(`${PREFIX}-web`)).toEqual([
    ...['create', 'reboot', 'reboot', 'stop', 'resize', 'confirmResize', 'start'],
    ...['migrate', 'revertResize'],
  ]);
});

it('a volume is made by its first verb, attached and detached, and what was never there cannot be asked for anything', async () => {
  const { run, faults, recording } = await applied(
    `entity: ${SERVER}-2, do: create, ${NEW}`,
    `entity: ${VOLUME}, do: create, with: { size_bytes: 1073741824 }`,
    `entity: ${VOLUME}, do: attach, with: { server: ${PREFIX}-web-2 }, until: in-use`,
    `entity: ${VOLUME}, do: detach, until: available`,
    `entity: ${VOLUME}, do: delete, until: deleted`,
    `entity: ${VOLUME}-gone, do: delete, until: deleted`,
  );
  expect(faults).toEqual([]);
  expect(run.results).toMatchObject([
    { ok: true, state: 'active.idle+UP' },
    { ok: true, state: 'available+up' },
    { ok: true, asked: true, state: 'in-use+up' },
    { ok: true, asked: true, state: 'available+up' },
    { ok: true, state: 'deleted+up' },
    { ok: false, asked: false, state: 'absent' },
  ]);
  expect(run.divergences, path(recording).join('\n')).toBe(0);
});

it('a network, a security group and a port are made, changed and taken away by neutron', async () => {
  const systems: readonly LiveSystem[] = [{ driver: 'neutron', options: { cloud: 'lab' } }];
  const rule = 'direction: ingress, protocol: tcp, port_min: 22, port_max: 22';
  const scenario = await operating(
    systems,
    `entity: logical-switch/${PREFIX}-lan, do: create, with: { cidr: 192.0.2.0/24 }`,
    `entity: acl/${PREFIX}-ssh, do: create, with: { rules: [{ ${rule} }] }`,
    `entity: port/${PREFIX}-p, do: create, with: { network: ${PREFIX}-lan, security_groups: [${PREFIX}-ssh] }`,
    `entity: acl/${PREFIX}-ssh, do: update, with: { rules: [] }, until: active`,
    `entity: port/${PREFIX}-p, do: delete, until: deleted`,
    `entity: acl/${PREFIX}-ssh, do: delete, until: deleted`,
    `entity: logical-switch/${PREFIX}-lan, do: delete, until: deleted`,
  );
  const { run, faults, recording } = await applyTo(systems, scenario);
  expect(faults).toEqual([]);
  expect(run, path(recording).join('\n')).toMatchObject({ ok: true, divergences: 0 });
});
