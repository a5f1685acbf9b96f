import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Mode } from './ramdisk-init.ts';

/** What the service knows of a machine, by its MAC address. */
export interface MachineFile {
  /** What it does when it boots from the network; `local` boots its disk. */
  mode: Mode | 'local';
  /** What it said, with the time in seconds since 1970. */
  readonly events: { readonly at_s: number; readonly event: string; readonly detail: string }[];
  hardware?: unknown;
  /** From its first boot: how to know it again by SSH. */
  host?: { readonly hostname: string; readonly host_key: string };
}

export interface ServiceConfig {
  /** Where machines reach the service. */
  readonly address: string;
  readonly port: number;
  /** Unix socket for who works the lab. */
  readonly control: string;
  /** Paths of images by name. */
  readonly images: Readonly<Record<string, string>>;
  /** Who may sign in to deployed machines: lines of authorized_keys. */
  readonly public_keys: string;
  readonly names: Readonly<Record<string, string>>;
  readonly state: string;
}

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const MODES: readonly MachineFile['mode'][] = ['commission', 'deploy', 'wipe', 'local'];

/**
 * The service that machines of the lab boot by: iPXE scripts, images, what they report, who may
 * sign in. On its control socket it also takes modes, and connects to the machines' network.
 */
export class MetalService {
  readonly #config: ServiceConfig;
  readonly #machines: Record<string, MachineFile> = {};
  readonly #servers: Server[] = [];

  constructor(config: ServiceConfig) {
    this.#config = config;
  }

  async listen(): Promise<void> {
    const { address, port, control } = this.#config;
    const machines = createServer(this.#answering((request, body) => this.#boot(request, body)));
    const operator = createServer(this.#answering((request, body) => this.#control(request, body)));
    operator.on('connect', joinNetwork);
    this.#servers.push(machines, operator);
    await new Promise<void>((resolve) => machines.listen(port, address, resolve));
    await new Promise<void>((resolve) => operator.listen(control, resolve));
  }

  #answering(answer: (request: IncomingMessage, body: string) => Answer): RequestListener {
    return async (request, response) => {
      try {
        send(response, answer(request, await bodyOf(request)));
      } catch (cause) {
        response.writeHead(400).end(`${(cause as Error).message}\n`);
      }
    };
  }

  /** For the machines. */
  #boot({ method, url = '/' }: IncomingMessage, body: string): Answer {
    const [what, mac = '', field] = url.split('/').filter(Boolean).map(decodeURIComponent);
    switch (`${method} ${what}`) {
      case 'GET ipxe':
        return this.#script(mac);
      case 'GET images':
        return { file: this.#config.images[mac] ?? '' };
      case 'GET metadata':
        return field === 'local-hostname' ? this.#config.names[mac] : this.#config.public_keys;
      case 'POST hardware':
        this.#machine(mac).hardware = JSON.parse(body);
        return this.#event(mac, 'commissioned');
      case 'POST events': {
        const { event, detail } = JSON.parse(body) as { event: string; detail: string };
        if (event === 'installed') this.#machine(mac).mode = 'local';
        return this.#event(mac, String(event), String(detail));
      }
      case 'POST phone-home':
        this.#machine(mac).host = JSON.parse(body) as MachineFile['host'];
        return this.#event(mac, 'phoned-home');
      default:
        return undefined;
    }
  }

  /** For the operator: `GET /machines`, `PUT /mode/MAC`. */
  #control({ method, url = '/' }: IncomingMessage, body: string): Answer {
    const [what, mac = ''] = url.split('/').filter(Boolean).map(decodeURIComponent);
    if (method === 'GET' && what === 'machines') return JSON.stringify(this.#machines);
    const mode = MODES.find((each) => each === body);
    if (method !== 'PUT' || what !== 'mode' || !mode || !this.#config.names[mac]) return undefined;
    this.#machines[mac] = { mode, events: [], hardware: this.#machine(mac).hardware };
    return 'ok';
  }

  #script(mac: string): string {
    const { mode } = this.#machine(mac);
    this.#event(mac, 'booted from the network', mode);
    if (mode === 'local') return '#!ipxe\nsanboot --no-describe --drive 0x80 || exit\n';
    const api = `http://${this.#config.address}:${this.#config.port}`;
    const words = [
      ...['initrd=ramdisk.img', 'console=ttyS0', 'net.ifnames=0', 'mitigations=off', 'panic=5'],
      ...[`metal.api=${api}`, `metal.mode=${mode}`],
    ];
    return [
      '#!ipxe',
      `kernel ${api}/images/vmlinuz ${words.join(' ')}`,
      `initrd ${api}/images/ramdisk.img`,
      'boot',
      '',
    ].join('\n');
  }

  #machine(mac: string): MachineFile {
    if (!this.#config.names[mac]) throw new Error(`no machine ${mac}`);
    this.#machines[mac] ??= { mode: 'local', events: [] };
    return this.#machines[mac];
  }

  #event(mac: string, event: string, detail = ''): string {
    this.#machine(mac).events.push({ at_s: Date.now() / 1000, event, detail });
    writeFileSync(this.#config.state, JSON.stringify(this.#machines, null, 2));
    return 'ok';
  }
}

/** Text, a file, or nothing that there is. */
type Answer = string | { readonly file: string } | undefined;

function send(response: ServerResponse, answer: Answer): void {
  if (typeof answer === 'string') {
    response.writeHead(200, { 'content-length': Buffer.byteLength(answer) }).end(answer);
  } else if (answer && existsSync(answer.file)) {
    response.writeHead(200, { 'content-length': statSync(answer.file).size });
    createReadStream(answer.file).pipe(response);
  } else {
    response.writeHead(404).end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size_bytes = 0;
  for await (const chunk of request) {
    size_bytes += (chunk as Buffer).length;
    if (size_bytes > BODY_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** `CONNECT HOST:PORT`: a connection within the network of the machines. */
function joinNetwork(request: IncomingMessage, client: Socket): void {
  const [host, port] = (request.url ?? '').split(':');
  const server = connect(Number(port), host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(server).pipe(client);
  });
  for (const [one, other] of [
    [client, server],
    [server, client],
  ]) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}
