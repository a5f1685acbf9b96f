import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CriBackend } from '../../../backends/cri/driver.ts';
import { upstreamError } from '../../../backends/cri/faults.ts';
import type { WatchPlan } from '../../../backends/cri/watch.ts';
import type { Fault, Observation, Outcome } from '../../../engine/contract.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeRuntime } from './fake-runtime.ts';

const LIMITS = { connect_s: 20, call_s: 20, answer_bytes_max: 64 * 1024 };

let server: FakeRuntime;
let backend: CriBackend;

beforeEach(async () => {
  server = new FakeRuntime();
  await server.listen();
  backend = open(server.endpoint);
});

afterEach(async () => {
  await new Promise<void>((closed) => backend.close(closed));
  server.close();
});

function open(
  endpoint: string,
  watch: Partial<WatchPlan> = {},
  limits: Partial<typeof LIMITS> = {},
): CriBackend {
  return new CriBackend({
    ...{ endpoint, host: 'here', limits: { ...LIMITS, ...limits }, env: {} },
    watch: { poll_s: 0.02, resync_s: 60, failed: { first_s: 0.01, max_s: 0.02 }, ...watch },
  });
}

/** Waits no longer than it must, where the test is that nobody is there or answers. */
async function beImpatient(): Promise<void> {
  await new Promise<void>((closed) => backend.close(closed));
  backend = open(server.endpoint, {}, { connect_s: 1, call_s: 1 });
}

const observe = (kind = 'sandbox', entity = 'pod') =>
  new Promise<Observation | Fault>((reply) => backend.observe(kind, entity, reply));
let count = 0;
const request = (kind: string, entity: string, verb: string, params: object = {}) =>
  new Promise<Outcome>((reply) =>
    backend.request(
      {
        key: `k${++count}`,
        ...{ layer: 'container', kind, entity, verb, deadline_s: 60 },
        params: params as Record<string, unknown>,
      },
      reply,
    ),
  );

const READY = {
  id: 'a1',
  metadata: { name: 'pod', uid: 'u', namespace: 'default', attempt: 0 },
  state: 'SANDBOX_READY',
  created_at: '5',
};

describe('a runtime that breaks its protocol', () => {
  it('is told from one that keeps it', async () => {
    server.answers = {
      ListPodSandbox: (_, reply) => reply(null, { items: [READY] }),
      PodSandboxStatus: (_, reply) => reply(null, { status: { network: { ip: '10.0.0.7' } } }),
    };
    expect(await observe()).toMatchObject({
      state: 'SANDBOX_READY',
      attributes: { ip: '10.0.0.7', id: 'a1' },
    });
  });

  it('with an answer larger than is accepted ends in a typed fault', async () => {
    const items = Array.from({ length: 2_000 }, (_, i) => ({ ...READY, id: `${i}`.repeat(40) }));
    server.answers = { ListPodSandbox: (_, reply) => reply(null, { items }) };
    expect(await observe()).toMatchObject({
      code: 'CRI_TOO_LARGE',
      upstream: '8 RESOURCE_EXHAUSTED',
    });
  });

  it('with no answer at all is given up in time', async () => {
    server.answers = { ListPodSandbox: () => {} };
    await beImpatient();
    expect(await observe()).toMatchObject({ code: 'CRI_NO_ANSWER', retryable: true });
  });

  it('with fields left out is read as with their defaults', async () => {
    server.answers = { ListPodSandbox: (_, reply) => reply(null, { items: [{}, READY] }) };
    expect(await observe()).toMatchObject({ state: 'SANDBOX_READY' });
    server.answers = { ContainerStatus: (_, reply) => reply(null, {}) };
    expect(await observe('container', 'pod/c')).toMatchObject({ state: 'absent' });
  });

  it('with no status of a container that has ended ends in a typed fault', async () => {
    server.answers = {
      ListPodSandbox: (_, reply) => reply(null, { items: [READY] }),
      ListContainers: (_, reply) =>
        reply(null, {
          containers: [
            { id: 'c1', pod_sandbox_id: 'a1', metadata: { name: 'c' }, state: 'CONTAINER_EXITED' },
          ],
        }),
      ContainerStatus: (_, reply) => reply(null, {}),
    };
    expect(await observe('container', 'pod/c')).toMatchObject({ code: 'CRI_MALFORMED' });
  });

  it('whose error text holds control characters gives a message of one line', async () => {
    server.answers = {
      ListPodSandbox: (_, reply) => reply({ code: status.UNKNOWN, details: 'a\u001b[31m\nb' }),
    };
    const fault = (await observe()) as Fault;
    expect(fault).toMatchObject({ code: 'CRI_FAILED', upstream: '2 UNKNOWN' });
    expect(fault.message).toMatch(/a.*\[31m b$/);
  });

  it('of another version is refused by the doctor', async () => {
    server.answers = {
      Version: (_, reply) => reply(null, { runtime_name: 'old', runtime_api_version: 'v1alpha2' }),
    };
    const found = await backend.driver.diagnose();
    expect(found.at(-1)).toMatchObject({ check: 'version', ok: false });
    expect(found.at(-1)?.found).toContain('v1alpha2');
  });
});

describe('a socket that is not a runtime', () => {
  let other: Server;
  const sockets = new Set<Socket>();
  let greeting: (socket: Socket) => void;

  beforeEach(async () => {
    server.close();
    rmSync(server.socket, { force: true });
    other = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      greeting(socket);
    });
    await new Promise<void>((resolve) => other.listen(server.socket, resolve));
  });

  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ['speaks HTTP/1', (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['says nothing', () => {}],
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['floods', (socket: Socket) => socket.write(Buffer.alloc(1 << 20, 7))],
  ])('but %s ends in a typed fault, soon', async (_, says) => {
    greeting = says;
    await beImpatient();
    const answer = await observe();
    expect(answer).toMatchObject({
      code: expect.stringMatching(/^CRI_(UNREACHABLE|CONNECTION_LOST|NO_ANSWER|MALFORMED)$/),
      retryable: true,
    });
  });
});

