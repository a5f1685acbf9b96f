import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CriBackend } from '../../../backends/cri/driver.ts';
import { CRI_PARAMS } from '../../../backends/cri/params.ts';
import type { Outcome } from '../../../engine/contract.ts';
import { mistyped, naming } from '../mistyped.ts';
import { FakeRuntime } from './fake-runtime.ts';

let server: FakeRuntime;
let backend: CriBackend;

beforeEach(async () => {
  server = new FakeRuntime();
  await server.listen();
  backend = new CriBackend({ endpoint: server.endpoint, host: 'here', env: {} });
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  server.close();
});

it.each(mistyped(CRI_PARAMS))(
  '$verb of a $kind refuses what is of a wrong type before anything is sent',
  async ({ kind, verb, wrong }) => {
    const entity = kind === 'container' ? 'pod/c' : 'pod';
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const about = { layer: 'container', kind, entity, verb, deadline_s: 60 } as const;
      const key = JSON.stringify([field, value]);
      const outcome = await new Promise<Outcome>((reply) =>
        backend.request({ key, ...about, params: { [field]: value } }, reply),
      );
      const message = expect.stringMatching(naming(field));
      const fault = { code: 'CRI_BAD_PARAMS', effect: 'none', message };
      expect(outcome, key).toMatchObject({ fault });
    });
    await fc.assert(property, { numRuns: 20 });
    expect(server.calls).toEqual([]);
  },
);
