import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultError } from '../../../backends/fault.ts';
import { OvsdbSession } from '../../../backends/ovsdb/session.ts';
import { until } from '../../../backends/ovsdb/until.ts';
import { FakeOvsdb, SCHEMA, SHAPE, THING, UUID } from './fake-ovsdb.ts';

const LIMITS = {
  ...{ connect_s: 20, probe_s: 0.1, message_s: 1, answer_s: 20 },
  ...{ message_bytes_max: 100_000, depth_max: 20 },
};

let server: FakeOvsdb;
let session: OvsdbSession<typeof SHAPE>;

beforeEach(async () => {
  server = new FakeOvsdb();
  await server.listen();
  session = new OvsdbSession({
    ...{ remotes: [server.remote], database: 'Test', shape: SHAPE, limits: LIMITS },
    reconnect: { first_s: 0.02, max_s: 0.05 },
  });
});

afterEach(async () => {
  await session.close();
  await server.close();
});

async function faultOf(work: Promise<unknown>): Promise<FaultError['fault']> {
  try {
    await work;
  } catch (cause) {
    return (cause as FaultError).fault;
  }
  throw new Error('it ended well');
}

const insert = (signal?: AbortSignal) =>
  session.transact((change) => change.insert('Thing', { name: 'x' }), { signal });

const update = (how: object, uuid = UUID) => ({
  ...{ id: null, method: 'update2' },
  params: ['strata', { Thing: { [uuid]: how } }],
});

describe('a server that behaves', () => {
  it('is replicated, with what it leaves out at its default', async () => {
    await session.connect();
    const [row] = [...session.replica.rows('Thing')];
    expect(row).toEqual({
      ...{ _uuid: UUID, name: 'first', size: 3, tags: ['a', 'b'] },
      ...{ colour: null, ids: new Map(), other: null },
    });
    expect(session.replica.where('Thing', 'tags', 'b')).toEqual([row]);
  });

  it('is followed: rows that change, come and go, and what is known of where they are', async () => {
    await session.connect();
    const second = UUID.replaceAll('1', '9');
    const seen = (holds: () => boolean) =>
      until([session], 'a change', holds, AbortSignal.timeout(60_000));
    server.tell(
      update({ modify: { size: 4, tags: ['set', ['b', 'c']], ids: ['map', [['k', 'v']]] } }),
    );
    await seen(() => session.replica.row('Thing', UUID)?.size === 4);
    expect(session.replica.row('Thing', UUID)?.tags).toEqual(['a', 'c']);
    expect(session.replica.where('Thing', 'ids:k', 'v')).toHaveLength(1);
    server.tell(update({ insert: { name: 'second', tags: 'c' } }, second));
    await seen(() => session.replica.where('Thing', 'tags', 'c').length === 2);
    server.tell(update({ delete: null }));
    await seen(() => session.replica.where('Thing', 'name', 'first').length === 0);
    expect(session.replica.where('Thing', 'ids:k', 'v')).toEqual([]);
  });

  it('may speak at once after the answer to monitor: nothing of it is lost', async () => {
    server.answers = {
      monitor_cond: (call) => {
        if (call.params[0] === '_Server') call.error({ error: 'unknown database' });
        else {
          const reply = JSON.stringify({ id: call.id, result: { Thing: THING }, error: null });
          call.socket.write(reply + JSON.stringify(update({ modify: { size: 7 } })));
        }
      },
    };
    await session.connect();
    expect(session.replica.row('Thing', UUID)?.size).toBe(7);
  });

  it('resumes where it was when it can, and tells only what changed when it cannot', async () => {
    const since: unknown[] = [];
    let found = false;
    server.answers = {
      monitor_cond_since: (call) => {
        since.push(call.params[3]);
        call.reply([found, `txn-${since.length}`, found ? {} : { Thing: THING }]);
      },
    };
    const changes: number[] = [];
    session.listen((all) => changes.push(all.length));
    await session.connect();
    server.tell({ id: null, method: 'update3', params: ['strata', 'txn-x', {}] });
    found = true;
    await session.sync();
    server.hangUp();
    await expect.poll(() => since.length).toBe(2);
    found = false;
    await session.sync();
    server.hangUp();
    await expect.poll(() => since.length).toBe(3);
    await session.sync();
    expect(since).toEqual(['00000000-0000-0000-0000-000000000000', 'txn-x', 'txn-2']);
    expect(changes).toEqual([1, 0, 0, 0]);
  });

  it('is answered when it asks for a sign of life, and asked for one when it is silent', async () => {
    await session.connect();
    server.tell({ id: 'probe', method: 'echo', params: ['hello'] });
    await expect.poll(() => server.answered).toEqual([['hello']]);
    await expect.poll(() => server.calls.includes('echo')).toBe(true);
    expect(server.connections).toBe(1);
  });
});

