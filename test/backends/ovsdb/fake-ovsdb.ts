import type { Socket } from 'node:net';
import { JsonFrames } from '../../../backends/ovsdb/json-frames.ts';
import type { Remote } from '../../../backends/ovsdb/remote.ts';
import type { DatabaseShape } from '../../../backends/ovsdb/shape.ts';
import { UnixServer } from '../../support/unix-server.ts';

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
export class FakeOvsdb extends UnixServer {
  readonly calls: string[] = [];
  readonly answered: unknown[] = [];
  answers: Answers;

  constructor(answers: Answers = {}) {
    super();
    this.answers = answers;
  }

  get remote(): Remote {
    return { type: 'unix', path: this.path };
  }

  /** Says something to everybody. */
  tell(message: unknown): void {
    this.raw(JSON.stringify(message));
  }

  protected serve(socket: Socket): void {
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
