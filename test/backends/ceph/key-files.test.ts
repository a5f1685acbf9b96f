import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CephBackend } from '../../../backends/ceph/driver.ts';
import { cephDriverOptions } from '../../../backends/ceph/spec.ts';
import type { Outcome } from '../../../engine/contract.ts';

const KEY = 'AQDplantedSecretKeyOfACephUserxxxxxxxxx==';
/** What a file of lines would take for lines of its own; `credential_process` is run by AWS' tools. */
const INJECTED = `${KEY}\n[default]\ncredential_process = /bin/false`;

/** A cluster that gives its users one key: its monitors and its `radosgw-admin`. */
const program = (key: string) => `
  const key = ${JSON.stringify(key)};
  const quota = { enabled: false, max_size: -1, max_objects: -1 };
  const user = { user_id: 'u', display_name: 'u', suspended: 0, max_buckets: 1000,
    user_quota: quota, bucket_quota: quota, keys: [{ access_key: 'AK', secret_key: key }] };
  if (process.argv.includes('user')) { console.log(JSON.stringify(user)); process.exit(0); }
  const users = { auth_dump: [{ entity: 'client.x', key, caps: {} }] };
  let rest = '';
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk).split('\\n');
    rest = lines.pop();
    for (const line of lines) {
      const { id, command = {} } = JSON.parse(line);
      const out = { 'auth ls': users, 'auth get-or-create': [{ entity: 'client.x', key }] };
      console.log(JSON.stringify({ id, rc: 0, said: '', out: JSON.stringify(out[command.prefix] ?? {}) }));
    }
  });`;

let folder: string;
let file: string;
let backend: CephBackend;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-keys-'));
  file = join(folder, 'key');
});
afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  rmSync(folder, { recursive: true });
});

function cluster(key: string): void {
  const wrapper = [process.execPath, '--input-type=commonjs', '-e', program(key), '--'];
  backend = new CephBackend({ ...cephDriverOptions({}, process.env), wrapper });
}

const USERS = [
  { kind: 'ceph-user', entity: 'client.x', params: { caps: {} }, to: 'keyring_file' },
  { kind: 'rgw-user', entity: 'u', params: {}, to: 'credentials_file' },
] as const;
type User = (typeof USERS)[number];

const create = ({ kind, entity, params, to }: User) =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        ...{ key: `${kind}`, layer: 'sds', kind, entity, verb: 'create', deadline_s: 20 },
        params: { ...params, [to]: file },
      },
      reply,
    ),
  );
const refused = { type: 'fault', fault: { code: 'CEPH_BAD_PARAMS', effect: 'none' } };

describe.each(USERS)('the key of a $kind', (user) => {
  it('is written for its owner only', async () => {
    cluster(KEY);
    expect(await create(user)).toMatchObject({ type: 'done', observation: { state: 'present' } });
    expect(readFileSync(file, 'utf8')).toContain(`key = ${KEY}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('never goes to a file that others may have open, nor takes the place of another', async () => {
    cluster(KEY);
    writeFileSync(file, 'of somebody else');
    chmodSync(file, 0o666);
    expect(await create(user)).toMatchObject(refused);
    expect(readFileSync(file, 'utf8')).toBe('of somebody else');
  });

  it('never follows a link', async () => {
    cluster(KEY);
    symlinkSync(join(folder, 'elsewhere'), file);
    expect(await create(user)).toMatchObject(refused);
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });

  it('needs a folder, which is seen before anybody is made', async () => {
    cluster(KEY);
    file = join(folder, 'missing', 'key');
    expect(await create(user)).toMatchObject(refused);
  });

  it('is one word: other lines of the file cannot come with it', async () => {
    cluster(INJECTED);
    const outcome = await create(user);
    expect(outcome).toMatchObject({ fault: { code: 'CEPH_MALFORMED', effect: 'unknown' } });
    expect(existsSync(file)).toBe(false);
    expect(JSON.stringify(outcome)).not.toContain(KEY);
  });
});
