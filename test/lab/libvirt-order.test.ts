/** Acts on one domain follow one another, and what is meant to interrupt does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LibvirtBackend } from '../../backends/libvirt/driver.ts';
import { domain } from '../../model/hypervisor/domain.ts';
import { MachinePaths } from '../support/machine-paths.ts';
import { path } from './applied.ts';
import { apply, labDomain } from './libvirt-applied.ts';
import { ask, guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const TEST_TIMEOUT_MS = 300_000;
const TIMES = 5;
const PREFIX = `order-${process.pid}`;
const vm = `${PREFIX}-vm`;

let backend: LibvirtBackend;

beforeAll(async () => {
  await startLab();
  backend = openLibvirt();
}, START_TIMEOUT_MS);
afterEach(async () => {
  await removeDomains(PREFIX);
  await removeDomains('lab-vm');
});
afterAll(() => new Promise<void>((closed) => backend.close(closed)));

async function live(...verbs: readonly string[]): Promise<void> {
  for (const verb of verbs) {
    const outcome = await ask(backend, vm, verb);
    expect(outcome, `${verb}: ${JSON.stringify(outcome)}`).toMatchObject({ type: 'done' });
  }
}

describe('a restore', () => {
  it(
    'is not cut off by a destroy that is asked for right after it, or when it is seen to run',
    async () => {
      const seen: string[] = [];
      const stop = backend.watch(({ entity, state }) => {
        if (entity === vm) seen.push(state);
      });
      await live('define');
      for (let time = 0; time < TIMES; time++) {
        await live('create', 'managed_save');
        const isRunning = untilSeen('running');
        const restored = ask(backend, vm, 'restore');
        // In turns: at once, and as soon as libvirt reports that it runs.
        if (time % 2 === 1) await isRunning;
        const destroyed = ask(backend, vm, 'destroy');
        const outcomes = await Promise.all([restored, destroyed]);
        expect(outcomes, JSON.stringify(outcomes)).toMatchObject([
          { type: 'done' },
          { type: 'done', observation: { state: 'shutoff' } },
        ]);
      }
      stop();
      expect(seen.filter((state) => state === 'saved')).toHaveLength(TIMES);
      const states = ['absent', ...seen];
      expect(new MachinePaths(domain).divergence(states), states.join()).toBeUndefined();
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is followed by a destroy in a scenario that is applied, without a divergence',
    async () => {
      const scenario = await labDomain();
      const [define, start] = scenario.workload.operations;
      const { entity } = define;
      const round = [
        { ...start, do: 'managed_save', until: 'saved' },
        { ...start, do: 'restore', until: 'running' },
        { ...start, do: 'destroy', until: 'shutoff' },
        start,
      ];
      const rounds = Array.from({ length: TIMES }, () => round).flat();
      const operations = [define, start, ...rounds].map((each) => ({ ...each, entity, at_s: 0 }));
      const workload = { ...scenario.workload, operations };
      const { run, faults, recording } = await apply({ ...scenario, workload });
      expect(faults).toEqual([]);
      expect(run).toMatchObject({ ok: true, divergences: 0 });
      // A domain may be seen paused before it runs on, which the machine allows.
      const changes = path(recording);
      const starts = changes.filter((each) => each.endsWith('-> domain/running'));
      expect(starts, changes.join('\n')).toHaveLength(2 * TIMES + 1);
    },
    TEST_TIMEOUT_MS,
  );

  function untilSeen(state: string): Promise<void> {
    return new Promise((resolve) => {
      const leave = backend.watch((seen) => {
        if (seen.entity !== vm || seen.state !== state) return;
        leave();
        resolve();
      });
    });
  }
});

describe('a guest that ignores the request to shut down', () => {
  beforeEach(async () => {
    // Without anything to boot there is nobody to hear it.
    const params = { ...guestParams(), kernel: '', initrd: '', cmdline: '' };
    for (const verb of ['define', 'create']) {
      expect(await ask(backend, vm, verb, { params })).toMatchObject({ type: 'done' });
    }
  });

  it(
    'is destroyed while it is still asked',
    async () => {
      const asked = ask(backend, vm, 'shutdown', { deadline_s: 120 });
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(await backend.driver.observe('domain', vm)).toMatchObject({ state: 'running' });
      const destroyed = await ask(backend, vm, 'destroy', { deadline_s: 60 });
      expect(destroyed).toMatchObject({ type: 'done', observation: { state: 'shutoff' } });
      expect(await asked).toMatchObject({ type: 'done', observation: { state: 'shutoff' } });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'keeps an undefine waiting, which ends in a fault that says so',
    async () => {
      const asked = ask(backend, vm, 'shutdown', { deadline_s: 8 });
      expect(await ask(backend, vm, 'undefine', { deadline_s: 2 })).toMatchObject({
        fault: {
          code: 'EARLIER_ACT_UNDER_WAY',
          message: expect.stringContaining(`shutdown of domain/${vm}`),
          effect: 'none',
        },
      });
      expect(await asked).toMatchObject({ fault: { code: 'DEADLINE_EXCEEDED' } });
    },
    TEST_TIMEOUT_MS,
  );
});
