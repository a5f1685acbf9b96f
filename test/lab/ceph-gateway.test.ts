import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CephBackend } from '../../backends/ceph/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { cephEndpoint } from '../../lab/ceph/system.ts';
import { signal, start, startAll } from './ceph-daemons.ts';
import { act, ask, closed, openCeph, START_TIMEOUT_MS, startLab } from './ceph-lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'strata-s3-'));
/** A name of its own for every run: what one left is not in the way of the next. */
const BUCKET = `strata-${Date.now()}`;
const KIB = 1024;
let backend: CephBackend;

beforeAll(async () => {
  await startLab();
  await startAll();
  backend = openCeph();
}, START_TIMEOUT_MS);

afterAll(async () => {
  await closed(backend);
  rmSync(folder, { recursive: true });
});

const run = (kind: string, entity: string, verb: string, params: object = {}) =>
  act(backend, kind, entity, verb, { ...params });
const faultOf = (kind: string, entity: string, verb: string, params: object = {}) =>
  ask(backend, kind, entity, verb, { ...params });
const observe = (kind: string, entity: string): Promise<Observation> =>
  backend.driver.observe(kind, entity);

describe('buckets and objects, by S3 over verified TLS', () => {
  it('a bucket is made, objects are put, read and deleted, and the bucket is removed', async () => {
    expect(await run('bucket', BUCKET, 'create')).toMatchObject({
      state: 'available',
      attributes: { owner: 'strata', objects: 0 },
    });
    await run('bucket', BUCKET, 'put_object', { key: 'a/b', body: 'hello' });
    const file = join(folder, 'upload');
    writeFileSync(file, 'x'.repeat(300 * KIB));
    await run('bucket', BUCKET, 'put_object', { key: 'file', file });
    const copy = join(folder, 'copy');
    await run('bucket', BUCKET, 'get_object', { key: 'file', file: copy });
    expect(readFileSync(copy, 'utf8')).toBe(readFileSync(file, 'utf8'));
    await expect
      .poll(async () => (await observe('bucket', BUCKET)).attributes?.['objects'], {
        timeout: 10_000,
      })
      .toBe(2);
    expect(await faultOf('bucket', BUCKET, 'remove')).toMatchObject({
      fault: { code: 'CEPH_WRONG_STATE', upstream: '409 BucketNotEmpty', effect: 'none' },
    });
    for (const key of ['a/b', 'file']) await run('bucket', BUCKET, 'delete_object', { key });
    expect(await run('bucket', BUCKET, 'remove')).toMatchObject({ state: 'absent' });
    expect(await run('bucket', BUCKET, 'remove')).toMatchObject({ state: 'absent' });
  });

  it('a quota is used up: nothing more is written; raised: it is', async () => {
    await run('bucket', BUCKET, 'create');
    await run('bucket', BUCKET, 'set_quota', { max_objects: 1 });
    await run('bucket', BUCKET, 'put_object', { key: 'one', body: '1' });
    await expect
      .poll(async () => (await observe('bucket', BUCKET)).state, { timeout: 10_000 })
      .toBe('over_quota');
    await expect
      .poll(() => faultOf('bucket', BUCKET, 'put_object', { key: 'two', body: '2' }), {
        timeout: 30_000,
      })
      .toMatchObject({ fault: { code: 'CEPH_NO_SPACE', upstream: '403 QuotaExceeded' } });
    await run('bucket', BUCKET, 'set_quota', { max_objects: 10 });
    expect(await observe('bucket', BUCKET)).toMatchObject({ state: 'available' });
    await run('bucket', BUCKET, 'set_quota');
    expect(await observe('bucket', BUCKET)).toMatchObject({ attributes: { quota_max_objects: 0 } });
    for (const key of ['one', 'two']) await run('bucket', BUCKET, 'delete_object', { key });
    await run('bucket', BUCKET, 'remove');
  });

  it('what S3 refuses keeps its code', async () => {
    const object = { key: 'k', body: 'b', file: join(folder, 'none') };
    expect(
      await faultOf('bucket', 'no-such-bucket', 'put_object', { key: 'k', body: 'b' }),
    ).toMatchObject({
      fault: { code: 'CEPH_UNKNOWN', upstream: '404 NoSuchBucket' },
    });
    await run('bucket', BUCKET, 'create');
    expect(await faultOf('bucket', BUCKET, 'get_object', object)).toMatchObject({
      fault: { code: 'CEPH_UNKNOWN', upstream: '404 NoSuchKey' },
    });
    await run('bucket', BUCKET, 'remove');
    expect(await faultOf('bucket', 'Not A Bucket!', 'create')).toMatchObject({
      fault: { effect: 'none', upstream: expect.stringMatching(/InvalidBucketName/) },
    });
  });
});

