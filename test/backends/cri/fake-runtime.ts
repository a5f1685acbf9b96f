import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import {
  CRI_SCHEMA,
  IMAGE_METHODS,
  type MethodName,
  type Request,
  type Response,
  RUNTIME_METHODS,
} from '../../../backends/cri/protocol.ts';

type Answer = (request: Request<MethodName>, callback: sendUnaryData<unknown>) => void;

/** Answers of a runtime with nothing in it. */
const EMPTY: { readonly [N in MethodName]?: object } = {
  Version: {
    version: '0.1.0',
    runtime_name: 'fake',
    runtime_version: '1.2.3',
    runtime_api_version: 'v1',
  },
  Status: {
    status: {
      conditions: [
        { type: 'RuntimeReady', status: true },
        { type: 'NetworkReady', status: true },
      ],
    },
  },
};

/** A CRI runtime on a unix socket that answers what a test says. */
export class FakeRuntime {
  readonly socket = join(mkdtempSync(join(tmpdir(), 'strata-cri-')), 'cri.sock');
  /** Instead of the answers of an empty runtime. */
  answers: { [N in MethodName]?: Answer } = {};
  readonly calls: { readonly name: string; readonly request: unknown }[] = [];
  /** Streams of events that are open. */
  readonly watchers = new Set<ServerWritableStream<unknown, unknown>>();
  /** Whether there is a stream of events. */
  hasEvents = false;
  #server = new Server();

  get endpoint(): string {
    return `unix://${this.socket}`;
  }

  async listen(): Promise<void> {
    this.#server = new Server();
    const { runtime } = loadPackageDefinition(
      fromJSON(CRI_SCHEMA as never, {
        keepCase: true,
        longs: String,
        enums: String,
        defaults: true,
      }),
    ) as unknown as {
      runtime: { v1: Record<'RuntimeService' | 'ImageService', { service: ServiceDefinition }> };
    };
    this.#server.addService(runtime.v1.RuntimeService.service, this.#handlers(RUNTIME_METHODS));
    this.#server.addService(runtime.v1.ImageService.service, this.#handlers(IMAGE_METHODS));
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(`unix:${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  close(): void {
    this.#server.forceShutdown();
    rmSync(this.socket, { force: true });
  }

  /** Tells every watcher that a container changed. */
  announce(event: Partial<Response<'GetContainerEvents'>>): void {
    for (const each of this.watchers) each.write(event);
  }

  #handlers(methods: Readonly<Record<string, { readonly streams: boolean }>>) {
    return Object.fromEntries(
      Object.entries(methods).map(([name, { streams }]) => [
        name,
        streams ? this.#stream() : this.#unary(name as MethodName),
      ]),
    );
  }

  #unary(name: MethodName) {
    return (call: { request: Request<MethodName> }, callback: sendUnaryData<unknown>) => {
      this.calls.push({ name, request: call.request });
      const answer = this.answers[name];
      if (answer) answer(call.request, callback);
      else callback(null, EMPTY[name] ?? {});
    };
  }

  #stream() {
    return (stream: ServerWritableStream<unknown, unknown>) => {
      if (!this.hasEvents) {
        stream.emit('error', { code: status.UNIMPLEMENTED, details: 'not implemented' });
        return;
      }
      this.watchers.add(stream);
      stream.on('cancelled', () => this.watchers.delete(stream));
    };
  }
}
