import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CriBackend } from '../../backends/cri/driver.ts';
import type { Observation } from '../../engine/contract.ts';
import { containerdPaths, startContainerd } from '../../lab/containerd/daemon.ts';
import { BUSYBOX_IMAGE } from '../../lab/containerd/images.ts';
import { containerdNode } from '../../lab/containerd/system.ts';
import { labRun, systemProcesses } from '../../lab/lifecycle.ts';
import { commandName } from '../../lab/process.ts';
import { LabReport } from '../../lab/report.ts';
import {
  ask,
  closed,
  HANDLER,
  HOST,
  observe,
  openCri,
  removeSandboxes,
  START_TIMEOUT_MS,
  startLab,
} from './containerd-lab.ts';

const POD = 'verbs-pod';
const CONTAINER = `${POD}/main`;
let backend: CriBackend;
let seen: Observation[];

beforeAll(startLab, START_TIMEOUT_MS);
beforeEach(() => {
  backend = openCri({ limits: { connect_s: 1 } });
  seen = [];
  backend.watch((each) => seen.push(each));
});
afterEach(async () => {
  await closed(backend);
  await removeSandboxes('verbs-');
});
afterAll(() => removeSandboxes('verbs-'));

const sandbox = (verb: string, params = {}) => ask(backend, 'sandbox', POD, verb, params);
const container = (verb: string, params = {}) => ask(backend, 'container', CONTAINER, verb, params);
const done = (state: string, attributes: object = {}) => ({
  type: 'done',
  observation: { state, attributes: expect.objectContaining(attributes) },
});
const faulty = (code: string, upstream?: string) => ({
  type: 'fault',
  fault: { code, ...(upstream && { upstream }) },
});
const statesOf = (entity: string) =>
  seen.filter((each) => each.entity === entity).map(({ state }) => state);

async function running(command: readonly string[] = ['sleep', '1000'], params = {}): Promise<void> {
  expect(await sandbox('run')).toMatchObject(done('SANDBOX_READY'));
  expect(await container('create', { command, ...params })).toMatchObject(
    done('CONTAINER_CREATED'),
  );
  expect(await container('start')).toMatchObject({ type: 'done' });
}

async function until(entity: string, state: string): Promise<Observation> {
  await vi.waitFor(() => expect(statesOf(entity).at(-1)).toBe(state), 10_000);
  return seen.filter((each) => each.entity === entity).at(-1) as Observation;
}

