import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KubernetesBackend } from '../../../backends/kubernetes/driver.ts';
import { KUBERNETES_PARAMS } from '../../../backends/kubernetes/params.ts';
import type { Outcome } from '../../../engine/contract.ts';
import { mistyped, naming } from '../mistyped.ts';
import { FakeApi, json, status } from './fake-api.ts';

let server: FakeApi;
let backend: KubernetesBackend;

beforeEach(async () => {
  server = new FakeApi();
  await server.listen();
  backend = new KubernetesBackend({ access: server.access });
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

let count = 0;
const request = (
  kind: string,
  verb: string,
  params: Readonly<Record<string, unknown>>,
): Promise<Outcome> => {
  const about = { layer: 'caas', kind, entity: 'x', verb, deadline_s: 60 } as const;
  return new Promise((reply) => backend.request({ key: `k${++count}`, ...about, params }, reply));
};

it.each(mistyped(KUBERNETES_PARAMS))(
  '$verb of a $kind refuses what is of a wrong type before anything is sent',
  async ({ kind, verb, wrong }) => {
    const property = fc.asyncProperty(wrong, async ([field, value]) => {
      const message = expect.stringMatching(naming(field));
      const fault = { code: 'KUBERNETES_BAD_PARAMS', effect: 'none', message };
      const outcome = await request(kind, verb, { [field]: value });
      expect(outcome, JSON.stringify([field, value])).toMatchObject({ fault });
    });
    await fc.assert(property, { numRuns: 20 });
    expect(server.requests).toEqual([]);
  },
);

it('by force, a pod has no time to end, whatever it is given', async () => {
  const pod = { metadata: { name: 'x', namespace: 'default', uid: 'u' } };
  const path = 'api/v1/namespaces/default/pods/x';
  let isThere = true;
  server.answers[`GET ${path}`] = (_, response) => {
    if (isThere) json(response, 200, pod);
    else json(response, 404, status(404, 'NotFound', 'it is gone'));
  };
  server.answers[`DELETE ${path}`] = (_, response) => {
    isThere = false;
    json(response, 200, pod);
  };
  expect(await request('pod', 'force_delete', { grace_s: 30 })).toMatchObject({ type: 'done' });
  expect(server.requests.find(({ method }) => method === 'DELETE')?.body).toMatchObject({
    gracePeriodSeconds: 0,
    preconditions: { uid: 'u' },
  });
});
