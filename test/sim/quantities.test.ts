import { expect, it } from 'vitest';
import { Recorder } from '../../engine/recording/recorder.ts';
import { recordingHead } from '../../engine/recording-head.ts';
import { standardModel } from '../../engine/standard-model.ts';
import { EngineView } from '../../engine/view.ts';
import { INVARIANTS } from '../../model/invariants/index.ts';
import { loadScenario } from '../../scenarios/index.ts';
import { recordedEvents, Simulation } from '../../sim/simulation.ts';

it('every quantity that an invariant reads is kept by the simulation', async () => {
  const loaded = await loadScenario('scenarios/reference-cloud.yaml');
  if ('problems' in loaded) throw new Error('the reference cloud does not load');
  const model = standardModel();
  const head = recordingHead(model, recordedEvents(model), {
    scenario: 'test',
    seed: '1',
    mode: 'simulated',
    profile: 'lab',
    parameters: {},
  });
  const simulation = new Simulation({
    model,
    scenario: loaded.scenario,
    seed: 1,
    recorder: new Recorder(head, null),
    invariants: [],
    invariantMode: 'off',
  });
  const asked = new Set<string>();
  class Asked extends EngineView {
    override quantity(name: string) {
      asked.add(name);
      return super.quantity(name);
    }
  }
  const view = new Asked(simulation.engine, simulation.world.quantities, () => false);
  for (const invariant of INVARIANTS) invariant.prepare(view);
  expect(asked.size).toBeGreaterThan(5);
  expect([...asked].filter((name) => !simulation.world.quantities.has(name))).toEqual([]);
});
