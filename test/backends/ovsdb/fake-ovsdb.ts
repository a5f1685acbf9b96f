import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonFrames } from '../../../backends/ovsdb/json-frames.ts';
import type { Remote } from '../../../backends/ovsdb/remote.ts';
import type { DatabaseShape } from '../../../backends/ovsdb/shape.ts';

export interface FakeCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly socket: Socket;
  reply(result: unknown): void;
  error(error: unknown): void;
}

type Answers = Readonly<Record<string, (call: FakeCall) => void>>;

export const UUID = '11111111-2222-3333-4444-555555555555';

/** One table with a column of each shape, and a unique name. */
export const SCHEMA = {
  name: 'Test',
  version: '1.2.3',
  tables: {
    Thing: {
      columns: {
        name: { type: 'string' },
        size: { type: { key: { type: 'integer', minInteger: 0, maxInteger: 9 } } },
        colour: { type: { key: { type: 'string', enum: ['set', ['red', 'blue']] }, min: 0 } },
        tags: { type: { key: 'string', min: 0, max: 'unlimited' } },
        ids: { type: { key: 'string', value: 'string', min: 0, max: 'unlimited' } },
        other: { type: { key: { type: 'uuid', refTable: 'Thing' }, min: 0 } },
        serial: { type: 'string', mutable: false },
      },
    },
  },
};

export const SHAPE = {
  Thing: {
    name: 'string',
    size: 'integer',
    colour: 'string?',
    tags: 'string*',
    ids: 'string:string',
    other: 'uuid?',
  },
} as const satisfies DatabaseShape;

export const THING = { [UUID]: { initial: { name: 'first', size: 3, tags: ['set', ['a', 'b']] } } };

/** What a well-behaved server of a standalone database answers. */
const POLITE: Answers = {
  echo: (call) => call.reply(call.params),
  get_schema: (call) => call.reply(SCHEMA),
  monitor_cond_since: (call) => call.error({ error: 'unknown method' }),
  monitor_cond: (call) => {
    if (call.params[0] === '_Server') {
      const row = { initial: { name: 'Test', model: 'standalone', connected: true, leader: true } };
      call.reply({ Database: { [UUID]: row } });
    } else call.reply({ Thing: THING });
  },
  transact: (call) => call.reply(call.params.slice(1).map(() => ({}))),
};

/** An ovsdb-server on a unix socket that does what a test scripts; the rest it answers politely. */
export class FakeOvsdb {
  readonly folder = mkdtempSync(join(tmpdir(), 'fake-ovsdb-'));
  readonly path = join(this.folder, 'db.sock');
  readonly calls: string[] = [];
  readonly answered: unknown[] = [];
  answers: Answers;
  /** Called for each connection; a test may speak first. */
  onConnect: (socket: Socket) => void = () => {};
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(answers: Answers = {}) {
    this.answers = answers;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  get remote(): Remote {
    return { type: 'unix', path: this.path };
  }

  get connections(): number {
    return this.#sockets.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.path, resolve));
  }

  /** Says something to everybody. */
  tell(message: unknown): void {
    this.raw(JSON.stringify(message));
  }

  raw(bytes: string | Uint8Array): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.hangUp();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    this.onConnect(socket);
    const frames = new JsonFrames({ message_bytes_max: 2 ** 30, depth_max: 1000 });
    socket.on('data', (chunk: Buffer) => frames.push(chunk, (json) => this.#take(socket, json)));
  }

  #take(socket: Socket, json: unknown): void {
    const { id, method, params, result } = json as Record<string, unknown>;
    if (typeof method !== 'string') {
      this.answered.push(result);
      return;
    }
    this.calls.push(method);
    const say = (message: object) => socket.write(JSON.stringify({ id, ...message }));
    const answer = { ...POLITE, ...this.answers }[method];
    answer?.({
      ...{ id, method, params: params as unknown[], socket },
      reply: (value) => say({ result: value, error: null }),
      error: (error) => say({ result: null, error }),
    });
  }
}
