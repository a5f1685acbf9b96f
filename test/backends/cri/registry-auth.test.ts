import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CriBackend } from '../../../backends/cri/driver.ts';
import { registryAuth, registryOf } from '../../../backends/cri/registry-auth.ts';
import type { Outcome } from '../../../engine/contract.ts';
import { FakeRuntime } from './fake-runtime.ts';

const PASSWORD = 'correct-horse-battery';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-auth-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const config = (content: unknown) =>
  writeFileSync(join(folder, 'config.json'), JSON.stringify(content));
const encoded = Buffer.from(`robot:${PASSWORD}`).toString('base64');

it('names the registry of an image', () => {
  expect(registryOf('registry.example:5000/team/app:1')).toBe('registry.example:5000');
  expect(registryOf('localhost/app:1')).toBe('localhost');
  expect(registryOf('library/busybox')).toBe('https://index.docker.io/v1/');
  expect(registryOf('busybox')).toBe('https://index.docker.io/v1/');
});

it("finds credentials where Docker keeps them, and none for others' registries", async () => {
  config({ auths: { 'registry.example': { auth: encoded } } });
  const env = { DOCKER_CONFIG: folder };
  const found = await registryAuth('registry.example/app:1', env);
  expect(found?.username).toBe('robot');
  expect(found?.password.reveal()).toBe(PASSWORD);
  expect(await registryAuth('other.example/app:1', env)).toBeUndefined();
  expect(inspect(found, { depth: 9 })).not.toContain(PASSWORD);
});

it('says which file cannot be read', async () => {
  writeFileSync(join(folder, 'config.json'), '{"auths": 5');
  await expect(registryAuth('a.example/b', { DOCKER_CONFIG: folder })).rejects.toMatchObject({
    fault: { code: 'CRI_BAD_REGISTRY_CONFIG' },
  });
});

it('sends the password to the runtime and nowhere else', async () => {
  config({ auths: { 'registry.example': { auth: encoded } } });
  const server = new FakeRuntime();
  await server.listen();
  const details = `failed to pull: registry says ${PASSWORD} is wrong`;
  server.answers = { PullImage: (_, reply) => reply({ code: status.UNKNOWN, details }) };
  const backend = new CriBackend({ endpoint: server.endpoint, env: { DOCKER_CONFIG: folder } });
  const outcome = await new Promise<Outcome>((reply) =>
    backend.request(
      {
        ...{ key: 'k', layer: 'container', kind: 'container-image', verb: 'pull', params: {} },
        ...{ entity: 'registry.example/app:1', deadline_s: 60 },
      },
      reply,
    ),
  );
  await new Promise<void>((closed) => backend.close(closed));
  server.close();
  const { request } = server.calls.find(({ name }) => name === 'PullImage') ?? {};
  expect(request).toMatchObject({ auth: { username: 'robot', password: PASSWORD } });
  expect(outcome).toMatchObject({ fault: { code: 'CRI_PULL_FAILED' } });
  expect(inspect(outcome, { depth: 9 })).not.toContain(PASSWORD);
});
