import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveWorld } from '../../backends/live.ts';
import type { Action, Fault } from '../../engine/contract.ts';
import { Engine } from '../../engine/engine.ts';
import { type OperationResult, Operator } from '../../engine/operator.ts';
import { standardModel } from '../../engine/standard-model.ts';
import { loadScenario } from '../../scenarios/index.ts';
import { RowList } from '../support/rows.ts';
import { guestParams, openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const NAME = 'lab-vm';
const START_TIMEOUT_MS = 600_000;

beforeAll(async () => {
  await startLab();
  await removeDomains(NAME);
}, START_TIMEOUT_MS);

afterAll(() => removeDomains(NAME));

describe('the engine on the wall clock', () => {
  it('takes a real domain through its life as lab-domain.yaml says', async () => {
    const loaded = await loadScenario('scenarios/lab-domain.yaml');
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { operations, domains } = loaded.scenario.workload;
    const [spec] = domains;
    const model = standardModel();
    const rows = new RowList();
    const engine = new Engine({ model, recorder: rows });
    const faults: { action: Action; fault: Fault }[] = [];
    const errors: unknown[] = [];
    const world = new LiveWorld({
      engine,
      backends: [openLibvirt({ defaults: guestParams() })],
      run: `test-${process.pid}-${Date.now()}`,
      given: new Set(),
      params: () => ({ vcpus: spec.vcpus, memory_bytes: spec.memory_bytes }),
      deadline_s: () => 60,
      onFault: (_entity, action, fault) => faults.push({ action, fault }),
      onError: (cause) => errors.push(cause),
    });
    const domain = engine.create(model.kindId('domain'), spec.name);
    await world.start();
    const operator = new Operator(engine, operations, () => domain);
    const results = await new Promise<readonly OperationResult[]>((resolve) => {
      operator.onFinished = resolve;
      world.act(() => operator.start());
    });
    await world.stop();

    expect({ faults, errors }).toEqual({ faults: [], errors: [] });
    expect(results.map(({ state }) => state)).toEqual(operations.map(({ until }) => until));
    expect(engine.divergences).toBe(0);
    const path = rows.list
      .filter(({ from, to }) => from !== to)
      .map(({ event, to }) => `${engine.eventNames[event]} -> ${model.stateNames[to]}`);
    expect(path).toEqual([
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
    for (const { operation, started_s, ended_s } of results) {
      console.log(`${operation.do.padEnd(10)} ${(ended_s - started_s).toFixed(3)} s`);
    }
  }, 300_000);
});
