import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failuresIn } from '../../lab/failures.ts';

const folder = mkdtempSync(join(tmpdir(), 'strata-failures-'));
afterAll(() => rmSync(folder, { recursive: true }));

function resultsOf(...testResults: readonly object[]): string {
  const file = join(folder, 'results.json');
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

test('names every test that failed, with what it said and where, without the runner’s frames', () => {
  const message = 'AssertionError: 1 is not 2\n    at /x/test/lab/a.test.ts:2:43\n';
  const frames = '    at file:///x/node_modules/@vitest/runner/index.js:1:1\n';
  const results = resultsOf({
    name: '/x/test/lab/a.test.ts',
    message: '',
    assertionResults: [
      { fullName: 'a domain starts', status: 'passed', failureMessages: [] },
      { fullName: 'a domain stops', status: 'failed', failureMessages: [message + frames] },
    ],
  });
  expect(failuresIn(results)).toEqual([
    'FAILED a.test.ts: a domain stops\n  AssertionError: 1 is not 2\n      at /x/test/lab/a.test.ts:2:43',
  ]);
});

test('names a file that could not be run', () => {
  const results = resultsOf({ name: '/x/b.test.ts', message: 'no server', assertionResults: [] });
  expect(failuresIn(results)).toEqual(['FAILED b.test.ts\n  no server']);
});

test('finds nothing where no results were written', () => {
  expect(failuresIn(join(folder, 'absent.json'))).toEqual([]);
});
