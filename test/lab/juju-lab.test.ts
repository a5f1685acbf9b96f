import { afterAll, beforeAll, expect, it } from 'vitest';
import { runLive } from '../../cli/live/run-live.ts';
import { openSystem } from '../../cli/live/systems.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { jujuData, jujuSystem, labCharmPath } from '../../lab/juju/system.ts';
import { bringUp, takeDown } from '../../lab/lifecycle.ts';
import { LabReport } from '../../lab/report.ts';
import { loadScenario } from '../../scenarios/index.ts';

const SYSTEM = { driver: 'juju', options: {} } as const;

beforeAll(async () => {
  await bringUp(jujuSystem, new LabReport());
  process.env['JUJU_DATA'] = jujuData();
}, 60_000);

afterAll(async () => {
  delete process.env['JUJU_DATA'];
  await takeDown(jujuSystem);
});

it("is found by the client's files, and in order", async () => {
  const driver = await openSystem(SYSTEM);
  try {
    expect((await driver.diagnose()).map(({ check, ok }) => [check, ok])).toEqual([
      ['reachable', true],
      ['authenticated', true],
      ['version', true],
      ['permitted', true],
      ['healthy', true],
    ]);
    expect(await driver.list()).toMatchObject([
      { kind: 'model', entity: 'lab', state: 'available' },
    ]);
  } finally {
    await driver.close();
  }
});

it('takes an application through its life, by the same machine as the simulator', async () => {
  const loaded = await loadScenario('scenarios/lab-juju.yaml', { set: { charm: labCharmPath() } });
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
  const sink = new MemorySink();
  const faults: unknown[] = [];
  const run = await runLive({
    scenario: loaded.scenario,
    systems: [SYSTEM],
    sink,
    onStep: () => {},
    onFault: (_action, fault) => faults.push(fault),
  });
  expect(faults).toEqual([]);
  expect(run).toMatchObject({ ok: true, divergences: 0 });
  const recording = openRecording(sink.bytes());
  const states = Array.from({ length: recording.rows }, (_, row) => recording.row(row).to);
  expect(states.at(-1)).toBe('application/active+dead');
  expect(states).toContain('application/active+scaling');
}, 120_000);
