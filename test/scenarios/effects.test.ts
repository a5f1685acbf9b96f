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

it('machines that have names of their own go by them in every layer', async () => {
  const recording = await recorded({
    site: `
  flavors:
    node: { cores: 8, memory: 64GiB, disks: [{ class: ssd, size: 1TB, count: 2, use: data }] }
  racks:
    - { name: r1, machines: { node: [alpha, 2nd.example] } }
    - { name: r2, machines: { node: 1 } }`,
    stack: `
  hypervisor: { on: [node] }
  ovn: { chassis: [node] }
  ceph:
    mons: { on: [node], count: 3 }
    mgrs: { on: [node] }
    osds: { on: [node] }
    rules: { by-host: { failure_domain: host } }`,
    faults: `
  budget: { rack: 1 }
  script:
    - { at: 1h, target: disk, name: alpha-disk-2, heal_after: 10m }
    - { at: 1h, target: machine, name: 2nd.example, heal_after: 10m }`,
  });
  const { entities } = recording;
  const named = (kind: string) =>
    [...entities.numbers()].filter((e) => entities.kind(e) === kind).map((e) => entities.name(e));
  const names = ['2nd.example', 'alpha', 'r2-node-1'];
  for (const kind of ['machine', 'host-os', 'hypervisor', 'chassis', 'mon']) {
    expect(named(kind).sort(), kind).toEqual(names);
  }
  expect(named('disk')).toContain('alpha-disk-2');
});

it('a fault counts for the rack of its machine, whatever the machine is called', async () => {
  const excesses = async (second: string) => {
    const scenario = scenarioOf(
      await load({
        'main.yaml': yaml({
          site: `
  flavors: { node: { cores: 8, memory: 64GiB } }
  racks:
    - { name: r1, machines: { node: [alpha, beta] } }
    - { name: r2, machines: { node: [gamma] } }`,
          faults: `
  budget: { rack: 1 }
  script:
    - { at: 1h, target: disk, name: alpha-disk-1, heal_after: 10m }
    - { at: 1h, target: machine, name: ${second}, heal_after: 10m }`,
        }),
      }),
    );
    const options = { model: standardModel(), scenario, seed: 1, until_s: 7_200 };
    const { simulation } = simulate({ ...options, record: false, invariantMode: 'off' });
    return simulation.faults.tracker.excesses.map((each) => each.class);
  };
  expect(await excesses('beta')).toEqual([]);
  expect(await excesses('gamma')).toEqual(['rack']);
});