/** A driver that signs with other keys, trusts others, or goes somewhere else. */
async function withEnvironment(
  env: Record<string, string>,
  look: (backend: CephBackend) => Promise<void>,
): Promise<void> {
  const before = Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]));
  const other = openCeph({}, env);
  try {
    await look(other);
  } finally {
    await closed(other);
    expect(Object.fromEntries(Object.keys(env).map((name) => [name, process.env[name]]))).toEqual(
      before,
    );
  }
}

describe('users of the gateway', () => {
  const uid = 'gateway-test';

  it('are made with keys that work, limited, suspended, enabled and removed', async () => {
    const credentials_file = join(folder, 'credentials');
    const made = await run('rgw-user', uid, 'create', { display_name: 'A test', credentials_file });
    expect(made).toMatchObject({ state: 'present', attributes: { display_name: 'A test' } });
    const secret = /aws_secret_access_key = (\S+)/.exec(readFileSync(credentials_file, 'utf8'))![1];
    expect(JSON.stringify([made, await backend.driver.list()])).not.toContain(secret);

    const own = `${BUCKET}-own`;
    await withEnvironment({ AWS_SHARED_CREDENTIALS_FILE: credentials_file }, async (other) => {
      expect(await act(other, 'bucket', own, 'create')).toMatchObject({
        attributes: { owner: uid },
      });
      await act(backend, 'rgw-user', uid, 'suspend');
      expect(await ask(other, 'bucket', own, 'put_object', { key: 'k', body: 'b' })).toMatchObject({
        fault: { code: 'CEPH_DENIED', upstream: expect.stringMatching(/^403/) },
      });
      expect(await act(backend, 'rgw-user', uid, 'enable')).toMatchObject({ state: 'present' });
      await act(other, 'bucket', own, 'remove');
    });
    expect(await run('rgw-user', uid, 'set_quota', { max_bytes: 64 * KIB })).toMatchObject({
      attributes: { quota_max_bytes: 64 * KIB, quota_max_objects: 0 },
    });
    expect(await run('rgw-user', uid, 'remove')).toMatchObject({ state: 'absent' });
    expect(await faultOf('rgw-user', uid, 'suspend')).toMatchObject({
      fault: { effect: 'none', upstream: expect.stringMatching(/^-\d+$/) },
    });
  });
});

describe('the way to the gateway', () => {
  const SECRET = 'PlantedSecretAccessKey0000000000000000000';

  it('a wrong key is refused, and told to nobody', async () => {
    const keys = { AWS_ACCESS_KEY_ID: 'NOBODY', AWS_SECRET_ACCESS_KEY: SECRET };
    await withEnvironment(keys, async (other) => {
      const outcome = await ask(other, 'bucket', BUCKET, 'create');
      expect(outcome).toMatchObject({
        fault: { code: 'CEPH_DENIED', upstream: '403 InvalidAccessKeyId', effect: 'none' },
      });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
    });
  });

  it('a certificate that nobody vouches for is not accepted', async () => {
    await withEnvironment({ AWS_CA_BUNDLE: '' }, async (other) => {
      expect(await ask(other, 'bucket', BUCKET, 'create')).toMatchObject({
        fault: { code: 'CEPH_RGW_TLS_REJECTED', effect: 'none' },
      });
    });
  });

  it('an address where nobody listens is said to be one', async () => {
    const { hostname } = new URL(cephEndpoint()['AWS_ENDPOINT_URL_S3']);
    const nowhere = { AWS_ENDPOINT_URL_S3: `https://${hostname}:1` };
    await withEnvironment(nowhere, async (other) => {
      expect(await ask(other, 'bucket', BUCKET, 'create')).toMatchObject({
        fault: { code: 'CEPH_RGW_UNREACHABLE', upstream: 'ECONNREFUSED', effect: 'none' },
      });
    });
  });

  it('a gateway that hangs may have done it', async () => {
    await signal('rgw.a', 'SIGSTOP');
    try {
      const asked = ask(backend, 'bucket', BUCKET, 'create', {}, { deadline_s: 2 });
      expect(await asked).toMatchObject({
        fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' },
      });
    } finally {
      await signal('rgw.a', 'SIGCONT');
    }
    await expect
      .poll(async () => (await observe('bucket', BUCKET)).state, { timeout: 10_000 })
      .toBeDefined();
    await run('bucket', BUCKET, 'remove');
  });

  it('a gateway that ends while it is asked may have done it', async () => {
    await signal('rgw.a', 'SIGSTOP');
    const asked = ask(backend, 'bucket', BUCKET, 'create');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await signal('rgw.a', 'SIGKILL');
    const outcome = await asked;
    await start('rgw.a');
    expect(outcome).toMatchObject({
      fault: { code: 'CEPH_RGW_CONNECTION_LOST', effect: 'unknown' },
    });
    await expect
      .poll(() => faultOf('bucket', BUCKET, 'remove'), { timeout: 60_000 })
      .toMatchObject({ type: 'done' });
  });
});
