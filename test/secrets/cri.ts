import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { FakeRuntime } from '../backends/cri/fake-runtime.ts';
import { basicOf, type Plant, saying, secretOf, step } from './planted.ts';

/** CRI: the password of a registry, which the runtime is told with a pull. */
export const plantCri: Plant = async (folder, manner) => {
  const password = secretOf('cri-registry');
  const pair = basicOf('u', password);
  const secrets = [password, pair];
  const auths = { 'registry.example': { auth: pair } };
  const text = JSON.stringify({ auths });
  writeFileSync(join(folder, 'config.json'), manner === 'misread' ? `${text} :` : text);
  const runtime = new FakeRuntime();
  const said = (request: unknown, known = secrets) => `${JSON.stringify(request)} ${saying(known)}`;
  runtime.answers = {
    PullImage: (request, reply) => reply({ code: status.UNAVAILABLE, details: said(request) }),
  };
  if (manner === 'refuses') {
    runtime.answers.Version = (request, reply) =>
      reply({ code: status.UNAUTHENTICATED, details: said(request, []) });
  }
  await runtime.listen();
  return {
    secrets,
    env: { DOCKER_CONFIG: folder },
    options: { endpoint: runtime.endpoint, host: 'planted' },
    isHeard: manner !== 'misread',
    operation: step('container-image/registry.example/planted', 'pull', 'present'),
    close: async () => runtime.close(),
  };
};
