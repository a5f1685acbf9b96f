/** What containerd answered with Kata Containers: `recorded` in the file tells how that was had. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CriBackend } from '../../../backends/cri/driver.ts';
import { CRI_FAULTS, type CriFaultCode, upstreamError } from '../../../backends/cri/faults.ts';
import type { Observation } from '../../../engine/contract.ts';
import { KINDS } from '../../../model/container/index.ts';
import { MachinePaths } from '../../support/machine-paths.ts';
import { FakeRuntime } from './fake-runtime.ts';

interface Refusal {
  readonly when: string;
  readonly call: string;
  readonly status: number;
  readonly details: string;
  readonly fault: CriFaultCode;
}

interface End {
  readonly when: string;
  readonly exit_code: number;
  readonly reason: string;
  readonly state: string;
}

interface Statistics {
  readonly cpu: { readonly usage_core_nano_seconds: { readonly value: string } };
  readonly memory: { readonly working_set_bytes: { readonly value: string } };
  readonly writable_layer: { readonly used_bytes: { readonly value: string } };
}

const RECORDED: {
  readonly refusals: readonly Refusal[];
  readonly ends: readonly End[];
  readonly statistics: readonly Statistics[];
  readonly reports: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
} = JSON.parse(readFileSync(new URL('./kata-1.13-recorded.json', import.meta.url), 'utf8'));

const POD = { name: 'pod', namespace: 'default', uid: 'u1', attempt: 0 };
const CONTAINER = { id: 'c1', pod_sandbox_id: 's1', metadata: { name: 'main' }, created_at: '2' };

const runtime = new FakeRuntime();
let backend: CriBackend;

beforeAll(async () => {
  await runtime.listen();
  backend = new CriBackend({ endpoint: runtime.endpoint, host: 'host' });
});
beforeEach(() => {
  const sandbox = { id: 's1', metadata: POD, state: 'SANDBOX_READY', created_at: '1' };
  runtime.answers = {
    ListPodSandbox: (_, reply) => reply(null, { items: [sandbox] }),
  };
});
afterAll(async () => {
  await new Promise<void>((resolve) => backend.close(resolve));
  runtime.close();
});

/** What the driver says of the container that the runtime lists. */
function seen(container: object): Promise<Observation> {
  runtime.answers.ListContainers = (_, reply) => reply(null, { containers: [container] });
  return backend.driver.observe('container', 'pod/main');
}

function expectNoUsage({ attributes, state }: Observation): void {
  expect(state).toBe('CONTAINER_RUNNING');
  expect(runtime.calls.at(-1)?.name).toBe('ContainerStats');
  for (const name of ['cpu_time_s', 'memory_bytes', 'disk_bytes']) {
    expect(attributes).not.toHaveProperty(name);
  }
}

describe('recorded with Kata Containers', () => {
  it.each(RECORDED.refusals)('$when: $fault', ({ call, details, fault, status }) => {
    const thrown = upstreamError(call, 'it', { code: status, details });
    const { effect, retryable } = CRI_FAULTS[fault];
    expect(thrown.fault).toMatchObject({ code: fault, effect, retryable });
    expect(thrown.fault.upstream).toMatch(new RegExp(`^${status} [A-Z_]+$`));
    expect(thrown.fault.message).toContain(details.slice(0, 20));
  });

  it.each(RECORDED.ends)('a container ends by $when: $state', async (end) => {
    const { exit_code, reason, state } = end;
    const id = `c-${end.when}`;
    const status = { id, state: 'CONTAINER_EXITED', exit_code, reason };
    runtime.answers.ContainerStatus = (_, reply) => reply(null, { status });
    expect(await seen({ ...CONTAINER, id, state: 'CONTAINER_EXITED' })).toMatchObject({
      state,
      reason: `CONTAINER_EXITED/${reason} ${exit_code}`,
      attributes: { exit_code },
    });
  });

  it.each(RECORDED.statistics)('statistics are those of the guest: %j', async (stats) => {
    runtime.answers.ContainerStats = (_, reply) => reply(null, { stats });
    const { attributes } = await seen({ ...CONTAINER, state: 'CONTAINER_RUNNING' });
    expect(attributes).toMatchObject({
      cpu_time_s: Number(stats.cpu.usage_core_nano_seconds.value) / 1e9,
      memory_bytes: Number(stats.memory.working_set_bytes.value),
      disk_bytes: Number(stats.writable_layer.used_bytes.value),
    });
  });

  it('a container whose statistics cannot be had just now is seen without', async () => {
    const refusal = RECORDED.refusals.find(({ call }) => call === 'ContainerStats');
    const { details = '', status = 0 } = refusal ?? {};
    runtime.answers.ContainerStats = (_, reply) => reply({ code: status, details });
    expectNoUsage(await seen({ ...CONTAINER, state: 'CONTAINER_RUNNING' }));
  });

  it('so is one in a machine that hangs: its shim does not answer', async () => {
    runtime.answers.ContainerStats = () => {};
    expectNoUsage(await seen({ ...CONTAINER, state: 'CONTAINER_RUNNING' }));
  });

  it.each(Object.entries(RECORDED.reports))('%s: the machines allow what was seen', (_, told) => {
    for (const kind of KINDS) {
      const states = told[kind.kind];
      if (!states) continue;
      expect(states.length, kind.kind).toBeGreaterThan(3);
      expect(new MachinePaths(kind).divergence(states), states.join(' -> ')).toBeUndefined();
    }
  });
});