describe('a container', () => {
  it('lives through its verbs, and tells what it uses', async () => {
    await running();
    expect(await observe(backend, 'container', CONTAINER)).toMatchObject({
      state: 'CONTAINER_RUNNING',
      attributes: { image: BUSYBOX_IMAGE, cpu_time_s: expect.any(Number) },
    });
    const { attributes } = await observe(backend, 'container', CONTAINER);
    expect(attributes?.['memory_bytes']).toBeGreaterThan(0);
    expect(await container('start')).toMatchObject(done('CONTAINER_RUNNING')); // it is so already
    // sleep, as the first process, does not hear SIGTERM: it is killed when the grace is over.
    expect(await container('stop')).toMatchObject(
      done('CONTAINER_EXITED.Error', { exit_code: 137 }),
    );
    expect(await container('stop')).toMatchObject(done('CONTAINER_EXITED.Error'));
    expect(await container('remove')).toMatchObject(done('absent'));
    expect(await container('remove')).toMatchObject(done('absent'));
  });

  it('that ends by itself is reported with how', async () => {
    await running(['sh', '-c', 'exit 0']);
    expect(await until(CONTAINER, 'CONTAINER_EXITED.Completed')).toMatchObject({
      attributes: { exit_code: 0, event: 'exited' },
    });
    await container('remove');
    await container('create', { command: ['sh', '-c', 'exit 3'] });
    await container('start');
    expect(await until(CONTAINER, 'CONTAINER_EXITED.Error')).toMatchObject({
      attributes: { exit_code: 3, event: 'exited_error' },
    });
  });

  it('that hears SIGTERM ends in an orderly way', async () => {
    await running(['sh', '-c', "trap 'exit 0' TERM; while :; do sleep 0.05; done"]);
    expect(await container('stop', { grace_s: 10 })).toMatchObject(
      done('CONTAINER_EXITED.Completed'),
    );
  });

  it('is killed at its memory limit', async () => {
    const fill = ['sh', '-c', 'x=a; while :; do x=$x$x; done'];
    await running(fill, { memory_limit_bytes: 32 * 2 ** 20 });
    expect(await until(CONTAINER, 'CONTAINER_EXITED.OOMKilled')).toMatchObject({
      attributes: { exit_code: 137, event: 'oom_killed' },
    });
  });

  it('runs commands within', async () => {
    await running(['sleep', '1000'], { env: { GREETING: 'hello' } });
    expect(await container('exec', { cmd: ['sh', '-c', 'echo $GREETING; exit 4'] })).toMatchObject(
      done('CONTAINER_RUNNING', { exit_code: 4, stdout: 'hello\n' }),
    );
    const failing = { cmd: ['sh', '-c', 'echo out; echo no such thing >&2; exit 4'] };
    expect(await container('exec', { ...failing, exit_code: 4 })).toMatchObject(
      done('CONTAINER_RUNNING', { exit_code: 4 }),
    );
    expect(await container('exec', { ...failing, exit_code: 0 })).toMatchObject({
      fault: {
        code: 'CRI_EXIT_CODE',
        message: expect.stringMatching(/exit code 4, not 0$/),
        ...{ upstream: 'exit code 4', effect: 'done' },
      },
    });
    expect(await container('exec', { cmd: ['sleep', '9'], timeout_s: 1 })).toMatchObject(
      faulty('CRI_EXEC_TIMEOUT', '4 DEADLINE_EXCEEDED'),
    );
    expect(await container('exec', { cmd: ['nosuch'] })).toMatchObject(faulty('CRI_EXEC_FAILED'));
  });

  it('gets other limits while it runs', async () => {
    await running();
    expect(await container('update', { memory_limit_bytes: 64 * 2 ** 20 })).toMatchObject(
      done('CONTAINER_RUNNING'),
    );
    const read = ['cat', '/sys/fs/cgroup/memory/memory.limit_in_bytes'];
    expect(await container('exec', { cmd: read })).toMatchObject(
      done('CONTAINER_RUNNING', { stdout: `${64 * 2 ** 20}\n` }),
    );
  });
});

describe("containerd's refusals keep their own status", () => {
  it('for what is not there', async () => {
    expect(await container('start')).toMatchObject(faulty('CRI_NOT_FOUND'));
    expect(await container('create')).toMatchObject(faulty('CRI_NOT_FOUND'));
    expect(await sandbox('stop')).toMatchObject(faulty('CRI_NOT_FOUND'));
  });

  it('for a name that is taken', async () => {
    await sandbox('run');
    await sandbox('stop');
    expect(await sandbox('run')).toMatchObject(faulty('CRI_NAME_RESERVED', '2 UNKNOWN'));
    await sandbox('remove');
    await running();
    expect(await container('create')).toMatchObject(faulty('CRI_NAME_RESERVED', '2 UNKNOWN'));
  });

  it('for states that do not allow the verb', async () => {
    await running(['true']);
    await until(CONTAINER, 'CONTAINER_EXITED.Completed');
    expect(await container('start')).toMatchObject(faulty('CRI_WRONG_STATE', '2 UNKNOWN'));
    expect(await container('exec', { cmd: ['true'] })).toMatchObject(faulty('CRI_WRONG_STATE'));
  });

  it('for an image that is not there, and one that cannot be pulled', async () => {
    await sandbox('run');
    expect(await container('create', { image: 'localhost/none:1' })).toMatchObject(
      faulty('CRI_IMAGE_UNKNOWN'),
    );
    const pulled = await ask(backend, 'container-image', 'localhost/none:1', 'pull');
    expect(pulled).toMatchObject(faulty('CRI_PULL_FAILED', '2 UNKNOWN'));
  });

  it('for a command that does not exist', async () => {
    await sandbox('run');
    await container('create', { command: ['/no/such/program'] });
    expect(await container('start')).toMatchObject({
      fault: { code: 'CRI_START_FAILED', upstream: '2 UNKNOWN', effect: 'done' },
    });
    expect(await observe(backend, 'container', CONTAINER)).toMatchObject({
      state: 'CONTAINER_EXITED.StartError',
      attributes: { exit_code: 128 },
    });
  });
});