describe('a server that does not', () => {
  it.each<[string, () => void, string]>([
    ['is silent for too long', () => {}, 'OVSDB_CONNECTION_LOST'],
    ['sends no JSON', () => server.raw('{"id":1,}'), 'OVSDB_MALFORMED'],
    ['speaks another protocol', () => server.raw('SSH-2.0-OpenSSH_9.2\r\n'), 'OVSDB_MALFORMED'],
    ['answers what was not asked', () => server.tell({ id: 99, result: [] }), 'OVSDB_MALFORMED'],
    ['answers without an id', () => server.tell({ result: [], error: null }), 'OVSDB_MALFORMED'],
    [
      'asks without parameters',
      () => server.tell({ method: 'update2', id: null }),
      'OVSDB_MALFORMED',
    ],
    ['nests deeply', () => server.raw(`{"a":${'['.repeat(50)}`), 'OVSDB_MESSAGE_TOO_LARGE'],
    [
      'sends a huge message',
      () => server.raw(`{"a":"${'x'.repeat(200_000)}`),
      'OVSDB_MESSAGE_TOO_LARGE',
    ],
    [
      'breaks off',
      () => {
        server.raw('{"id":');
        server.hangUp();
      },
      'OVSDB_CONNECTION_LOST',
    ],
    [
      'changes a row that is not there',
      () => server.tell(update({ modify: { size: 1 } }, UUID.replace('1', '2'))),
      'OVSDB_MALFORMED',
    ],
    ['does something else to a row', () => server.tell(update({ rename: {} })), 'OVSDB_MALFORMED'],
    [
      'sends a column that was not asked for',
      () => server.tell(update({ modify: { serial: 'x' } })),
      'OVSDB_MALFORMED',
    ],
    [
      'sends a value of another type',
      () => server.tell(update({ modify: { size: 'x' } })),
      'OVSDB_MALFORMED',
    ],
  ])('%s: the act may have happened, and the session connects again', async (_, act, code) => {
    await session.connect();
    server.answers = { transact: () => act(), echo: () => {} };
    expect(await faultOf(insert())).toMatchObject({ code, effect: 'unknown' });
    server.answers = {};
    await session.sync();
    expect(session.replica.row('Thing', UUID)?.size).toBe(3);
  });

  it('drips a message so slowly that it never ends', async () => {
    await session.connect();
    let timer: NodeJS.Timeout | undefined;
    server.answers = {
      transact: ({ socket }) => {
        socket.write('{"id":');
        timer = setInterval(() => socket.write(' '), 20);
      },
    };
    expect(await faultOf(insert())).toMatchObject({ code: 'OVSDB_NO_ANSWER', effect: 'unknown' });
    clearInterval(timer);
  });

  it.each<[string, unknown]>([
    ['is no list', {}],
    ['is too short', []],
    ['is too long', [{}, {}, {}]],
    ['has a result that is none', [7]],
    ['has an error of no kind', [{ error: 7 }]],
  ])('answers a transaction with what %s', async (_, answer) => {
    server.answers = { transact: (call) => call.reply(answer) };
    expect(await faultOf(insert())).toMatchObject({ code: 'OVSDB_MALFORMED', effect: 'unknown' });
  });

  it.each<[string, unknown, string, string]>([
    [
      'of the operation',
      [{ error: 'constraint violation', details: 'no' }],
      'OVSDB_CONSTRAINT',
      'insert Thing',
    ],
    ['at commit', [{}, { error: 'referential integrity violation' }], 'OVSDB_REFERENCE', 'commit'],
    ['it never heard of', [{ error: 'moon phase' }], 'OVSDB_REFUSED', 'moon phase'],
  ])('says why it refuses, in its own words: %s', async (_, answer, code, said) => {
    server.answers = { transact: (call) => call.reply(answer) };
    const fault = await faultOf(insert());
    expect(fault).toMatchObject({ code, effect: 'none' });
    expect(fault.message).toContain(said);
    expect(fault.upstream).toBe((answer as { error?: string }[]).at(-1)?.error);
  });

  it('takes longer than the caller waits; the late answer is thrown away', async () => {
    await session.connect();
    let late: (() => void) | undefined;
    const abort = new AbortController();
    server.answers = {
      transact: (call) => {
        late = () => call.reply([{}]);
        abort.abort();
      },
    };
    const fault = await faultOf(insert(abort.signal));
    expect(fault).toMatchObject({ code: 'OVSDB_NO_ANSWER', effect: 'unknown' });
    server.answers = {};
    late?.();
    await session.sync();
    expect(server.calls.filter((method) => method === 'get_schema')).toHaveLength(1);
  });

  it.each<[string, unknown, string]>([
    ['another schema', { ...SCHEMA, tables: {} }, 'OVSDB_SCHEMA_UNSUPPORTED'],
    ['no schema', 7, 'OVSDB_MALFORMED'],
  ])('has %s', async (_, schema, code) => {
    server.answers = { get_schema: (call) => call.reply(schema) };
    expect(await faultOf(session.connect())).toMatchObject({ code, effect: 'none' });
  });

  it('serves another database', async () => {
    server.answers = { monitor_cond: (call) => call.reply({}) };
    expect(await faultOf(session.connect())).toMatchObject({ code: 'OVSDB_UNKNOWN_DATABASE' });
  });
});

