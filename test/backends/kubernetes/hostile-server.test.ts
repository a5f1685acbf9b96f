import type { ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KubernetesBackend } from '../../../backends/kubernetes/driver.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeApi, type FakeRequest, json, list, status, TOKEN } from './fake-api.ts';

const JOB = 'apis/batch/v1/namespaces/default/jobs/j';
const NODE = 'api/v1/nodes/n1';

const LIMITS = { connect_s: 20, answer_s: 20, answer_bytes_max: 64 * 1024, pages_max: 5 };

let server: FakeApi;
let backend: KubernetesBackend;

beforeEach(async () => {
  server = new FakeApi();
  await server.listen();
  backend = new KubernetesBackend({ access: server.access, limits: LIMITS });
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  await server.close();
});

/** Waits no longer than it must, where the test is that there is no answer. */
async function beImpatient(): Promise<void> {
  await new Promise<void>((closed) => backend.close(closed));
  backend = new KubernetesBackend({ access: server.access, limits: { ...LIMITS, answer_s: 0.5 } });
}

const observe = (kind = 'job', entity = 'j') =>
  new Promise<Observation | Fault>((reply) => backend.observe(kind, entity, reply));
let count = 0;
const request = (
  kind: string,
  entity: string,
  verb: string,
  params: object = {},
  deadline_s = 60,
) =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'caas', kind, entity, verb, deadline_s },
        params: params as Record<string, unknown>,
      },
      reply,
    ),
  );
const answer = (path: string, what: (response: ServerResponse, request: FakeRequest) => void) => {
  server.answers[path] = (asked, response) => what(response, asked);
};
const manifest = { spec: { suspend: false } };

describe('an API server that breaks its protocol', () => {
  it('is told from one that keeps it', async () => {
    answer(`GET ${JOB}`, (response) =>
      json(response, 200, { metadata: { name: 'j', namespace: 'default' }, spec: {} }),
    );
    expect(await observe()).toMatchObject({ state: 'Active' });
    expect(await observe('job', 'none')).toMatchObject({ state: 'absent' });
  });

  it.each<[string, (response: ServerResponse) => void, string]>([
    ['huge', (r) => r.writeHead(200).end(Buffer.alloc(100_000, 32)), 'KUBERNETES_ANSWER_TOO_LARGE'],
    ['no JSON', (r) => r.writeHead(200).end('<html>'), 'KUBERNETES_MALFORMED'],
    ['no object', (r) => r.writeHead(200).end('7'), 'KUBERNETES_MALFORMED'],
    ['empty', (r) => r.writeHead(200).end(), 'KUBERNETES_MALFORMED'],
    ['silent', () => {}, 'KUBERNETES_NO_ANSWER'],
    ['dripping', (r) => void r.writeHead(200).write('{'), 'KUBERNETES_NO_ANSWER'],
    [
      'truncated',
      (r) => r.writeHead(200, { 'content-length': 99 }).write('{', () => r.destroy()),
      'KUBERNETES_CONNECTION_LOST',
    ],
  ])('with an answer that is %s ends in a typed fault', async (_, says, code) => {
    answer(`GET ${JOB}`, says);
    if (code === 'KUBERNETES_NO_ANSWER') await beImpatient();
    expect(await observe()).toMatchObject({ code, effect: 'none' });
  });

  it('with a list that is none ends in a typed fault', async () => {
    answer('GET apis/batch/v1/jobs', (response) => json(response, 200, { items: 7 }));
    const listed = await new Promise((reply) => backend.list(reply));
    expect(listed).toMatchObject({ code: 'KUBERNETES_MALFORMED' });
  });

  it('with a list that never ends ends in a typed fault', async () => {
    answer('GET apis/batch/v1/jobs', (response) =>
      json(response, 200, { items: [], metadata: { resourceVersion: '1', continue: 'more' } }),
    );
    const listed = await new Promise((reply) => backend.list(reply));
    expect(listed).toMatchObject({ code: 'KUBERNETES_MALFORMED', effect: 'none' });
    expect(server.requests.filter(({ path }) => path === 'apis/batch/v1/jobs')).toHaveLength(5);
  });

  it('whose error text holds control characters and the token gives one clean line', async () => {
    const message = `bad\u001b[31m\n${TOKEN}`;
    answer(`GET ${JOB}`, (response) => response.writeHead(500).end(message));
    const fault = (await observe()) as Fault;
    expect(fault).toMatchObject({ code: 'KUBERNETES_FAILED', upstream: '500' });
    expect(fault.message).toContain('bad [31m [secret]');
    expect(inspect(fault)).not.toContain(TOKEN);
  });
});

