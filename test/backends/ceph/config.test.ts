import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cephPlace } from '../../../backends/ceph/config.ts';
import { s3Place } from '../../../backends/ceph/s3-config.ts';
import { cephSpec } from '../../../backends/ceph/spec.ts';

describe('where the cluster is', () => {
  it("is where Ceph's own tools look, by default", () => {
    expect(cephPlace({}, {})).toEqual({ conf: '', name: 'client.admin', cluster: 'ceph' });
  });

  it('is what CEPH_CONF and CEPH_ARGS say', () => {
    expect(cephPlace({}, { CEPH_CONF: '/c' })).toMatchObject({ conf: '/c' });
    const ways = [
      '--id strata --cluster blue -c /d',
      '--user strata --cluster=blue --conf=/d',
      '-n client.strata --cluster blue --conf /d --log-to-stderr',
      '--name=client.strata --keyring /k --cluster=blue -c /d',
    ];
    for (const CEPH_ARGS of ways) {
      expect(cephPlace({}, { CEPH_ARGS, CEPH_CONF: '/c' })).toEqual({
        conf: '/d',
        name: 'client.strata',
        cluster: 'blue',
      });
    }
  });

  it('is what the options say first', () => {
    const options = { conf: '/o', name: 'client.o', cluster: 'o', keyring: '/k' };
    expect(cephPlace(options, { CEPH_CONF: '/c', CEPH_ARGS: '--id x -c /d' })).toEqual(options);
  });

  it('refuses what cannot be a user, and arguments without a value', () => {
    expect(() => cephPlace({ name: 'admin' }, {})).toThrow(/form client.NAME/);
    expect(() => cephPlace({}, { CEPH_ARGS: '--id' })).toThrow(/has no value/);
  });

  it('takes no options that it does not know', () => {
    expect(cephSpec.options.safeParse({ conf: '/c', s3_endpoint: 'x' }).success).toBe(true);
    expect(cephSpec.options.safeParse({ secret_key: 'x' }).success).toBe(false);
  });
});

describe('where the object gateway is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strata-s3-'));
  const file = join(folder, 'credentials');
  writeFileSync(
    file,
    '[default]\naws_access_key_id = D\naws_secret_access_key = DS\n[other]\naws_access_key_id = O\naws_secret_access_key = OS\n',
  );
  afterAll(() => rmSync(folder, { recursive: true }));
  const env = { AWS_ENDPOINT_URL_S3: 'https://gw:1', AWS_SHARED_CREDENTIALS_FILE: file };
  const idOf = (place: ReturnType<typeof s3Place>) => place.credentials.accessKeyId;

  it('is what the environment of the AWS tools says', () => {
    const place = s3Place({}, env);
    expect(place.endpoint.href).toBe('https://gw:1/');
    expect(idOf(place)).toBe('D');
    expect(place.credentials.secretAccessKey.reveal()).toBe('DS');
    expect(JSON.stringify(place)).not.toContain('DS');
    expect(idOf(s3Place({}, { ...env, AWS_PROFILE: 'other' }))).toBe('O');
    const keys = { AWS_ACCESS_KEY_ID: 'E', AWS_SECRET_ACCESS_KEY: 'ES' };
    expect(idOf(s3Place({}, { ...env, ...keys }))).toBe('E');
    expect(idOf(s3Place({ profile: 'other' }, { ...env, ...keys }))).toBe('O');
  });

  it('says what is missing', () => {
    expect(() => s3Place({}, {})).toThrow(/not known where/);
    expect(() => s3Place({ endpoint: 'nowhere' }, {})).toThrow(/no URL/);
    expect(() => s3Place({ profile: 'none' }, env)).toThrow(/no S3 credentials/);
    expect(() => s3Place({ ca_file: join(folder, 'none') }, env)).toThrow(/CA certificates/);
  });
});
