import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { path } from './applied.ts';
import { apply, labDomain } from './libvirt-applied.ts';
import { ask, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const NAME = 'lab-vm';
const START_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 300_000;

beforeAll(startLab, START_TIMEOUT_MS);
afterAll(() => removeDomains(NAME));

describe('lab-domain.yaml, applied to a real libvirt', () => {
  it(
    'takes the domain through its life, by the same machine as the simulator',
    async () => {
      await removeDomains(NAME);
      const { run, faults, recording } = await apply(await labDomain());
      expect(faults).toEqual([]);
      expect(run).toMatchObject({ ok: true, divergences: 0 });
      expect(recording.metadata).toMatchObject({ mode: 'live', scenario: 'lab-domain' });
      expect(recording.truncated).toBe(false);
      expect(path(recording)).toEqual([
        'define -> domain/defining',
        'done -> domain/shutoff',
        'start -> domain/starting',
        'done -> domain/running',
        'suspend -> domain/suspending',
        'done -> domain/paused',
        'resume -> domain/resuming',
        'done -> domain/running',
        'shutdown -> domain/shutting_down',
        'powered_down -> domain/shutdown',
        'stopped -> domain/shutoff',
        'undefine -> domain/undefining',
        'done -> domain/absent',
      ]);
      for (const { operation, started_s, ended_s } of run.results) {
        console.log(`${operation.do.padEnd(10)} ${(ended_s - started_s).toFixed(3)} s`);
      }
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'takes over a domain that is there already',
    async () => {
      const scenario = await labDomain();
      const [spec] = scenario.workload.domains;
      const backend = openLibvirt();
      for (const verb of ['define', 'create']) {
        expect(await ask(backend, NAME, verb)).toMatchObject({ type: 'done' });
      }
      await new Promise<void>((closed) => backend.close(closed));
      const suspend = scenario.workload.operations.filter((each) => each.do === 'suspend');
      const workload = { ...scenario.workload, domains: [spec], operations: suspend };
      const { run, recording } = await apply({ ...scenario, workload });
      expect(run).toMatchObject({ ok: true, divergences: 0 });
      expect(path(recording)).toEqual([
        'adopted -> domain/running',
        'suspend -> domain/suspending',
        'done -> domain/paused',
      ]);
      await removeDomains(NAME);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'reports what libvirt refuses, in its own words',
    async () => {
      const scenario = await labDomain();
      const [spec] = scenario.workload.domains;
      const domains = [{ ...spec, boot: { kernel: '/no/such/kernel' } }];
      const operations = scenario.workload.operations.slice(0, 2);
      const workload = { ...scenario.workload, domains, operations };
      const { run, faults, recording } = await apply({
        ...scenario,
        workload: {
          ...workload,
          operations: operations.map((each) => ({ ...each, within_s: 240 })),
        },
      });
      expect(run.ok).toBe(false);
      // libvirt was looked at, and nothing more was waited for.
      const [, start] = run.results;
      expect(start).toMatchObject({ ok: false, state: 'shutoff', fault: faults[0]?.fault });
      expect(start.ended_s - start.started_s).toBeLessThan(start.operation.within_s / 2);
      const [{ action, fault }] = faults;
      expect(action.verb).toBe('create');
      // libvirt notices first that QEMU wrote why, or that it hung up.
      expect(fault).toMatchObject({
        upstream: expect.stringMatching(/^(1|38)\/10$/),
        effect: 'unknown',
      });
      if (fault.upstream === '1/10') expect(fault.message).toContain('/no/such/kernel');
      expect(path(recording).slice(-2)).toEqual([
        'start -> domain/starting',
        'fault -> domain/shutoff',
      ]);
    },
    RUN_TIMEOUT_MS,
  );
});