describe('a cluster', () => {
  const row = (leader: boolean, connected = true) => ({
    Database: { [UUID]: { initial: { name: 'Test', model: 'clustered', connected, leader } } },
  });
  const state = (leader: boolean, connected = true) => ({
    monitor_cond: (call: Parameters<FakeOvsdb['answers'][string]>[0]) =>
      call.reply(call.params[0] === '_Server' ? row(leader, connected) : { Thing: THING }),
  });

  it('is used by its leader only, wherever that is, and left when it is no longer one', async () => {
    const second = new FakeOvsdb(state(true));
    await second.listen();
    server.answers = state(false);
    const both = new OvsdbSession({
      ...{ remotes: [server.remote, second.remote], database: 'Test', shape: SHAPE },
      ...{ limits: LIMITS, reconnect: { first_s: 0.02, max_s: 0.05 } },
    });
    try {
      expect((await both.connect()).remote).toBe(`unix:${second.path}`);
      server.answers = state(true);
      second.answers = state(false);
      second.tell({
        ...{ id: null, method: 'update2' },
        params: ['strata-server', { Database: { [UUID]: { modify: { leader: false } } } }],
      });
      await expect.poll(async () => (await both.connect()).remote).toBe(`unix:${server.path}`);
      expect(second.connections).toBe(0);
    } finally {
      await both.close();
      await second.close();
    }
  });

  it('without a leader is unavailable, and says so', async () => {
    for (const answers of [state(false), state(true, false)]) {
      server.answers = answers;
      const fault = await faultOf(session.connect());
      expect(fault).toMatchObject({ code: 'OVSDB_NOT_LEADER', effect: 'none', retryable: true });
    }
  });
});