describe('acts', () => {
  it('that the runtime loses leave it open whether they happened', async () => {
    server.answers = { RunPodSandbox: () => server.close() };
    expect(await request('sandbox', 'pod', 'run')).toMatchObject({
      fault: { code: 'CRI_CONNECTION_LOST', effect: 'unknown' },
    });
  });

  it('that were never sent had no effect', async () => {
    await beImpatient();
    server.close();
    expect(await request('sandbox', 'pod', 'run')).toMatchObject({
      fault: { code: 'CRI_UNREACHABLE', effect: 'none', retryable: true },
    });
  });

  it('are not repeated when what they ask for is so already', async () => {
    server.answers = { ListPodSandbox: (_, reply) => reply(null, { items: [READY] }) };
    expect(await request('sandbox', 'pod', 'run')).toMatchObject({ type: 'done' });
    expect(server.calls.map(({ name }) => name)).not.toContain('RunPodSandbox');
  });

  it.each([
    ['sandbox', 'a/b/c', 'run', {}],
    ['sandbox', 'pod', 'run', { attempt: -1 }],
    ['container', 'pod', 'create', { image: 'x' }],
    ['container', 'pod/c', 'exec', { cmd: [] }],
    ['container', 'pod/c', 'stop', { grace_s: 'long' }],
  ])(
    'with wrong parameters are refused before anything is sent: %s %s %s',
    async (kind, entity, verb, params) => {
      server.answers = { ListPodSandbox: (_, reply) => reply(null, { items: [READY] }) };
      expect(await request(kind, entity, verb, params)).toMatchObject({
        fault: { code: 'CRI_BAD_PARAMS', effect: 'none', retryable: false },
      });
    },
  );

  it('tell resources in the units of the runtime', async () => {
    server.answers = {
      ListPodSandbox: (_, reply) => reply(null, { items: [READY] }),
      ImageStatus: (_, reply) => reply(null, { image: { id: 'i' } }),
      CreateContainer: (_, reply) => reply(null, { container_id: 'c1' }),
    };
    const params = { image: 'i', cpu_limit_m: 250, cpu_request_m: 100, memory_limit_bytes: 4096 };
    await request('container', 'pod/c', 'create', params);
    const sent = server.calls.find(({ name }) => name === 'CreateContainer')?.request;
    expect(sent).toMatchObject({
      pod_sandbox_id: 'a1',
      config: {
        linux: {
          resources: {
            cpu_period: '100000',
            cpu_quota: '25000',
            cpu_shares: '102',
            memory_limit_in_bytes: '4096',
          },
        },
      },
    });
  });
});

