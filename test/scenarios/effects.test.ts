/** What a scenario says has an effect. */
import { expect, it } from 'vitest';
import { simulate } from '../../cli/simulate.ts';
import { openRecording } from '../../engine/recording/decode.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import { MemorySink } from '../../engine/recording/sink.ts';
import { standardModel } from '../../engine/standard-model.ts';
import { load, problemsOf, scenarioOf, yaml } from './support.ts';

const DOMAINS = {
  stack: '{ hypervisor: { on: [compute] } }',
  workload: `
  domains:
    a: { memory: 1GiB, host: r2-compute-3 }
    b: { memory: 1GiB }
  operations:
    - { entity: domain/a, do: define, until: shutoff, within: 1m }`,
};

async function recorded(sections: Readonly<Record<string, string>>): Promise<Recording> {
  const scenario = scenarioOf(await load({ 'main.yaml': yaml(sections) }));
  const sink = new MemorySink();
  const options = { model: standardModel(), scenario, seed: 1, until_s: 7_200, sink };
  simulate({ ...options, record: true, invariantMode: 'off' });
  return openRecording(sink.bytes());
}

it('a domain is placed on the machine that it names', async () => {
  const recording = await recorded(DOMAINS);
  const { entities, links } = recording;
  const domain = [...entities.numbers()].find(
    (e) => entities.kind(e) === 'domain' && entities.name(e) === 'a',
  )!;
  const hypervisors = links.providers(domain, recording.rows);
  expect(hypervisors.map((e) => entities.name(e))).toEqual(['r2-compute-3']);
  const { state } = recording.stateAt(recording.end_s);
  expect(recording.states[state[domain]].state).toBe('shutoff');
});

it('a machine that is no hypervisor takes no domain', async () => {
  const workload = DOMAINS.workload.replace('r2-compute-3', 'r2-storage-3');
  const [problem] = problemsOf(await load({ 'main.yaml': yaml({ ...DOMAINS, workload }) }));
  expect(problem).toMatchObject({
    code: 'SCENARIO_UNKNOWN_NAME',
    path: 'workload.domains.a.host',
    message: 'r2-storage-3 is no hypervisor',
  });
});
