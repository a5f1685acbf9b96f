import { describe, expect, it } from 'vitest';
import {
  formatProblem,
  formatProblems,
  PROBLEM_KINDS,
  scenarioReferenceMarkdown,
} from '../../scenarios/index.ts';
import { SECTION_NAMES, scenarioSchema } from '../../scenarios/schema.ts';
import { elementOf, kindOf, optionsOf, shapeOf } from '../../scenarios/schema-walk.ts';
import { load, problemsOf, yaml } from './support.ts';

const problems = async (text: string) => problemsOf(await load({ 'main.yaml': text }));

describe('printed problems', () => {
  it('show the place, the code, the line with a caret, and what to do', async () => {
    const found = await problems(yaml({ workload: '{ servres: {} }', duration: '5' }));
    expect(formatProblems(found)).toBe(`main.yaml:12:13 error SCENARIO_UNKNOWN_KEY
  workload.servres: unknown key servres
12 | workload: { servres: {} }
   |             ^^^^^^^
  expected: one of servers, trace, operations, domains
  found: servres
  hint: did you mean servers?

main.yaml:13:11 error SCENARIO_BAD_UNIT
  duration: not a legal duration value
13 | duration: 5
   |           ^
  expected: a duration with its unit, such as 5m, 1h30m, 2d or 1y
  found: the number 5
  hint: add the unit: did you mean 5s?

2 errors
`);
  });

  it('have colours only when asked for', async () => {
    const [problem] = await problems(yaml({ seed: '-1' }));
    const colour = '\u001b[';
    expect(formatProblem(problem)).not.toContain(colour);
    expect(formatProblem(problem, { color: true })).toContain(colour);
  });

  it('keep the caret under its place in long lines and after tabs', async () => {
    const long = `{ a: "${'x'.repeat(300)}", b: 1 }`;
    const found = await problems(yaml({ workload: long }));
    for (const problem of found) {
      const [, , source, caret] = formatProblem(problem).split('\n');
      expect(source.length).toBeLessThan(120);
      const at = caret.indexOf('^');
      expect(source[at]).toBe(problem.message.at(-1));
    }
    expect(found).toHaveLength(2);
  });

  it('count those that are left out', async () => {
    const keys = Array.from({ length: 60 }, (_, i) => `  odd${i}: 1`).join('\n');
    const printed = formatProblems(await problems(yaml({ workload: `\n${keys}` })));
    expect(printed).toContain('... and 10 more\n');
    expect(printed).toMatch(/60 errors\n$/);
  });

  it('are nothing when there are none', () => {
    expect(formatProblems([])).toBe('');
  });
});

describe('the reference page', () => {
  const page = scenarioReferenceMarkdown();

  it('names every section, every unit and every code', () => {
    for (const name of SECTION_NAMES) expect(page).toContain(`\`${name}\``);
    for (const code of Object.keys(PROBLEM_KINDS)) expect(page).toContain(`\`${code}\``);
    for (const example of ['512GiB', '25Gbps', '0.9%/y', '1h30m', '12kW']) {
      expect(page).toContain(example);
    }
  });

  it('gives keys with type, default and description', () => {
    expect(page).toContain(
      '| `site.racks[].pdus` | whole number 1 to 8 | `2` | ' +
        'Power feeds. A machine has a cord in each and runs while one feeds it. |',
    );
    expect(page).toContain(
      '| `stack.ceph.pools.NAME.application` | `rbd`, `cephfs`, `rgw` | required |',
    );
    expect(page).toContain(
      '| `duration` | duration, such as `5m` | `"1d"` | How long a run lasts. |',
    );
  });

  it('describes every key', () => {
    const rows = page.split('\n').filter((line) => /^\| `[a-z]/.test(line));
    expect(rows.length).toBeGreaterThan(200);
    for (const row of rows) expect(row, row).not.toMatch(/\| +\|$/);
  });

  it('misses no key of the schema', () => {
    const keys = new Set<string>();
    collectKeys(scenarioSchema, keys);
    // The key that tells variants apart is shown with its values.
    for (const key of keys) expect(page, key).toMatch(new RegExp(`${key}(\`|: )`));
  });
});

type Schema = Parameters<typeof kindOf>[0];

function collectKeys(schema: Schema, keys: Set<string>): void {
  for (const [key, child] of Object.entries(shapeOf(schema))) {
    keys.add(key);
    collectKeys(child, keys);
  }
  const element = elementOf(schema);
  if (element !== undefined) collectKeys(element, keys);
  for (const option of optionsOf(schema)) {
    if (kindOf(option) === 'object') collectKeys(option, keys);
  }
}
