/** Makes the databases of all services, as an operator does at installation. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { database } from './config.ts';
import type { Namespace } from './namespace.ts';
import { apiUrl, INNER_PORTS, type StackPaths, stackAddress } from './paths.ts';

const DATABASES = [
  ...['keystone', 'glance', 'placement', 'nova', 'nova_api', 'nova_cell0', 'neutron', 'cinder'],
];

/** Chains of commands; the chains run side by side. The password is keystone's administrator's. */
export async function createDatabases(
  namespace: Namespace,
  paths: StackPaths,
  password: string,
): Promise<void> {
  const sql = DATABASES.map((name) => `CREATE DATABASE IF NOT EXISTS ${name}`).join(';');
  await namespace.run('mariadb', [
    ...['--no-defaults', '-h', stackAddress(), '-P', String(INNER_PORTS.mariadb)],
    ...['-u', 'root', '-e', sql],
  ]);
  for (const keys of ['fernet', 'credential']) {
    mkdirSync(join(paths.var, 'keystone', keys), { recursive: true, mode: 0o700 });
  }
  const run = async (program: string, config: string, ...steps: readonly string[][]) => {
    for (const step of steps) {
      await namespace.run(program, ['--config-file', join(paths.etc, config), ...step]);
    }
  };
  await Promise.all([
    (async () => {
      await run('keystone-manage', 'keystone.conf', ['db_sync'], ...keystoneSteps(password));
      await run('glance-manage', 'glance-api.conf', ['db_sync']);
      await run('cinder-manage', 'cinder.conf', ['db', 'sync']);
    })(),
    (async () => {
      await run('nova-manage', 'nova.conf', ...novaSteps());
      await run('placement-manage', 'placement.conf', ['db', 'sync']);
      await run('neutron-db-manage', 'neutron.conf', ['upgrade', 'heads']);
    })(),
  ]);
}

function keystoneSteps(password: string): string[][] {
  const keys = ['--keystone-user', 'root', '--keystone-group', 'root'];
  const url = apiUrl('keystone', '/v3');
  const urls = ['public', 'internal', 'admin'].flatMap((each) => [`--bootstrap-${each}-url`, url]);
  return [
    ['fernet_setup', ...keys],
    ['credential_setup', ...keys],
    ['bootstrap', '--bootstrap-password', password, '--bootstrap-region-id', 'RegionOne', ...urls],
  ];
}

function novaSteps(): string[][] {
  return [
    ['api_db', 'sync'],
    ['cell_v2', 'map_cell0', '--database_connection', database('nova_cell0')],
    ['cell_v2', 'create_cell', '--name=cell1'],
    ['db', 'sync'],
  ];
}
