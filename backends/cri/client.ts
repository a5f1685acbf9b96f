import {
  type CallOptions,
  type ChannelOptions,
  type Client,
  type ClientReadableStream,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { criFault, isGrpcError, upstreamError } from './faults.ts';
import {
  CRI_SCHEMA,
  IMAGE_METHODS,
  type MethodName,
  PACKAGE,
  type Request,
  type Response,
} from './protocol.ts';

export interface CriLimits {
  /** How long the socket may take to accept. */
  readonly connect_s: number;
  /** How long a call may take that only asks. */
  readonly call_s: number;
  readonly answer_bytes_max: number;
}

export const CRI_LIMITS: CriLimits = {
  connect_s: 3,
  call_s: 10,
  answer_bytes_max: 16 * 2 ** 20,
};

export interface CallPlan {
  /** What the call is about, for messages. */
  readonly what: string;
  /** Instead of the limit of a call that only asks. */
  readonly timeout_s?: number;
  /** Ends the call. */
  readonly signal?: AbortSignal;
  /** The call changes something, and is about to be sent. */
  readonly sent?: () => void;
}

type Unary = (
  request: object,
  options: Partial<CallOptions>,
  answered: (error: unknown, response: object) => void,
) => { cancel(): void };

/** How grpc-js connects again after a connection was lost: soon, since the socket is local. */
const CHANNEL: ChannelOptions = {
  // The path of a socket is no host name; runtimes refuse it as one.
  'grpc.default_authority': 'localhost',
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
};

const DEFINITION = loadPackageDefinition(
  fromJSON(CRI_SCHEMA as Parameters<typeof fromJSON>[0], {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
  }),
);

function service(name: string): ServiceClientConstructor {
  const path = [...PACKAGE.split('.'), name];
  // loadPackageDefinition nests by package; its type does not know which leaves are services.
  return path.reduce<never>((at, part) => at[part], DEFINITION as never);
}

/** Calls of one runtime over its unix socket. Every answer that is not one is a `FaultError`. */
export class CriClient {
  readonly #path: string;
  readonly #limits: CriLimits;
  readonly #runtime: Client;
  readonly #images: Client;

  constructor(path: string, limits: Partial<CriLimits> = {}) {
    this.#path = path;
    this.#limits = { ...CRI_LIMITS, ...limits };
    const options = {
      ...CHANNEL,
      'grpc.max_receive_message_length': this.#limits.answer_bytes_max,
    };
    const insecure = credentials.createInsecure();
    this.#runtime = new (service('RuntimeService'))(`unix:${path}`, insecure, options);
    const channelOverride = this.#runtime.getChannel();
    this.#images = new (service('ImageService'))(`unix:${path}`, insecure, { channelOverride });
  }

  /** Resolves when there is a connection; throws `CRI_UNREACHABLE` when there is none in time. */
  connect(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const unreachable = () => reject(criFault('CRI_UNREACHABLE', this.#path));
      if (signal?.aborted) return unreachable();
      signal?.addEventListener('abort', unreachable, { once: true });
      const deadline = Date.now() + this.#limits.connect_s * 1000;
      this.#runtime.waitForReady(deadline, (error) => {
        signal?.removeEventListener('abort', unreachable);
        if (error) unreachable();
        else resolve();
      });
    });
  }

  /** Makes one call. Without a connection it fails before anything is sent. */
  async call<N extends MethodName>(
    name: N,
    request: Request<N>,
    plan: CallPlan,
  ): Promise<Response<N>> {
    await this.connect(plan.signal);
    plan.sent?.();
    const client = name in IMAGE_METHODS ? this.#images : this.#runtime;
    const method = (client as unknown as Record<string, Unary>)[name].bind(client);
    const deadline = Date.now() + (plan.timeout_s ?? this.#limits.call_s) * 1000;
    try {
      return await unary<Response<N>>(method, request, deadline, plan.signal);
    } catch (thrown) {
      if (isGrpcError(thrown)) throw upstreamError(name, plan.what, thrown);
      throw thrown;
    }
  }

  /**
   * Reads a stream of answers until it ends. Throws a `FaultError` when it breaks off, with
   * `CRI_UNSUPPORTED` when the runtime has no such stream.
   */
  async stream(
    name: 'GetContainerEvents',
    each: (answer: Response<'GetContainerEvents'>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.connect(signal);
    const open = (this.#runtime as unknown as Record<string, (request: object) => Stream>)[name];
    const stream = open.call(this.#runtime, {});
    const stop = () => stream.cancel();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        stream.on('data', each);
        stream.once('end', resolve);
        stream.once('error', reject);
        if (signal.aborted) stop();
      });
    } catch (thrown) {
      if (isGrpcError(thrown)) throw upstreamError(name, this.#path, thrown);
      throw thrown;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  close(): void {
    this.#images.close();
    this.#runtime.close();
  }
}

type Stream = ClientReadableStream<Response<'GetContainerEvents'>>;

function unary<R>(
  method: Unary,
  request: object,
  deadline: number,
  signal?: AbortSignal,
): Promise<R> {
  return new Promise((resolve, reject) => {
    let stop: (() => void) | undefined;
    const call = method(request, { deadline }, (error, response) => {
      if (stop) signal?.removeEventListener('abort', stop);
      if (error) reject(error);
      else resolve(response as R);
    });
    stop = () => call.cancel();
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
