/** A change that is rehearsed: what became of its operations. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder, strata } from '../support/strata.ts';

const LAB = 'scenarios/lab-domain.yaml';

it('the report tells every operation that was carried out', () => {
  const { code, out } = strata('run', LAB);
  expect(code).toBe(0);
  expect(out).toContain('6 of 6 operations done');
  expect(out).toMatch(/Operations\n {2}done {2}00:\S+ {2}define domain\/lab-vm +shutoff after/);
});

it('an operation that does not reach its state fails the run, and is told', () => {
  inTemporaryFolder((folder) => {
    const path = join(folder, 'bad.yaml');
    const bad = readFileSync(LAB, 'utf8').replace(
      'do: suspend, until: paused',
      'do: resume, until: paused',
    );
    writeFileSync(path, bad);
    const { code, out } = strata('run', path);
    expect(code).toBe(1);
    expect(out).toContain('2 of 3 operations done');
    expect(out).toMatch(
      /failed .* resume domain\/lab-vm +still running after 30 s, expected paused/,
    );
    expect(out).toContain('3 operations left out after that');
    const json = JSON.parse(strata('run', path, '--json').out);
    expect(json.operations.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, false]);
  });
});

it('a run that is shorter than its operations is no failure', () => {
  const { code, out } = strata('run', LAB, '--until', '1m');
  expect(code).toBe(0);
  expect(out).toContain('6 operations had not ended when the run did');
});
