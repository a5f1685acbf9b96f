import { writeFileSync } from 'node:fs';
import { connect as connectUnix } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { NB_SHAPE, SB_SHAPE } from '../../backends/ovn/shape.ts';
import { OVS_SHAPE } from '../../backends/ovs/shape.ts';
import type { ColumnShape, DatabaseShape } from '../../backends/ovsdb/shape.ts';
import { TEST_CA, TEST_CERTIFICATE, TEST_KEY } from '../backends/http/tls-files.ts';
import { FakeOvsdb } from '../backends/ovsdb/fake-ovsdb.ts';
import { type Manner, type Plant, saying, step } from './planted.ts';

const SHAPES: Readonly<Record<string, DatabaseShape>> = {
  OVN_Northbound: NB_SHAPE,
  OVN_Southbound: SB_SHAPE,
  Open_vSwitch: OVS_SHAPE,
};
/** The secret of a key in PEM: its lines between the marks. */
const LINES = TEST_KEY.split('\n').filter((line) => line !== '' && !line.startsWith('---'));

/** OVSDB: the private key of a TLS client; the server, which never sees it, knows it all the same. */
const plantDatabase =
  (names: readonly string[], operation: ReturnType<typeof step>, heard: readonly Manner[]): Plant =>
  async (folder, manner) => {
    const at = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const isRead = manner !== 'misread';
    const tls = {
      private_key: at('key.pem', isRead ? TEST_KEY : TEST_KEY.slice(0, -60)),
      certificate: at('certificate.pem', TEST_CERTIFICATE),
      ca_cert: at('ca.pem', TEST_CA),
    };
    const server = new FakeOvsdb({
      get_schema: ({ params: [name], reply, error }) => {
        if (manner === 'refuses') error({ error: saying(LINES), details: saying(LINES) });
        else reply(schemaOf(String(name)));
      },
      monitor_cond: ({ params: [name], reply }) => reply(name === '_Server' ? SERVER(names) : {}),
      transact: ({ params: [, ...operations], reply }) => {
        const isAct = operations.some((each) => (each as { op: string }).op === 'insert');
        const error = { error: saying(LINES), details: saying(LINES) };
        reply(operations.map(() => (isAct ? error : {})));
      },
    });
    await server.listen();
    const port = await secured(server);
    const remote = `ssl:127.0.0.1:${port.number}`;
    const places = Object.fromEntries(names.map((name) => [name, remote]));
    const options = { ...tls, ...places };
    const close = async () => {
      await port.close();
      await server.close();
    };
    return { secrets: LINES, options, isHeard: heard.includes(manner), operation, close };
  };

const SERVER = (names: readonly string[]) => ({
  Database: Object.fromEntries(
    Object.keys(SHAPES).map((name, i) => [
      `11111111-2222-3333-4444-55555555555${i}`,
      { initial: { name, model: 'standalone', connected: true, leader: names.length > 0 } },
    ]),
  ),
});

function schemaOf(name: string): object {
  const tables = Object.entries(SHAPES[name]).map(([table, columns]) => [
    table,
    { columns: Object.fromEntries(Object.entries(columns).map(([c, is]) => [c, columnOf(is)])) },
  ]);
  return { name, version: '1.2.3', tables: Object.fromEntries(tables) };
}

function columnOf(shape: ColumnShape): object {
  const [key, value] = shape.replace(/[?*]$/, '').split(':');
  if (value) return { type: { key, value, min: 0, max: 'unlimited' } };
  if (shape.endsWith('?')) return { type: { key, min: 0 } };
  return shape.endsWith('*') ? { type: { key, min: 0, max: 'unlimited' } } : { type: key };
}

/** A TLS port in front of a server on a unix socket. */
async function secured({ path }: FakeOvsdb) {
  const options = { key: TEST_KEY, cert: TEST_CERTIFICATE };
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer(options, (client) => {
    const behind = connectUnix(path);
    for (const each of [client, behind]) {
      sockets.add(each);
      each.on('error', () => {});
    }
    client.pipe(behind).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    number: (server.address() as { port: number }).port,
    async close() {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const plantOvn = plantDatabase(
  ['northbound', 'southbound'],
  step('logical-switch/planted', 'create'),
  ['refuses', 'serves'],
);
export const plantOvs = plantDatabase(['db'], step('bridge/planted', 'add'), ['refuses', 'serves']);
