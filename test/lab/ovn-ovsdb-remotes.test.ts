/** The OVSDB client against real servers by TCP, by TLS, and in a cluster whose leader dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultError } from '../../backends/fault.ts';
import { NB_SHAPE, type NbShape } from '../../backends/ovn/shape.ts';
import type { TlsFiles } from '../../backends/ovsdb/dial.ts';
import { parseRemotes } from '../../backends/ovsdb/remote.ts';
import { OvsdbSession } from '../../backends/ovsdb/session.ts';
import { until } from '../../backends/ovsdb/until.ts';
import { command } from '../../lab/command.ts';
import { listening } from '../../lab/ovn/sockets.ts';
import { START_TIMEOUT_MS, startLab } from './ovn-lab.ts';

const SCHEMA = '/usr/share/ovn/ovn-nb.ovsschema';
const folder = mkdtempSync(join(tmpdir(), 'ovsdb-'));
const at = (name: string) => join(folder, name);
const servers: ChildProcess[] = [];
const sessions: OvsdbSession<NbShape>[] = [];

beforeAll(async () => {
  await startLab(); // for its packages
}, START_TIMEOUT_MS);

afterAll(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  for (const server of servers) server.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

function serve(name: string, database: string, ...options: string[]): ChildProcess {
  const server = spawn(
    '/usr/sbin/ovsdb-server',
    [
      ...[database, `--remote=punix:${at(`${name}.sock`)}`, `--unixctl=${at(`${name}.ctl`)}`],
      ...['-vconsole:off', ...options],
    ],
    { stdio: 'ignore' },
  );
  servers.push(server);
  return server;
}

function open(remotes: string, tls: TlsFiles = {}, leader_only = true): OvsdbSession<NbShape> {
  const session = new OvsdbSession({
    ...{
      leader_only,
      remotes: parseRemotes(remotes),
      tls,
      database: 'OVN_Northbound',
      shape: NB_SHAPE,
    },
    ...{ limits: { connect_s: 5 }, reconnect: { first_s: 0.05, max_s: 0.2 } },
  });
  sessions.push(session);
  return session;
}

/** Connects, however often that fails at first; returns to whom. */
async function connected(session: OvsdbSession<NbShape>): Promise<string> {
  for (;;) {
    const found = await session.connect().catch(() => undefined);
    if (found) return found.remote;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function faultOf(work: Promise<unknown>): Promise<FaultError['fault'] | undefined> {
  try {
    await work;
    return undefined;
  } catch (cause) {
    return (cause as FaultError).fault;
  }
}

/** A port of the loopback that nobody uses now. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

const openssl = (...args: string[]) => command('openssl', args);

async function authority(name: string): Promise<void> {
  await openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`), '-days', '2'],
    ...['-subj', `/CN=${name}`],
  );
}

async function certificate(name: string, signer: string, subject: string): Promise<void> {
  await openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', `/CN=${subject}`],
  );
  await openssl(
    ...['x509', '-req', '-in', at(`${name}.csr`), '-out', at(`${name}.pem`), '-days', '2'],
    ...['-CA', at(`${signer}.pem`), '-CAkey', at(`${signer}.key`), '-CAcreateserial'],
  );
}

describe('by TCP and TLS', () => {
  const good: TlsFiles = {
    ...{ ca_cert: at('ca.pem'), private_key: at('client.key'), certificate: at('client.pem') },
  };
  let tcp = '';
  let ssl = '';

  beforeAll(async () => {
    await Promise.all([authority('ca'), authority('other')]);
    // As `ovs-pki` names them: no host name in sight.
    await certificate('server', 'ca', 'switch id:7a6f0b3e');
    await certificate('client', 'ca', 'client id:11c0ffee');
    await certificate('stranger', 'other', 'client id:0badcafe');
    const [tcpPort, sslPort] = [await freePort(), await freePort()];
    tcp = `tcp:127.0.0.1:${tcpPort}`;
    ssl = `ssl:127.0.0.1:${sslPort}`;
    await command('ovsdb-tool', ['create', at('nb.db'), SCHEMA]);
    serve(
      ...(['nb', at('nb.db'), `--remote=ptcp:${tcpPort}:127.0.0.1`] as const),
      ...[`--remote=pssl:${sslPort}:127.0.0.1`, `--private-key=${at('server.key')}`],
      ...[`--certificate=${at('server.pem')}`, `--ca-cert=${at('ca.pem')}`],
    );
    await listening(at('nb.sock'));
    await command('ovn-nbctl', [`--db=unix:${at('nb.sock')}`, 'init']);
  }, 60_000);

  it('is read and written by both', async () => {
    for (const [remote, tls] of [
      [tcp, {}],
      [ssl, good],
    ] as const) {
      const session = open(remote, tls);
      expect(await session.connect()).toEqual({ remote, version: expect.stringMatching(/^\d+\./) });
      await session.transact((change) => change.insert('Logical_Switch', { name: remote }));
      expect(session.replica.where('Logical_Switch', 'name', remote)).toHaveLength(1);
    }
  });

  it.each<[string, TlsFiles, string]>([
    ['a server that another authority signed', { ca_cert: 'other.pem' }, 'OVSDB_TLS_REJECTED'],
    [
      'a server of another name than the one asked for',
      { server_name: 'nb.example' },
      'OVSDB_TLS_REJECTED',
    ],
    ['to go without an authority', { ca_cert: undefined }, 'OVSDB_BAD_CREDENTIALS'],
    ['an authority that is not there', { ca_cert: 'nothing.pem' }, 'OVSDB_BAD_CREDENTIALS'],
    ['a key that is none', { private_key: 'ca.pem' }, 'OVSDB_BAD_CREDENTIALS'],
    ['a key of another certificate', { private_key: 'stranger.key' }, 'OVSDB_BAD_CREDENTIALS'],
  ])('refuses %s', async (_, { server_name, ...files }, code) => {
    const named = Object.entries(files).map(([option, file]) => [option, file && at(file)]);
    const tls = { ...good, ...Object.fromEntries(named), server_name };
    expect(await faultOf(open(ssl, tls).connect())).toMatchObject({ code, effect: 'none' });
  });

  it('is refused by the server with a certificate that it does not trust, or none', async () => {
    const stranger = { private_key: at('stranger.key'), certificate: at('stranger.pem') };
    for (const tls of [{ ...good, ...stranger }, { ca_cert: at('ca.pem') }]) {
      const fault = await faultOf(open(ssl, tls).connect());
      // The server's alert, or just its hang-up, whichever arrives first.
      expect(fault?.code).toMatch(/^OVSDB_(TLS_REJECTED|CONNECTION_LOST)$/);
      expect(fault?.effect).toBe('none');
    }
  });

  it('speaks no plain text to a TLS port, nor TLS to a plain one', async () => {
    const plain = open(ssl.replace('ssl:', 'tcp:'));
    expect(await faultOf(plain.connect())).toMatchObject({ effect: 'none' });
    const secure = open(tcp.replace('tcp:', 'ssl:'), good);
    expect(await faultOf(secure.connect())).toMatchObject({ effect: 'none' });
  });

  it('shows nothing of a key in a fault', async () => {
    const key = await command('cat', [at('client.key')]);
    const [, body] = key.toString().split('\n');
    const tls = { ...good, certificate: at('client.key') };
    const fault = await faultOf(open(ssl, tls).connect());
    expect(fault).toMatchObject({ code: 'OVSDB_BAD_CREDENTIALS' });
    expect(JSON.stringify(fault)).not.toContain(body);
  });
});

describe('a cluster of three', () => {
  const names = ['s1', 's2', 's3'];
  const members = new Map<string, ChildProcess>();
  const remotes = names.map((name) => `unix:${at(`${name}.sock`)}`).join(',');

  beforeAll(async () => {
    const raft = (name: string) => `unix:${at(`${name}.raft`)}`;
    await command('ovsdb-tool', ['create-cluster', at('s1.db'), SCHEMA, raft('s1')]);
    for (const name of ['s2', 's3']) {
      const args = ['join-cluster', at(`${name}.db`), 'OVN_Northbound', raft(name), raft('s1')];
      await command('ovsdb-tool', args);
    }
    for (const name of names) members.set(name, serve(name, at(`${name}.db`)));
    await Promise.all(names.map((name) => listening(at(`${name}.sock`))));
    await command('ovn-nbctl', [`--db=${remotes}`, '--timeout=30', 'init']);
    // A server serves when it has joined; a leader that dies before that leaves no majority.
    for (const name of names) await connected(open(`unix:${at(`${name}.sock`)}`, {}, false));
  }, 60_000);

  it('is written through its leader, and through the next one when that dies', async () => {
    const session = open(remotes);
    const before = await connected(session);
    await session.transact((change) => change.insert('Logical_Switch', { name: 'one' }));
    const leader = names.find((name) => before.endsWith(`/${name}.sock`)) as string;
    members.get(leader)?.kill('SIGKILL');
    await session.lost().catch(() => {});
    expect(await connected(session)).not.toBe(before);
    await session.transact((change) => change.insert('Logical_Switch', { name: 'two' }));
    const both = () => [...session.replica.rows('Logical_Switch')].length === 2;
    await until([session], 'both rows', both, AbortSignal.timeout(10_000));
  });

  it('is not written through a follower, unless leader_only is off', async () => {
    const alive = names.filter(
      (name) => members.get(name)?.exitCode === null && !members.get(name)?.killed,
    );
    expect(alive).toHaveLength(2);
    const answers = await Promise.all(
      alive.map((name) => faultOf(open(`unix:${at(`${name}.sock`)}`).connect())),
    );
    expect(answers.map((fault) => fault?.code ?? 'leads').sort()).toEqual([
      'OVSDB_NOT_LEADER',
      'leads',
    ]);
  });
});
