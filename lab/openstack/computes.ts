import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import { INNER_PORTS, stackAddress, stackPaths } from './paths.ts';

/** A compute host without guests: nova's own fake driver, which its developers test with. */
export interface FakeCompute {
  readonly host: string;
  readonly driver: string;
  readonly cpu_ratio: string;
  readonly ram_ratio: string;
  readonly reserved_mb: number;
}

/** Three that differ, so that the scheduler has something to choose from. */
export const COMPUTES: readonly FakeCompute[] = [
  {
    host: 'cmp1',
    driver: 'fake.MediumFakeDriver',
    cpu_ratio: '1.0',
    ram_ratio: '1.0',
    reserved_mb: 512,
  },
  {
    host: 'cmp2',
    driver: 'fake.MediumFakeDriver',
    cpu_ratio: '2.0',
    ram_ratio: '1.0',
    reserved_mb: 2048,
  },
  {
    host: 'cmp3',
    driver: 'fake.SmallFakeDriver',
    cpu_ratio: '4.0',
    ram_ratio: '1.5',
    reserved_mb: 512,
  },
];

/** Starts nova-compute of one host; also used to start it again after a kill. */
export async function startCompute(namespace: Namespace, host: string): Promise<void> {
  const { etc } = stackPaths();
  await namespace.daemon(`nova-compute-${host}`, '/usr/bin/python3', [
    '/usr/bin/nova-compute',
    ...['--config-file', join(etc, 'nova.conf')],
    ...['--config-file', join(etc, `compute-${host}.conf`)],
  ]);
}

/** A port is bound only on a chassis that lives; a fake host gets a row that says it does. */
export async function addFakeChassis(namespace: Namespace): Promise<void> {
  const database = `--db=tcp:${stackAddress()}:${INNER_PORTS.southbound}`;
  for (const [i, { host }] of COMPUTES.entries()) {
    const found = await namespace.run('ovn-sbctl', [
      ...[database, '--bare', '--columns=_uuid', 'find', 'Chassis', `name=${host}`],
    ]);
    if (found.toString().trim() !== '') continue;
    await namespace.run('ovn-sbctl', [
      database,
      ...['chassis-add', host, 'geneve', `10.99.0.${11 + i}`],
      ...['--', 'set', 'Chassis', host, `hostname=${host}`],
      'other_config:ovn-bridge-mappings=public:br-ex',
      'other_config:datapath-type=netdev',
      'external_ids:ovn-cms-options=enable-chassis-as-gw',
    ]);
    const uuid = await namespace.run('ovn-sbctl', [database, 'get', 'Chassis', host, '_uuid']);
    await namespace.run('ovn-sbctl', [
      ...[database, 'create', 'Chassis_Private', `name=${host}`],
      // A number that neutron's own count never reaches: the chassis never seems to lag behind.
      ...['nb_cfg=1000000', `nb_cfg_timestamp=${Date.now()}`, `chassis=${uuid.toString().trim()}`],
    ]);
  }
}