describe('watching', () => {
  it('goes by the event stream where there is one', async () => {
    server.hasEvents = true;
    const seen: string[] = [];
    backend.watch(({ entity, state }) => seen.push(`${entity} ${state}`));
    await eventually(() => expect(server.watchers.size).toBe(1));
    await eventually(() => expect(seen).toContain('here ready'));
    const looks = server.calls.filter(({ name }) => name === 'ListPodSandbox').length;
    server.answers = { ListPodSandbox: (_, reply) => reply(null, { items: [READY] }) };
    server.announce({ container_id: 'a1', container_event_type: 'CONTAINER_STARTED_EVENT' });
    await eventually(() => expect(seen).toContain('pod SANDBOX_READY'));
    expect(server.calls.filter(({ name }) => name === 'ListPodSandbox').length - looks).toBe(1);
  });

  it('is not driven by a stream without end: between looks there is rest', async () => {
    server.hasEvents = true;
    const calm = open(server.endpoint, { quiet_s: 60 });
    try {
      const seen: string[] = [];
      calm.watch(({ entity }) => seen.push(entity));
      await eventually(() => expect(seen).toEqual(['here']));
      await eventually(() => expect(server.watchers.size).toBe(1));
      const lists = () => server.calls.filter(({ name }) => name === 'ListPodSandbox');
      expect(lists()).toHaveLength(1);
      for (let i = 0; i < 100; i++) server.announce({ container_id: 'a1' });
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(lists()).toHaveLength(1);
    } finally {
      await new Promise<void>((closed) => calm.close(closed));
    }
  });

  it('looks at many containers that have ended a few at a time', async () => {
    let asked = 0;
    let most = 0;
    const metadata = { name: 'pod', uid: 'u', namespace: 'default', attempt: 0 };
    const containers = Array.from({ length: 200 }, (_, i) => ({
      ...{ id: `c${i}`, pod_sandbox_id: 'a1', metadata: { name: `n${i}` } },
      ...{ state: 'CONTAINER_EXITED' as const, created_at: '1' },
    }));
    server.answers = {
      ListPodSandbox: (_, reply) => reply(null, { items: [{ ...READY, metadata }] }),
      ListContainers: (_, reply) => reply(null, { containers }),
      ContainerStatus: (_, reply) => {
        most = Math.max(most, ++asked);
        setImmediate(() => {
          asked--;
          reply(null, { status: { state: 'CONTAINER_EXITED', reason: 'Completed' } });
        });
      },
    };
    const listed = await new Promise((reply) => backend.list(reply));
    expect(listed).toHaveLength(1 + 1 + 200);
    expect(most).toBeLessThanOrEqual(16);
  });

  it('looks again and again where there is none', async () => {
    const seen: string[] = [];
    backend.watch(({ entity, state }) => seen.push(`${entity} ${state}`));
    await eventually(() => expect(seen).toContain('here ready'));
    server.answers = { ListPodSandbox: (_, reply) => reply(null, { items: [READY] }) };
    await eventually(() => expect(seen).toContain('pod SANDBOX_READY'));
    server.answers = {};
    await eventually(() => expect(seen).toContain('pod absent'));
  });

  it('never takes an old look for news after a verb has seen something newer', async () => {
    let release: (() => void) | undefined;
    const seen: string[] = [];
    backend.watch(({ kind, state }) => kind === 'sandbox' && seen.push(state));
    await eventually(() => expect(server.calls.length).toBeGreaterThan(4));
    // The look that is under way answers late, and says what was so before.
    server.answers = {
      ListContainers: (_, reply) => {
        release ??= () => reply(null, {});
        if (seen.length > 0) reply(null, {});
      },
    };
    await eventually(() => expect(release).toBeDefined());
    server.answers = {
      ...server.answers,
      ListPodSandbox: (_, reply) => reply(null, { items: [READY] }),
    };
    expect(await request('sandbox', 'pod', 'run')).toMatchObject({ type: 'done' });
    release?.();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toEqual(['SANDBOX_READY']);
  });

  it('tells that the runtime is down, and that it is back', async () => {
    await beImpatient();
    const seen: string[] = [];
    backend.watch(({ kind, state }) => kind === 'container-runtime' && seen.push(state));
    await eventually(() => expect(seen).toEqual(['ready']));
    server.close();
    await eventually(() => expect(seen).toEqual(['ready', 'down']));
    expect(await observe('container-runtime', 'here')).toMatchObject({ state: 'down' });
    expect(await observe()).toMatchObject({ code: 'CRI_UNREACHABLE', effect: 'none' });
    await server.listen();
    await eventually(() => expect(seen).toEqual(['ready', 'down', 'ready']));
  });
});

describe("what containerd's words mean", () => {
  it.each([
    [
      'failed to reserve sandbox name "p_default_u_0": name is reserved for "x"',
      'CRI_NAME_RESERVED',
    ],
    ['failed to get sandbox runtime: no runtime for "kata" is configured', 'CRI_NO_HANDLER'],
    ['container is in CONTAINER_EXITED state', 'CRI_WRONG_STATE'],
    ['something nobody has heard of', 'CRI_FAILED'],
  ])('%s', (details, code) => {
    const { fault } = upstreamError('Call', 'pod', { code: status.UNKNOWN, details });
    expect(fault).toMatchObject({ code, upstream: '2 UNKNOWN' });
  });
});