describe('runtime handlers', () => {
  it.each(['runc', 'crun'])('%s runs sandboxes and containers', async (handler) => {
    expect(await sandbox('run', { handler })).toMatchObject(done('SANDBOX_READY', { handler }));
    await container('create');
    expect(await container('start')).toMatchObject(done('CONTAINER_RUNNING'));
  });

  it.skipIf(HANDLER === 'kata')(
    'kata fails without its shim, and one that is not configured is refused',
    async () => {
      expect(await sandbox('run', { handler: 'kata' })).toMatchObject({
        fault: {
          code: 'CRI_HANDLER_FAILED',
          message: expect.stringContaining('containerd-shim-kata-v2'),
        },
      });
      expect(await sandbox('run', { handler: 'gvisor' })).toMatchObject(faulty('CRI_NO_HANDLER'));
      expect(await observe(backend, 'sandbox', POD)).toMatchObject({ state: 'absent' });
    },
  );
});

describe('the runtime', () => {
  it('tells its version, its handlers and that it is well', async () => {
    expect(await observe(backend, 'container-runtime', HOST)).toMatchObject({
      state: 'ready',
      attributes: { runtime: 'containerd', handlers: 'crun,kata,runc,trial', api: 'v1' },
    });
    const found = await backend.driver.diagnose();
    expect(found.map(({ check, ok }) => [check, ok])).toEqual([
      ['reachable', true],
      ['version', true],
      ['permitted', true],
      ['healthy', true],
    ]);
  });

  it('is killed and started again: containers live on, and so does the backend', async () => {
    await running();
    const node = containerdNode();
    const containerd = systemProcesses('containerd').filter(
      ({ pid }) => commandName(pid) === '/usr/bin/containerd',
    );
    expect(containerd).toHaveLength(1);
    process.kill(containerd[0].pid, 'SIGKILL');
    await until(HOST, 'down');
    const run = labRun('containerd', new LabReport(() => {}));
    await startContainerd(run, node ?? { init: 0 }, containerdPaths('containerd'));
    await until(HOST, 'ready');
    expect(await observe(backend, 'container', CONTAINER)).toMatchObject({
      state: 'CONTAINER_RUNNING',
    });
    expect(statesOf(CONTAINER).at(-1)).toBe('CONTAINER_RUNNING');
  });

  // Where the handler is another one than runc, the process may be in a machine of its own.
  it.skipIf(HANDLER !== '')('loses the pause process of a sandbox, and reports it', async () => {
    await running();
    // Containers share no processes with their sandbox: its first process is found from outside.
    const before = await observe(backend, 'sandbox', POD);
    const pause = await processOf(String(before.attributes?.['id']));
    process.kill(pause, 'SIGKILL');
    expect(await until(POD, 'SANDBOX_NOTREADY')).toMatchObject({
      attributes: { event: 'pause_exited' },
    });
  });
});

describe('images', () => {
  it('are observed and listed by their names', async () => {
    expect(await observe(backend, 'container-image', BUSYBOX_IMAGE)).toMatchObject({
      state: 'present',
      attributes: { size_bytes: expect.any(Number) },
    });
    expect(await observe(backend, 'container-image', 'localhost/none:1')).toMatchObject({
      state: 'absent',
    });
    const listed = await backend.driver.list();
    expect(listed.filter(({ kind }) => kind === 'container-image')).toHaveLength(2);
  });
});

/** The first process of a sandbox or container, as seen from outside of its namespaces. */
async function processOf(id: string): Promise<number> {
  const { readFileSync, readdirSync } = await import('node:fs');
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
      } catch {
        return false;
      }
    });
  if (!found) throw new Error(`no process of ${id}`);
  return Number(found);
}