describe("refusals keep the API server's own reason", () => {
  it.each([
    [401, 'Unauthorized', 'KUBERNETES_UNAUTHORIZED', false],
    [403, 'Forbidden', 'KUBERNETES_FORBIDDEN', false],
    [404, 'NotFound', 'KUBERNETES_NOT_FOUND', false],
    [409, 'Conflict', 'KUBERNETES_CONFLICT', false],
    [422, 'Invalid', 'KUBERNETES_INVALID', false],
    [503, 'ServiceUnavailable', 'KUBERNETES_OVERLOADED', true],
  ])('%i %s', async (code, reason, ours, retryable) => {
    answer(`PATCH ${JOB}`, (response) => json(response, code, status(code, reason, 'because')));
    expect(await request('job', 'j', 'apply', { manifest })).toMatchObject({
      fault: { code: ours, upstream: `${code} ${reason}`, effect: 'none', retryable },
    });
  });

  it.each([
    [7, 7],
    [-1, 0.1],
    [1e12, 300],
  ])(
    'and 429 is busy, for as long as the server says within reason: %d s',
    async (asked, given) => {
      const details = { retryAfterSeconds: asked };
      const told = { ...status(429, 'TooManyRequests', 'later'), details };
      answer(`PATCH ${JOB}`, (response) => json(response, 429, told));
      const outcome = await request('job', 'j', 'apply', { manifest });
      expect(outcome).toEqual({ type: 'busy', retry_after_s: given });
    },
  );
});

