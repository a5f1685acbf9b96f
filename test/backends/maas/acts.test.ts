/** Verbs that only the driver has, asked for by the operations of a scenario. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLive } from '../../../cli/live/run-live.ts';
import { openRecording } from '../../../engine/recording/decode.ts';
import { MemorySink } from '../../../engine/recording/sink.ts';
import type { Operation } from '../../../model/scenario.ts';
import { loadScenario } from '../../../scenarios/index.ts';
import { ADMIN_KEY, ask, machineParams, openMaas, startServer } from './region-under-test.ts';

const server = startServer();
const folder = mkdtempSync(join(tmpdir(), 'strata-maas-'));
const keyFile = join(folder, 'key');
let url: URL;

beforeAll(async () => {
  writeFileSync(keyFile, ADMIN_KEY);
  url = await server.listen();
  const backend = openMaas(url);
  expect(await ask(backend, 'm1', 'create', machineParams())).toMatchObject({ type: 'done' });
  await new Promise<void>((closed) => backend.close(closed));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

async function apply(operations: readonly Operation[]) {
  const loaded = await loadScenario('scenarios/lab-domain.yaml');
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const { scenario } = loaded;
  const sink = new MemorySink();
  const run = await runLive({
    scenario: { ...scenario, workload: { ...scenario.workload, operations } },
    systems: [{ driver: 'maas', options: { url: url.href, api_key_file: keyFile } }],
    sink,
    onStep: () => {},
    onFault: () => {},
  });
  const recording = openRecording(sink.bytes());
  const rows = Array.from({ length: recording.rows }, (_, row) => recording.row(row));
  return { run, rows };
}

const act = (verb: string, params: Readonly<Record<string, unknown>>): Operation => ({
  ...{ entity: 'machine/m1', do: verb, with: params, within_s: 30, at_s: 0 },
});

it('a machine is tagged, and stays in its state', async () => {
  const { run, rows } = await apply([act('tag', { tag: 'gpu' })]);
  expect(run).toMatchObject({ ok: true, divergences: 0 });
  const [record] = server.region.machines.values();
  expect([...record.tags]).toContain('gpu');
  expect(rows.slice(-2)).toMatchObject(
    ['asked:tag', 'acted:tag'].map((event) => ({
      event,
      from: 'machine/new+unknown',
      to: 'machine/new+unknown',
    })),
  );
});

it('what MAAS refuses ends the run at once, and is recorded with its code', async () => {
  const { run, rows } = await apply([act('lock', {}), act('tag', { tag: 'gpu' })]);
  expect(run.results).toMatchObject([
    { ok: false, operation: { do: 'lock' }, fault: { code: expect.stringMatching(/^MAAS_/) } },
  ]);
  const { ended_s, started_s, operation } = run.results[0];
  expect(ended_s - started_s).toBeLessThan(operation.within_s);
  expect(rows.at(-1)).toMatchObject({
    event: 'failed:lock',
    detail: expect.stringContaining(run.results[0].fault?.code ?? 'a fault'),
  });
});
