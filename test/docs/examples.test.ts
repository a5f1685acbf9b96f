/**
 * Runs the examples of the documentation: the blocks of a page one after the other, in a folder of
 * its own in which `npx strata` and the scenarios of the project are at hand.
 */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Example, examplesOf } from './examples.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** STRATA_PYTHON may name an interpreter of a virtual environment that has the packages. */
const PYTHON = process.env.STRATA_PYTHON ?? 'python3';
const TIMEOUT_ms = 300_000;

function pages(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes(`${join('docs', 'reference')}`));
}

const all = [...pages(join(ROOT, 'docs')), join(ROOT, 'README.md')]
  .filter((path) => existsSync(path))
  .map((path) => ({ path: relative(ROOT, path), examples: examplesOf(readFileSync(path, 'utf8')) }))
  .filter(({ examples }) => examples.length > 0);

/** A folder like one of a user who has installed the package, with the project's scenarios. */
function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'strata-docs-'));
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true });
  const link = (target: string, name: string) =>
    symlinkSync(join(ROOT, target), join(folder, name));
  link('', join('node_modules', 'strata'));
  const program = `exec "${process.execPath}" "${join(ROOT, 'bin', 'strata.js')}" "$@"`;
  writeFileSync(join(folder, 'node_modules', '.bin', 'strata'), `#!/bin/sh\n${program}\n`, {
    mode: 0o755,
  });
  link('node_modules/vitest', join('node_modules', 'vitest'));
  link('node_modules/fast-check', join('node_modules', 'fast-check'));
  link('node_modules/vitest/vitest.mjs', join('node_modules', '.bin', 'vitest'));
  link('scenarios', 'scenarios');
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  return folder;
}

interface Printed {
  readonly status: number | null;
  readonly stdout: string;
}

/** As on a terminal both streams are one; npx does what it does, without npm's second of start-up. */
const PRELUDE = 'exec 2>&1; npx() { local program=$1; shift; "node_modules/.bin/$program" "$@"; }';

function shell(folder: string, text: string): Printed {
  return spawnSync('bash', ['-euo', 'pipefail', '-c', `${PRELUDE}\n${text}`], {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_ms,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

/** Every line of `expected` is in the text, in this order; runs of blanks are alike. */
function missingLine(text: string, expected: readonly string[]): string | undefined {
  const words = (line: string) => line.trim().replace(/\s+/g, ' ');
  const lines = text.split('\n').map(words);
  let at = 0;
  for (const line of expected) {
    const found = lines.findIndex((each, i) => i >= at && each.includes(words(line)));
    if (found < 0) return line;
    at = found + 1;
  }
  return undefined;
}

function run(folder: string, example: Example): void {
  switch (example.kind) {
    case 'file':
      mkdirSync(dirname(join(folder, example.file)), { recursive: true });
      writeFileSync(join(folder, example.file), example.text);
      return;
    case 'append':
      appendFileSync(join(folder, example.file), example.text);
      return;
    case 'shell':
      check(shell(folder, example.text), example.output);
      return;
    case 'python': {
      writeFileSync(join(folder, example.file), example.text);
      const has = spawnSync(PYTHON, ['-c', `import ${example.packages}`], { stdio: 'ignore' });
      if (has.status === 0) check(shell(folder, `${PYTHON} ${example.file}`), example.output);
      else console.log(`SKIPPED: ${example.file}, since ${PYTHON} lacks ${example.packages}`);
    }
  }
}

function check({ status, stdout }: Printed, output: readonly string[]): void {
  expect(status, stdout).toBe(0);
  const missing = missingLine(stdout, output);
  expect(missing, `this line is not in the output, or not there:\n${stdout}`).toBe(undefined);
}

describe.each(all)('$path', ({ examples }) => {
  let folder: string;
  beforeAll(() => {
    folder = workFolder();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // In order: later blocks use what earlier ones have written.
  it.each(examples.map((example) => [`line ${example.line}: ${example.kind}`, example] as const))(
    '%s',
    (_, example) => run(folder, example),
    TIMEOUT_ms,
  );
});
