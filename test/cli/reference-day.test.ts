/** The reference cloud's own day keeps what its description promises. */
import { describe, expect, it } from 'vitest';
import { loadModel } from '../../cli/model.ts';
import { simulate } from '../../cli/simulate.ts';
import { loadScenario } from '../../scenarios/load.ts';
import { scenarioOf } from '../scenarios/support.ts';
import { strata } from '../support/strata.ts';

const PATH = 'scenarios/reference-cloud.yaml';

describe('the day of the reference cloud', () => {
  it('ends with everything whole again, and nothing lost', () => {
    const { code, out } = strata('run', PATH);
    const [begin, end] = [out.indexOf('What failed'), out.indexOf('Out of service without')];
    const told = out.slice(begin, end).replace(/\s+/g, ' ');
    expect(code, out).toBe(0);
    expect(told).toContain('7 faults, scripted.');
    expect(told.match(/Whole again after/g)).toHaveLength(7);
    expect(told).not.toMatch(/not yet|Not whole/);
    expect(told.match(/Nothing was lost/g)).toHaveLength(7);
  });

  it('costs the shop minutes, and stays within the budget of faults', async () => {
    const scenario = scenarioOf(await loadScenario(PATH));
    const { simulation } = simulate({
      model: await loadModel(),
      scenario,
      seed: scenario.seed,
      until_s: scenario.duration_s,
      record: false,
      invariantMode: 'sweep',
    });
    const shop = simulation.objectives.results().find((each) => each.name === 'shop-is-up')!;
    expect(shop.ok).toBe(true);
    expect(shop.value).toBeLessThan(1);
    expect(simulation.faults.tracker.excesses).toEqual([]);
  });
});
