import { createReadStream, createWriteStream } from 'node:fs';
import { Agent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Fault } from '../../engine/contract.ts';
import type { FaultError } from '../fault.ts';
import { oneLine } from '../fault-table.ts';
import { redacted } from '../secret.ts';
import { type CephFaultCode, cephFault } from './faults.ts';
import type { S3Place } from './s3-config.ts';
import { limitAnswers } from './s3-limit.ts';

/** One request at a time is tried once: whether to try again is for whoever asked. */
const TRIES = 1;
const CONNECT_MS = 10_000;
const ANSWER_MS = 60_000;
const SOCKETS_MAX = 8;

/** How one request is made. */
export interface S3How {
  readonly signal: AbortSignal;
  /** It changes something: told whether it may have. */
  readonly effect?: (known: Fault['effect']) => void;
}

/** Buckets and objects of the object gateway, by S3: path style, TLS verified. */
export class S3 {
  readonly #client: S3Client;
  readonly #place: S3Place;
  readonly #agent: Agent;

  constructor(place: S3Place) {
    const { accessKeyId, secretAccessKey, sessionToken } = place.credentials;
    this.#place = place;
    this.#agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, ca: place.ca });
    this.#client = new S3Client({
      endpoint: place.endpoint.href,
      region: place.region,
      forcePathStyle: true,
      maxAttempts: TRIES,
      credentials: {
        accessKeyId,
        secretAccessKey: secretAccessKey.reveal(),
        ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
      },
      // Gateways before Squid do not know the checksums that the client adds by default.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        httpsAgent: this.#agent,
        connectionTimeout: CONNECT_MS,
        requestTimeout: ANSWER_MS,
        throwOnRequestTimeout: true,
      },
    });
    limitAnswers(this.#client);
  }

  createBucket(Bucket: string, how: S3How): Promise<unknown> {
    const create = new CreateBucketCommand({ Bucket });
    return this.#send(`create bucket ${Bucket}`, how, (by) => this.#client.send(create, by));
  }

  deleteBucket(Bucket: string, how: S3How): Promise<unknown> {
    const remove = new DeleteBucketCommand({ Bucket });
    return this.#send(`delete bucket ${Bucket}`, how, (by) => this.#client.send(remove, by));
  }

  putObject(
    Bucket: string,
    Key: string,
    body: string | { readonly file: string },
    how: S3How,
  ): Promise<unknown> {
    const Body = typeof body === 'string' ? body : createReadStream(body.file);
    const put = new PutObjectCommand({ Bucket, Key, Body });
    return this.#send(`put ${Bucket}/${Key}`, how, (by) => this.#client.send(put, by));
  }

  deleteObject(Bucket: string, Key: string, how: S3How): Promise<unknown> {
    const remove = new DeleteObjectCommand({ Bucket, Key });
    return this.#send(`delete ${Bucket}/${Key}`, how, (by) => this.#client.send(remove, by));
  }

  /** Writes an object into a file. */
  async getObject(Bucket: string, Key: string, file: string, how: S3How): Promise<void> {
    const what = `get ${Bucket}/${Key}`;
    const get = new GetObjectCommand({ Bucket, Key });
    const { Body } = await this.#send(what, how, (by) => this.#client.send(get, by));
    const write = () => pipeline(Body as Readable, createWriteStream(file), { signal: how.signal });
    await this.#send(what, how, write);
  }

  /** The keys of a bucket's objects, at most a thousand. */
  async keys(Bucket: string, how: S3How): Promise<readonly string[]> {
    const list = new ListObjectsV2Command({ Bucket });
    const { Contents = [] } = await this.#send(`list ${Bucket}`, how, (by) =>
      this.#client.send(list, by),
    );
    return Contents.flatMap((each) => each.Key ?? []);
  }

  close(): void {
    this.#client.destroy();
    this.#agent.destroy();
  }

  async #send<Answer>(
    what: string,
    how: S3How,
    send: (options: { readonly abortSignal: AbortSignal }) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      how.effect?.('unknown');
      return await send({ abortSignal: how.signal });
    } catch (thrown) {
      const fault = this.#fault(what, thrown, how);
      how.effect?.(fault.fault.effect);
      throw fault;
    }
  }

  #fault(what: string, thrown: unknown, how: S3How): FaultError {
    const { secretAccessKey, sessionToken } = this.#place.credentials;
    const secrets = sessionToken ? [secretAccessKey, sessionToken] : [secretAccessKey];
    // Gateways give a code and often no message with it.
    const { name = '', message = String(thrown) } = thrown as Partial<Error>;
    const said = message === 'UnknownError' ? name : message;
    const code = codeOf(thrown);
    const effect: Fault['effect'] = how.effect && MAY_HAVE_HAPPENED.has(code) ? 'unknown' : 'none';
    return cephFault(code, redacted(oneLine(`${what}: ${said}`), secrets), {
      effect,
      upstream: upstreamOf(thrown),
    });
  }
}

