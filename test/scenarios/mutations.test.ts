/**
 * Whatever a scenario file holds, loading it gives a scenario or problems with places in the files:
 * never an exception. The files are the examples, spoiled in their nodes and in their bytes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatProblems,
  type LoadResult,
  PROBLEM_KINDS,
  type Problem,
} from '../../scenarios/index.ts';
import { anyText } from '../support/any-text.ts';
import { byteEdits, nodeEdits, treeEdits } from './mutate.ts';
import { type Files, load } from './support.ts';

const FOLDERS = ['scenarios', 'scenarios/examples', 'test/scenarios/fixtures'];
const TEXTS = FOLDERS.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
);
const text = fc.constantFrom(...TEXTS);

/** Every second scenario includes another one, which is spoiled instead. */
const place = fc.constantFrom<'main.yaml' | 'part.yaml'>('main.yaml', 'part.yaml');

function filesOf(where: string, content: string | Uint8Array): Files {
  if (where === 'main.yaml') return { 'main.yaml': content };
  return { 'main.yaml': `include: part.yaml\nseed: 5\n`, 'part.yaml': content };
}

/** What is read of a file: UTF-8, in which half a character that an edit has left is U+FFFD. */
const decoded = (content: string | Uint8Array): string =>
  new TextDecoder().decode(Buffer.from(content));

function expectSound(result: LoadResult, files: Files): void {
  if ('scenario' in result) {
    expectFinite(result.scenario);
    for (const problem of result.warnings) expect(problem.severity).toBe('warning');
    expectPlaced(result.warnings, files);
  } else {
    expect(result.problems.some((p) => p.severity === 'error')).toBe(true);
    expectPlaced(result.problems, files);
  }
}

function expectPlaced(problems: readonly Problem[], files: Files): void {
  const linesOf = new Map(
    Object.entries(files).map(([name, content]) => [name, decoded(content).split('\n')]),
  );
  for (const problem of problems.slice(0, 200)) {
    expect(PROBLEM_KINDS).toHaveProperty(problem.code);
    expect(problem.message).not.toBe('');
    const lines = linesOf.get(problem.file) ?? [problem.source];
    expect(problem.line).toBeGreaterThanOrEqual(1);
    expect(problem.line).toBeLessThanOrEqual(lines.length);
    const line = lines[problem.line - 1].replace(/\r$/, '');
    expect(problem.source).toBe(line);
    expect(problem.column).toBeGreaterThanOrEqual(1);
    expect(problem.column).toBeLessThanOrEqual(line.length + 1);
    expect(problem.width).toBeGreaterThanOrEqual(1);
  }
  // Control characters of the file must not reach the terminal.
  expect(/[^\P{Cc}\n]/u.test(formatProblems(problems))).toBe(false);
}

/** Every figure of a scenario is one that can be reckoned with. */
function expectFinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value}`);
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectFinite);
}

/** The parameter without a default, for the texts that declare it. */
const parametersOf = (original: string): Record<string, string> =>
  original.includes('required: true') ? { trace: 'traces' } : {};

// Thousands of runs: give a busy machine time.
describe('spoiled scenarios', { timeout: 600_000 }, () => {
  it('with other meanings', async () => {
    const outcomes = { scenario: 0, problems: 0 };
    await fc.assert(
      fc.asyncProperty(text, treeEdits, place, async (original, spoil, where) => {
        const files = filesOf(where, spoil(original));
        const result = await load(files, { set: parametersOf(original) });
        outcomes['scenario' in result ? 'scenario' : 'problems']++;
        expectSound(result, files);
      }),
      { numRuns: 1_500 },
    );
    // Both outcomes must be common, or the search would be too narrow.
    expect(Math.min(outcomes.scenario, outcomes.problems)).toBeGreaterThan(200);
  });

  it('with other nodes', async () => {
    await fc.assert(
      fc.asyncProperty(text, nodeEdits, place, async (original, spoil, where) => {
        const files = filesOf(where, spoil(original));
        expectSound(await load(files, { set: parametersOf(original) }), files);
      }),
      { numRuns: 1_500 },
    );
  });

  it('with half a character, as one that was cut leaves it', async () => {
    for (const original of TEXTS) {
      const files = { 'main.yaml': original.replace('version', 'a\ud800: \u0000\nversion') };
      expectSound(await load(files, { set: parametersOf(original) }), files);
    }
  });

  it('with other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(text, byteEdits, place, async (original, spoil, where) => {
        const files = filesOf(where, spoil(original));
        expectSound(await load(files, { set: parametersOf(original) }), files);
      }),
      { numRuns: 2_000 },
    );
  });

  it('with other parameters and overrides', async () => {
    const value = fc.oneof(
      anyText(),
      fc.constantFrom('', '5', '1e400', '-1', '{', '[[', '*a', '5GiB', '~'),
    );
    const key = fc.oneof(
      anyText(),
      fc.constantFrom('racks', 'compute', 'servers', '__proto__', 'constructor', 'trace'),
    );
    const path = fc.oneof(
      anyText(),
      fc.constantFrom('duration', 'site.racks[0]', 'site.racks[99].pdus', 'stack.ceph', '[0]', '.'),
    );
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.dictionary(key, value, { maxKeys: 2 }),
        fc.dictionary(path, value, { maxKeys: 2 }),
        async (original, set, sweep) => {
          const result = await load({ 'main.yaml': original }, { set, sweep });
          for (const p of 'problems' in result ? result.problems : result.warnings) {
            expect(p.line).toBeGreaterThanOrEqual(1);
            expect(p.column).toBeLessThanOrEqual(p.source.length + 1);
          }
          if ('scenario' in result) expectFinite(result.scenario);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('with aliases that multiply, deep nesting, or too much of everything', async () => {
    const bomb = Array.from({ length: 40 }, (_, i) => {
      const before = i === 0 ? 'x' : `*a${i - 1}, *a${i - 1}, *a${i - 1}`;
      return `  a${i}: &a${i} [${before}]`;
    });
    const texts = [
      `name: a\nfaults:\n${bomb.join('\n')}`,
      `name: ${'['.repeat(100_000)}`,
      `name: ${'{a: '.repeat(50_000)}`,
      `${Array.from({ length: 5_000 }, (_, i) => `${' '.repeat(i % 200)}k${i}:`).join('\n')}`,
      `objectives: [${'1,'.repeat(400_000)}]`,
      'a: &a\n'.repeat(10_000),
      `version: 1\n${Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n')}`,
    ];
    for (const content of texts) {
      const files = { 'main.yaml': content };
      const result = await load(files);
      expectSound(result, files);
      expect('problems' in result).toBe(true);
    }
  });
});
