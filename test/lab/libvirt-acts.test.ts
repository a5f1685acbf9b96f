/** Verbs that only the driver has, asked for by operations of a scenario. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { why, whyText } from '../../cli/tools/why.ts';
import { systemFolder } from '../../lab/folder.ts';
import type { Operation, Scenario } from '../../model/scenario.ts';
import { apply, labDomain } from './libvirt-applied.ts';
import { openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 300_000;
const NAME = 'lab-vm';
const DISK_BYTES = 2 ** 20;
const TIMES = 5;

let folder: string;
let image: string;

beforeAll(async () => {
  await startLab();
  folder = join(systemFolder('libvirt'), `acts-${process.pid}`);
  image = join(folder, 'data.img');
  mkdirSync(folder, { recursive: true });
  writeFileSync(image, Buffer.alloc(DISK_BYTES));
  await removeDomains(NAME);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await removeDomains(NAME);
  rmSync(folder, { recursive: true, force: true });
});

const act = (verb: string, params: Readonly<Record<string, unknown>>): Operation => ({
  ...{ entity: `domain/${NAME}`, do: verb, within_s: 60, at_s: 0, with: params },
});
const disk = () => ({ source: image, target: 'vdb', format: 'raw' });

async function withActs(acts: readonly Operation[]): Promise<Scenario> {
  const scenario = await labDomain();
  const [define, start] = scenario.workload.operations;
  const operations = [define, start, ...acts];
  return { ...scenario, workload: { ...scenario.workload, operations } };
}

describe('a disk that a scenario attaches', () => {
  it(
    'is there, and the recording tells what was done',
    async () => {
      // Defined and started first: what is measured is the disk alone.
      const times = Array.from({ length: TIMES }, () => [
        act('attach_disk', disk()),
        act('detach_disk', { target: 'vdb' }),
      ]);
      const scenario = await withActs([...times.flat(), act('attach_disk', disk())]);
      const { run, faults, recording } = await apply(scenario);
      expect(faults).toEqual([]);
      expect(run).toMatchObject({ ok: true, divergences: 0 });
      const rows = Array.from({ length: recording.rows }, (_, row) => recording.row(row));
      expect(rows.slice(-2)).toMatchObject([
        { event: 'asked:attach_disk', from: 'domain/running', to: 'domain/running' },
        { event: 'acted:attach_disk', to: 'domain/running', cause: rows.length - 2 },
      ]);
      expect(rows.filter(({ event }) => event.startsWith('acted:'))).toHaveLength(2 * TIMES + 1);
      const answer = why(recording, `domain/${NAME}`);
      expect(whyText(recording, answer)).toContain('acted:attach_disk');
      expect(answer.state).toBe('domain/running');
      for (const { operation, started_s, ended_s } of run.results) {
        console.log(`${operation.do.padEnd(12)} ${(ended_s - started_s).toFixed(3)} s`);
      }
      // libvirt refuses a second disk of that name.
      const again = await apply(await withActs([act('attach_disk', disk())]));
      expect(again.run.ok).toBe(false);
      expect(again.faults).toMatchObject([{ action: { verb: 'attach_disk' } }]);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'that is not there ends the run at once, with libvirt\u2019s own words in the recording',
    async () => {
      const missing = join(folder, 'missing.img');
      const scenario = await withActs([
        act('attach_disk', { source: missing, target: 'vdc', format: 'raw' }),
        act('detach_disk', { target: 'vdc' }),
      ]);
      const { run, recording } = await apply(scenario);
      const last = run.results.at(-1);
      expect(run.ok).toBe(false);
      expect(last).toMatchObject({ ok: false, operation: { do: 'attach_disk' } });
      expect(last?.fault).toMatchObject({ code: expect.stringMatching(/^LIBVIRT_/) });
      const failed = recording.row(recording.rows - 1);
      expect(failed).toMatchObject({ event: 'failed:attach_disk', to: 'domain/running' });
      expect(failed.detail).toContain(missing);
    },
    RUN_TIMEOUT_MS,
  );

  it(
    'with parameters that make no sense is refused before libvirt is asked',
    async () => {
      const scenario = await withActs([act('attach_disk', { source: 'relative', target: 'vdc' })]);
      const { run } = await apply(scenario);
      expect(run.results.at(-1)).toMatchObject({
        ok: false,
        fault: { code: 'LIBVIRT_BAD_PARAMS', effect: 'none' },
      });
    },
    RUN_TIMEOUT_MS,
  );
});

it('a verb that no system has ends the run before anything is done', async () => {
  await removeDomains(NAME);
  await expect(apply(await withActs([act('put_object', {})]))).rejects.toMatchObject({
    code: 'LIVE_NO_BACKEND',
  });
  const backend = openLibvirt();
  expect(await backend.driver.observe('domain', NAME)).toMatchObject({ state: 'absent' });
  await new Promise<void>((closed) => backend.close(closed));
});
