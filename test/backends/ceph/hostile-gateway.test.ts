import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { S3 } from '../../../backends/ceph/s3.ts';
import type { FaultError } from '../../../backends/fault.ts';
import { Secret } from '../../../backends/secret.ts';
import type { Fault } from '../../../engine/contract.ts';

const KEY = 'PlantedSecretAccessKey0000000000000000000';
let server: Server | undefined;
let s3: S3 | undefined;

afterEach(async () => {
  s3?.close();
  server?.closeAllConnections();
  await new Promise((closed) => server?.close(closed));
});

/** A gateway that answers as it is told. */
async function gateway(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<S3> {
  server = createServer(answer);
  await new Promise<void>((listening) => server?.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  s3 = new S3({
    endpoint: new URL(`http://127.0.0.1:${port}`),
    region: 'us-east-1',
    credentials: { accessKeyId: 'A', secretAccessKey: new Secret(KEY) },
  });
  return s3;
}

async function fault(asked: Promise<unknown>): Promise<Fault> {
  const thrown = await asked.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return (thrown as FaultError).fault;
}

const looking = { signal: new AbortController().signal };
const xml = (response: ServerResponse, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/xml' });

describe('a gateway that does not behave ends in a typed fault', () => {
  it('an endless answer is cut off', async () => {
    const from = await gateway((_, response) => {
      xml(response);
      const more = () => {
        while (response.write('<a>'.repeat(100_000)));
        response.once('drain', more);
      };
      more();
    });
    expect(await fault(from.keys('b', looking))).toMatchObject({
      code: 'CEPH_RGW_ANSWER_TOO_LARGE',
      effect: 'none',
    });
  });

  it.each([
    ['not XML', (response: ServerResponse) => xml(response).end('{"hello": 1}')],
    [
      'half of an XML',
      (response: ServerResponse) => xml(response).end('<ListBucketResult><Contents>'),
    ],
  ])('%s', async (_, answer) => {
    const from = await gateway((_request, response) => answer(response));
    expect(await fault(from.keys('b', looking))).toMatchObject({
      code: 'CEPH_RGW_MALFORMED',
      effect: 'none',
    });
  });

  it('an answer that breaks off may hide that it was done', async () => {
    const known: string[] = [];
    const from = await gateway((_, response) => {
      xml(response);
      response.write('<CreateBucket');
      setTimeout(() => response.destroy(), 20);
    });
    const how = { ...looking, effect: (effect: string) => known.push(effect) };
    const found = await fault(from.createBucket('b', how));
    expect(found).toMatchObject({ code: 'CEPH_RGW_CONNECTION_LOST', effect: 'unknown' });
    expect(known.at(-1)).toBe('unknown');
  });

  it('an error that repeats the key does not give it away', async () => {
    const body = `<Error><Code>AccessDenied</Code><Message>key ${KEY}</Message></Error>`;
    const from = await gateway((_, response) => xml(response, 403).end(body));
    const found = await fault(from.createBucket('b', looking));
    expect(found).toMatchObject({ code: 'CEPH_DENIED', upstream: '403 AccessDenied' });
    expect(JSON.stringify(found)).not.toContain(KEY);
  });

  it('one that never answers is given up when the action is', async () => {
    const giveUp = new AbortController();
    const from = await gateway(() => giveUp.abort());
    const asked = fault(from.createBucket('b', { signal: giveUp.signal, effect: () => {} }));
    expect(await asked).toMatchObject({ effect: 'unknown' });
  });
});
