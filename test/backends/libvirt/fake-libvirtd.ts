import type { Socket } from 'node:net';
import {
  Call,
  type CallName,
  HEADER_BYTES,
  Header,
  KEEPALIVE_PROGRAM,
  LENGTH_BYTES,
  MessageStatus,
  MessageType,
  REMOTE_PROGRAM,
  REMOTE_VERSION,
  RemoteError,
} from '../../../backends/libvirt/protocol.ts';
import { decode, encode, type XdrType } from '../../../backends/libvirt/xdr.ts';
import { UnixServer } from '../../support/unix-server.ts';

/** One call as the server sees it, and the ways to answer it. */
export class FakeCall {
  readonly name: CallName;
  readonly header: Header;
  readonly socket: Socket;

  constructor(name: CallName, header: Header, socket: Socket) {
    this.name = name;
    this.header = header;
    this.socket = socket;
  }

  reply(result: unknown): void {
    this.raw(encode(Call[this.name].result as XdrType<unknown>, result));
  }

  /** Any body, under the header of a good reply unless told otherwise. */
  raw(body: Uint8Array, header: Partial<Header> = {}): void {
    this.socket.write(framed({ ...this.header, type: MessageType.REPLY, ...header }, body));
  }

  error(code: number, domain: number, message: string): void {
    const none = { dom: undefined, str1: undefined, str2: undefined, str3: undefined };
    const error = { code, domain, message, level: 2, ...none, int1: 0, int2: 0, net: undefined };
    this.raw(encode(RemoteError, error), { status: MessageStatus.ERROR });
  }
}

export function framed(header: Header, body: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(LENGTH_BYTES + HEADER_BYTES + body.length);
  return Buffer.concat([length, encode(Header, header), body]);
}

type Answers = Partial<Record<CallName, (call: FakeCall) => void>>;

const UUID = Uint8Array.from({ length: 16 }, (_, i) => i);
export const DOM = { name: 'vm', uuid: UUID, id: -1 };

/** What a well-behaved libvirtd with one domain, `vm`, answers. */
const POLITE: Answers = {
  auth_list: (call) => call.reply({ types: [0] }),
  connect_open: (call) => call.reply(undefined),
  connect_supports_feature: (call) => call.reply({ supported: 0 }),
  connect_domain_event_callback_register_any: (call) => call.reply({ callback_id: 1 }),
  connect_storage_pool_event_register_any: (call) => call.reply({ callback_id: 2 }),
  // A libvirtd without its network driver (VIR_ERR_NO_SUPPORT).
  connect_network_event_register_any: (call) => call.error(3, 0, 'no network driver'),
  connect_list_all_networks: (call) => call.error(3, 0, 'no network driver'),
  connect_list_all_storage_pools: (call) => call.reply({ pools: [], count: 0 }),
  connect_get_hostname: (call) => call.reply({ hostname: 'fake' }),
  node_get_info: (call) =>
    call.reply({
      ...{ model: 'x86_64', memory_kib: 4n, cpus: 4, mhz: 1, nodes: 1, sockets: 1 },
      ...{ cores: 2, threads: 2 },
    }),
  domain_list_all_snapshots: (call) => call.reply({ snapshots: [], count: 0 }),
  connect_list_all_domains: (call) => call.reply({ domains: [DOM], count: 1 }),
  domain_lookup_by_name: (call) => call.reply({ dom: DOM }),
  domain_get_state: (call) => call.reply({ state: 5, reason: 0 }),
  domain_has_managed_save_image: (call) => call.reply({ result: 0 }),
  domain_get_info: (call) =>
    call.reply({ state: 5, max_memory_kib: 4n, memory_kib: 4n, vcpus: 1, cpu_ns: 0n }),
};

const NAMES = new Map(Object.entries(Call).map(([name, { number }]) => [number, name as CallName]));

/** A libvirtd on a unix socket that does what a test scripts; the rest it answers politely. */
export class FakeLibvirtd extends UnixServer {
  readonly calls: CallName[] = [];
  /** Keepalive procedures received. */
  readonly signs: number[] = [];
  answers: Answers;

  constructor(answers: Answers = {}) {
    super();
    this.answers = answers;
  }

  get uri(): string {
    return `qemu+unix:///system?socket=${this.path}`;
  }

  /** Sends a message of the server's own accord to everybody. */
  tell(procedure: number, body: Uint8Array): void {
    const header = {
      ...{ program: REMOTE_PROGRAM, version: REMOTE_VERSION, procedure },
      ...{ type: MessageType.MESSAGE, serial: 0, status: MessageStatus.OK },
    };
    this.raw(framed(header, body));
  }

  protected serve(socket: Socket): void {
    let held = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 4 && held.length >= held.readUInt32BE(0)) {
        const length = held.readUInt32BE(0);
        this.#take(socket, held.subarray(LENGTH_BYTES, length));
        held = held.subarray(length);
      }
    });
  }

  #take(socket: Socket, message: Buffer): void {
    const header = decode(Header, message.subarray(0, HEADER_BYTES));
    if (header.program === KEEPALIVE_PROGRAM) {
      this.signs.push(header.procedure);
      return;
    }
    const name = NAMES.get(header.procedure);
    if (!name) throw new Error(`procedure ${header.procedure}`);
    this.calls.push(name);
    const answer = { ...POLITE, ...this.answers }[name];
    answer?.(new FakeCall(name, header, socket));
  }
}