const MAY_HAVE_HAPPENED: ReadonlySet<CephFaultCode> = new Set([
  'CEPH_RGW_CONNECTION_LOST',
  'CEPH_RGW_NO_ANSWER',
  'CEPH_RGW_MALFORMED',
  'CEPH_RGW_ANSWER_TOO_LARGE',
  'CEPH_FAILED',
]);

/** Error codes of S3 (docs.ceph.com "Ceph object gateway S3 API", AWS "Error responses"). */
const CODES: Readonly<Record<string, CephFaultCode>> = {
  NoSuchBucket: 'CEPH_UNKNOWN',
  NoSuchKey: 'CEPH_UNKNOWN',
  NotFound: 'CEPH_UNKNOWN',
  BucketAlreadyExists: 'CEPH_EXISTS',
  BucketAlreadyOwnedByYou: 'CEPH_EXISTS',
  BucketNotEmpty: 'CEPH_WRONG_STATE',
  QuotaExceeded: 'CEPH_NO_SPACE',
  TooManyBuckets: 'CEPH_NO_SPACE',
  AccessDenied: 'CEPH_DENIED',
  InvalidAccessKeyId: 'CEPH_DENIED',
  SignatureDoesNotMatch: 'CEPH_DENIED',
  RequestTimeTooSkewed: 'CEPH_DENIED',
  InvalidBucketName: 'CEPH_BAD_PARAMS',
  InvalidArgument: 'CEPH_BAD_PARAMS',
  MethodNotAllowed: 'CEPH_UNSUPPORTED',
  NotImplemented: 'CEPH_UNSUPPORTED',
};

function codeOf(thrown: unknown): CephFaultCode {
  if (thrown instanceof S3ServiceException) return serviceCode(thrown);
  const { code = '', name = '' } = thrown as { code?: string; name?: string };
  if (thrown instanceof SyntaxError || /parse|XML/i.test(String((thrown as Error).message))) {
    return 'CEPH_RGW_MALFORMED';
  }
  if (code === 'ANSWER_TOO_LARGE') return 'CEPH_RGW_ANSWER_TOO_LARGE';
  if (UNREACHED.has(code)) return 'CEPH_RGW_UNREACHABLE';
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY|ERR_SSL|EPROTO/.test(code)) {
    return 'CEPH_RGW_TLS_REJECTED';
  }
  if (code.startsWith('HPE_')) return 'CEPH_RGW_MALFORMED';
  if (CUT_OFF.has(code)) return 'CEPH_RGW_CONNECTION_LOST'; // the client calls these time-outs too
  return name === 'TimeoutError' ? 'CEPH_RGW_NO_ANSWER' : 'CEPH_RGW_CONNECTION_LOST';
}

const CUT_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

const UNREACHED: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);

function serviceCode(thrown: S3ServiceException): CephFaultCode {
  const known = Object.hasOwn(CODES, thrown.name) ? CODES[thrown.name] : undefined;
  if (known) return known;
  const status = thrown.$metadata.httpStatusCode ?? 0;
  if (status === 404) return 'CEPH_UNKNOWN';
  if (status === 401 || status === 403) return 'CEPH_DENIED';
  if (status >= 200 && status < 300) return 'CEPH_RGW_MALFORMED';
  return status >= 500 ? 'CEPH_FAILED' : 'CEPH_REFUSED';
}

function upstreamOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof S3ServiceException)) return (thrown as { code?: string }).code;
  return `${thrown.$metadata.httpStatusCode ?? ''} ${thrown.name}`.trim();
}
