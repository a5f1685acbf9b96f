/** Opens the websocket to whichever endpoint of a controller answers first. */
import WebSocket from 'ws';
import { FaultError } from '../fault.ts';
import { redacted, type Secret } from '../secret.ts';
import { type JujuFaultCode, jujuFault } from './faults.ts';

export interface RpcLimits {
  /** For connecting, TLS and the websocket's handshake. */
  readonly connect_s: number;
  /** For an answer. */
  readonly answer_s: number;
  /** The largest message that is taken. */
  readonly message_bytes_max: number;
}

export const RPC_LIMITS: RpcLimits = {
  connect_s: 10,
  answer_s: 60,
  message_bytes_max: 32 * 1024 * 1024,
};

export interface RpcTarget {
  /** `HOST:PORT`. */
  readonly endpoints: readonly string[];
  /** `/api`, or `/model/UUID/api`. */
  readonly path: string;
  readonly ca?: string;
  /** Taken out of whatever the controller says. */
  readonly secrets: readonly Secret[];
}

/**
 * The name that the certificates of controllers bear which have an authority of their own; its
 * endpoints are often bare addresses (juju/api/apiclient.go).
 */
export const SERVER_NAME = 'juju-apiserver';

/** Throws the most telling of the endpoints' failures when none answers. */
export async function dial(
  target: RpcTarget,
  limits: RpcLimits,
  signal: AbortSignal,
): Promise<WebSocket> {
  const others = new AbortController();
  const tries = target.endpoints.map((endpoint) =>
    connect(endpoint, target, limits, AbortSignal.any([signal, others.signal])),
  );
  try {
    const first = await Promise.any(tries);
    for (const each of tries)
      each.then(
        (other) => other !== first && other.terminate(),
        () => {},
      );
    return first;
  } catch (all) {
    throw mostTelling((all as AggregateError).errors);
  } finally {
    others.abort();
  }
}

function connect(
  endpoint: string,
  { ca, path, secrets }: RpcTarget,
  { connect_s, message_bytes_max }: RpcLimits,
  signal: AbortSignal,
): Promise<WebSocket> {
  const url = `wss://${endpoint}${path}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, {
      ...(ca !== undefined && { ca, servername: SERVER_NAME }),
      handshakeTimeout: connect_s * 1000,
      maxPayload: message_bytes_max,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const give = (up: FaultError | undefined) => {
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
      socket.off('error', fail);
      if (!up) return resolve(socket);
      socket.on('error', () => {}); // what ending it says is no news
      socket.terminate();
      reject(up);
    };
    const fail = (cause: Error) => give(failure(cause, url, (text) => redacted(text, secrets)));
    const abort = () => give(jujuFault('JUJU_UNREACHABLE', `${url}: given up`));
    // The handshake's own timeout begins again with each byte that a slow server sends.
    const timer = setTimeout(
      () => give(jujuFault('JUJU_UNREACHABLE', `${url}: no answer within ${connect_s} s`)),
      connect_s * 1000,
    );
    socket.on('error', fail);
    socket.once('open', () => give(undefined));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}

const ORDER: readonly JujuFaultCode[] = ['JUJU_TLS_REJECTED', 'JUJU_MALFORMED', 'JUJU_UNREACHABLE'];

function mostTelling(errors: readonly Error[]): Error {
  for (const code of ORDER) {
    const found = errors.find((each) => each instanceof FaultError && each.fault.code === code);
    if (found) return found;
  }
  return errors[0];
}

/** Nothing was asked yet: no failure had an effect. */
function failure(cause: Error, url: string, clean: (text: string) => string): FaultError {
  const { code } = cause as { code?: string };
  const details = { effect: 'none', ...(code === undefined ? {} : { upstream: code }) } as const;
  return jujuFault(codeOf(code, cause.message), `${url}: ${clean(cause.message)}`, details);
}

function codeOf(code: string | undefined, message: string): JujuFaultCode {
  if (code === undefined) {
    // ws gives no code when the server answers the handshake with anything but a switch.
    const status = /Unexpected server response: (\d+)/.exec(message)?.[1];
    return status?.startsWith('5') || /handshake has timed out/.test(message)
      ? 'JUJU_UNREACHABLE'
      : 'JUJU_MALFORMED';
  }
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO/.test(code)) return 'JUJU_TLS_REJECTED';
  if (/^(ERR_SSL_|EPROTO|HPE_|WS_ERR_)/.test(code)) return 'JUJU_MALFORMED';
  return 'JUJU_UNREACHABLE';
}