describe('acts', () => {
  it('whose answer is lost leave it open whether they happened', async () => {
    answer(`PATCH ${JOB}`, (response) => response.destroy());
    expect(await request('job', 'j', 'apply', { manifest })).toMatchObject({
      fault: { code: 'KUBERNETES_CONNECTION_LOST', effect: 'unknown' },
    });
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  it('apply on the server side, under the name that is asked for', async () => {
    answer(`PATCH ${JOB}`, (response) =>
      json(response, 200, { metadata: { name: 'j', namespace: 'default' } }),
    );
    const given = { kind: 'Secret', metadata: { name: 'other', labels: { a: 'b' } }, ...manifest };
    await request('job', 'j', 'apply', { manifest: given, force: true });
    const [{ body, query, type }] = server.requests.filter(({ method }) => method === 'PATCH');
    expect(type).toBe('application/apply-patch+yaml');
    expect(Object.fromEntries(query)).toEqual({ fieldManager: 'strata', force: 'true' });
    expect(body).toEqual({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'j', namespace: 'default', labels: { a: 'b' } },
      spec: { suspend: false },
    });
  });

  it.each([
    ['job', '../../secrets', 'delete', {}],
    ['job', 'a/b/c', 'delete', {}],
    ['node', 'ns/n1', 'cordon', {}],
    ['deployment', 'd', 'scale', { replicas: -1 }],
    ['job', 'j', 'apply', {}],
    ['node', 'n1', 'taint', { key: 'k', effect: 'Explode' }],
  ])(
    'with wrong names or parameters are refused before anything is sent: %s %s %s',
    async (kind, entity, verb, params) => {
      expect(await request(kind, entity, verb, params)).toMatchObject({
        fault: { code: 'KUBERNETES_BAD_PARAMS', effect: 'none' },
      });
      expect(server.requests).toEqual([]);
    },
  );
});

describe('a drain', () => {
  const node = { metadata: { name: 'n1', resourceVersion: '9' }, spec: { unschedulable: true } };
  const owned = (kind: string) => [{ kind, name: 'o', uid: 'o', controller: true }];
  const pod = (name: string, more: object = {}, spec: object = {}) => ({
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      ownerReferences: owned('ReplicaSet'),
      ...more,
    },
    spec: { nodeName: 'n1', containers: [], ...spec },
    status: { phase: 'Running' },
  });
  const podPath = (name: string) => `api/v1/namespaces/default/pods/${name}`;
  const evictions = () => server.requests.filter(({ path }) => path.endsWith('/eviction'));

  beforeEach(() => {
    answer(`GET ${NODE}`, (response) => json(response, 200, node));
    answer(`PATCH ${NODE}`, (response) => json(response, 200, node));
  });

  it('leaves the pods of daemon sets and static pods where they are', async () => {
    const mirror = { annotations: { 'kubernetes.io/config.mirror': 'x' } };
    const daemon = pod('d', { ownerReferences: owned('DaemonSet') });
    answer('GET api/v1/pods', (response) =>
      json(response, 200, list([daemon, pod('m', mirror), pod('p')])),
    );
    answer(`POST ${podPath('p')}/eviction`, (response) => json(response, 201, {}));
    expect(await request('node', 'n1', 'drain')).toMatchObject({ type: 'done' });
    expect(evictions().map(({ path }) => path)).toEqual([`${podPath('p')}/eviction`]);
  });

  it.each([
    ['pods that nobody makes anew', pod('bare', { ownerReferences: [] }), { force: true }],
    [
      'data in an emptyDir',
      pod('data', {}, { volumes: [{ emptyDir: {} }] }),
      { delete_emptydir_data: true },
    ],
  ])('refuses to lose %s, before it has done anything', async (_, one, allowed) => {
    answer('GET api/v1/pods', (response) => json(response, 200, list([one])));
    answer(`POST ${podPath(one.metadata.name)}/eviction`, (response) => json(response, 201, {}));
    expect(await request('node', 'n1', 'drain')).toMatchObject({
      fault: { code: 'KUBERNETES_DRAIN_REFUSED', effect: 'none' },
    });
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
    expect(await request('node', 'n1', 'drain', allowed)).toMatchObject({ type: 'done' });
  });

  it('that is given up has left the node cordoned, and says that it began', async () => {
    answer('GET api/v1/pods', (response) => json(response, 200, list([pod('p')])));
    answer(`POST ${podPath('p')}/eviction`, (response) =>
      json(response, 429, status(429, 'TooManyRequests', 'violates the budget')),
    );
    const outcome = await request('node', 'n1', 'drain', {}, 0.3);
    expect(outcome).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED', effect: 'unknown' } });
    await eventually(async () =>
      expect(await observe('node', 'n1')).toMatchObject({ state: 'registering+cordoned' }),
    );
  });
});

describe('what is measured', () => {
  it('stands among the attributes where the cluster has metrics', async () => {
    answer(`GET ${NODE}`, (response) =>
      json(response, 200, { metadata: { name: 'n1' }, status: {} }),
    );
    expect((await observe('node', 'n1')) as Observation).not.toHaveProperty(
      'attributes.cpu_used_m',
    );
    answer('GET apis/metrics.k8s.io/v1beta1/nodes/n1', (response) =>
      json(response, 200, { usage: { cpu: '123456789n', memory: '64Mi' } }),
    );
    expect(await observe('node', 'n1')).toMatchObject({
      attributes: { cpu_used_m: 124, memory_used_bytes: 64 * 2 ** 20 },
    });
  });

  it('and the last warning with it', async () => {
    answer(`GET ${NODE}`, (response) =>
      json(response, 200, { metadata: { name: 'n1' }, status: {} }),
    );
    answer('GET api/v1/events', (response) =>
      json(
        response,
        200,
        list([
          { reason: 'Old', message: 'before', lastTimestamp: '2026-01-01T00:00:00Z' },
          { reason: 'New', message: 'just now', lastTimestamp: '2026-01-02T00:00:00Z' },
        ]),
      ),
    );
    expect(await observe('node', 'n1')).toMatchObject({ attributes: { warning: 'New: just now' } });
  });
});
