import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Session } from '../../backends/ceph/session.ts';
import { command } from '../command.ts';
import type { LabRun } from '../system.ts';
import { cephConf, MDSS, MGRS, MONS, monAddress, OSDS, RGW } from './conf.ts';
import { startCephDaemon, startHolder } from './daemons.ts';
import { startGateway } from './gateway.ts';
import { giveKey, keyring, newKey } from './keys.ts';
import { joinNetwork, type LabNetwork } from './network.ts';
import { cephPaths, daemonData } from './paths.ts';
import { until } from './until.ts';

/** Where images go unless a pool is named, as `rbd` itself has it. */
const RBD_POOL = 'rbd';
const FILE_SYSTEM = 'cephfs';

/** The lab's own connection, as the administrator. */
export function adminSession(): Session {
  const { conf, adminKeyring: keyring } = cephPaths();
  return new Session({
    place: { conf, keyring, name: 'client.admin', cluster: 'ceph' },
    bridge: { wrapper: [], python: '/usr/bin/python3', env: process.env },
  });
}

/** From nothing to HEALTH_OK: everything is made anew, nothing of an earlier cluster is used. */
export async function startCluster(run: LabRun): Promise<void> {
  const paths = cephPaths();
  for (const folder of [paths.run, paths.data]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [paths.run, paths.data, paths.log]) mkdirSync(folder, { recursive: true });
  const session = adminSession();
  try {
    const network = await joinNetwork(await startHolder(run));
    await run.report.part('ceph', 'mons', () => startMons(run, network, session));
    await run.report.part('ceph', 'mgrs and OSDs', () => startStorage(run, session));
    await run.report.part('ceph', 'pools and MDSs', () => startFileSystem(run, session));
    await run.report.part('ceph', 'object gateway', () => startGateway(run, network, session));
    await run.report.part('ceph', 'health', () => healthy(session));
  } finally {
    await session.close();
  }
}

// ------------------------------------------------------------------ mons

async function startMons(run: LabRun, network: LabNetwork, session: Session): Promise<string> {
  const fsid = randomUUID();
  const { conf, monmap, adminKeyring, monKeyring } = cephPaths();
  writeFileSync(conf, cephConf(fsid, network));
  writeFileSync(adminKeyring, keyring('client.admin', newKey(), ALL), { mode: 0o600 });
  const mon = keyring('mon.', newKey(), { mon: 'allow *' });
  writeFileSync(monKeyring, mon, { mode: 0o600 });
  await command('ceph-authtool', [monKeyring, '--import-keyring', adminKeyring]);
  await command('monmaptool', [
    ...['--create', '--clobber', '--fsid', fsid, '--enable-all-features'],
    ...MONS.flatMap((name) => ['--addv', name, monAddress(network, name)]),
    monmap,
  ]);
  await Promise.all(
    MONS.map(async (id) => {
      const made = ['--id', id, '--conf', conf, '--monmap', monmap, '--keyring', monKeyring];
      await command('ceph-mon', ['--mkfs', ...made]);
    }),
  );
  for (const id of MONS) await startCephDaemon(run, 'mon', id);
  await until('a quorum of all mons', async () => {
    const { quorum } = await session.json(
      'quorum_status',
      {},
      z.object({ quorum: z.array(z.number()) }),
    );
    return quorum.length === MONS.length;
  });
  return `${MONS.length} in quorum on ${network.inside}`;
}

const ALL = { mon: 'allow *', osd: 'allow *', mds: 'allow *', mgr: 'allow *' };

// ------------------------------------------------------------------ mgrs and OSDs

async function startStorage(run: LabRun, session: Session): Promise<string> {
  await Promise.all([
    ...MGRS.map((id) => startMgr(run, session, id)),
    // Two at a time: making an object store keeps a core busy.
    inTurns(
      OSDS.filter((id) => id % 2 === 0),
      (id) => startOsd(run, session, id),
    ),
    inTurns(
      OSDS.filter((id) => id % 2 === 1),
      (id) => startOsd(run, session, id),
    ),
  ]);
  const form = z.object({ num_up_osds: z.number() });
  await until('every OSD up', async () => {
    return (await session.json('osd stat', {}, form)).num_up_osds === OSDS.length;
  });
  return `${MGRS.length} mgrs, ${OSDS.length} OSDs up`;
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await work(item);
}

async function startMgr(run: LabRun, session: Session, id: string): Promise<void> {
  const caps = ['mon', 'allow profile mgr', 'osd', 'allow *', 'mds', 'allow *'];
  await giveKey(session, `mgr.${id}`, `mgr.${id}`, caps);
  await startCephDaemon(run, 'mgr', id);
}

async function startOsd(run: LabRun, session: Session, id: number): Promise<void> {
  const uuid = randomUUID();
  const key = newKey();
  const folder = daemonData(`osd.${id}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'keyring'), keyring(`osd.${id}`, key, {}), { mode: 0o600 });
  const secrets = JSON.stringify({ cephx_secret: key });
  await session.mon('osd new', { uuid, id }, { input: secrets });
  const conf = ['--conf', cephPaths().conf];
  await command('ceph-osd', ['--mkfs', '--id', String(id), '--osd-uuid', uuid, ...conf]);
  await startCephDaemon(run, 'osd', String(id));
}

// ------------------------------------------------------------------ pools and file system

async function startFileSystem(run: LabRun, session: Session): Promise<string> {
  const [metadata, data] = [`${FILE_SYSTEM}_metadata`, `${FILE_SYSTEM}_data`];
  for (const id of MDSS) {
    const caps = [
      'mon',
      'allow profile mds',
      'osd',
      'allow rwx',
      'mds',
      'allow *',
      'mgr',
      'allow profile mds',
    ];
    await giveKey(session, `mds.${id}`, `mds.${id}`, caps);
    await startCephDaemon(run, 'mds', id);
  }
  // Copies in three racks: a rack may go down, as in a real cluster.
  const rule = { name: 'replicated_rack', root: 'default', type: 'rack' };
  await session.mon('osd crush rule create-replicated', rule);
  for (const pool of [RBD_POOL, metadata, data]) {
    await session.mon('osd pool create', { pool, pg_num: 8, rule: rule.name });
  }
  await session.mon('osd pool application enable', { pool: RBD_POOL, app: 'rbd' });
  await session.mon('fs new', { fs_name: FILE_SYSTEM, metadata, data });
  return `pools ${RBD_POOL}, ${metadata}, ${data}; file system ${FILE_SYSTEM}`;
}

async function healthy(session: Session): Promise<string> {
  const form = z.object({ status: z.string() });
  await until('HEALTH_OK', async () => {
    return (await session.json('health', {}, form)).status === 'HEALTH_OK';
  });
  return `HEALTH_OK with gateway ${RGW}`;
}
