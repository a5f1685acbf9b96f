import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, strata } from '../support/strata.ts';

const MINIMAL = 'scenarios/examples/minimal.yaml';
const COMMANDS = [
  'run',
  'check',
  'capacity',
  'apply',
  'doctor',
  'import',
  'validate',
  'schema',
  'view',
  'why',
  'diff',
  'export',
];
const ESCAPE = String.fromCharCode(27);

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('help', () => {
  it.each(COMMANDS)('%s --help says what it does', (command) => {
    const { code, out } = strata(command, '--help');
    expect(code).toBe(0);
    expect(out).toContain(`Usage: strata ${command}`);
    expect(out).not.toContain('[]');
  });

  it('documents the exit codes', () => {
    expect(strata('--help').out).toMatch(/0 ok; 1 .*; 2 .*;\s3 /);
  });
});

describe('bad input ends with code 2, says where, and never with a stack trace', () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown command', ['frobnicate'], /unknown command 'frobnicate'/],
    ['an unknown option', ['run', MINIMAL, '--fast'], /unknown option '--fast'/],
    ['no scenario', ['run'], /missing required argument 'scenario'/],
    ['a file that is not there', ['run', 'no-such.yaml'], /no-such\.yaml/],
    ['a seed that is no number', ['run', MINIMAL, '--seed', 'x'], /USAGE_NUMBER.*--seed/],
    ['a duration without a unit', ['run', MINIMAL, '--until', '5'], /USAGE_DURATION.*--until/],
    ['an unknown parameter', ['run', MINIMAL, '--set', 'no_such=1'], /no_such/],
    ['--set without a value', ['run', MINIMAL, '--set', 'x'], /USAGE_SET/],
    ['an unknown profile', ['run', MINIMAL, '--profile', 'x'], /PROFILE_UNKNOWN.*lab/s],
    ['a recording that is none', ['why', 'package.json', 'server/a'], /RECORDING_/],
    ['a token that is none', ['check', '--replay', 'abc'], /CHECK_BAD_TOKEN/],
    ['an export to nowhere', ['export', 'package.json'], /USAGE_EXPORT/],
    ['a folder for a scenario', ['run', 'scenarios'], /scenarios cannot be read: it is a folder/],
    ['a misspelt file', ['run', 'scenarios/large.yml'], /did you mean scenarios\/large\.yaml/],
    [
      'a folder for a page',
      ['run', MINIMAL, '--html', 'docs'],
      /EISDIR: docs: .*\n {2}name a file/,
    ],
    ['a file for a folder', ['run', MINIMAL, '--out', 'LICENSE/a.arrow'], /ENOTDIR: LICENSE\/a/],
    [
      'a full disk',
      ['run', MINIMAL, '--out', '/dev/full'],
      /^error ENOSPC: \/dev\/full: .*\n {2}make/,
    ],
    ['a folder for a recording', ['why', 'docs', 'server/a'], /EISDIR: docs: is a folder/],
    ['a bad file of two', ['diff', 'LICENSE', 'LICENSE'], /RECORDING_NOT_ARROW: LICENSE: /],
    ['a sweep without values', ['capacity', MINIMAL, '--sweep', 'x'], /USAGE_SWEEP/],
  ];

  it.each(cases)('%s', (_, args, message) => {
    const { code, out, err } = strata(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(`${out}${err}`).not.toMatch(/^\s+at .*\(.*:\d+:\d+\)/m);
  });

  it('every mistake of a scenario is reported at once, with its place', () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, 'bad.yaml');
      writeFileSync(path, 'version: 1\nname: bad\nduration: 5\nsite:\n  rakcs: []\n');
      const { code, err } = strata('validate', path);
      expect(code).toBe(2);
      expect(err).toMatch(/bad\.yaml:3:/);
      expect(err).toMatch(/bad\.yaml:5:/);
      expect(err).toContain('racks');
    });
  });
});

describe('run', () => {
  it('prints one object with --json', () => {
    const { code, out } = strata('run', MINIMAL, '--seed', '3', '--json');
    const result = JSON.parse(out);
    expect(code).toBe(0);
    expect(Object.keys(result)).toEqual([
      'scenario',
      'seed',
      'simulatedSeconds',
      'wallSeconds',
      'transitions',
      'transitionsPerSecond',
      'traceHash',
      'layers',
      'invariants',
      'objectives',
      'divergences',
    ]);
    expect(result.seed).toBe(3);
    expect(Object.keys(result.layers)).toHaveLength(9);
    expect(result.transitions).toBeGreaterThan(100);
    expect(result.invariants.length).toBeGreaterThanOrEqual(25);
    expect(result.invariants.filter((i: { ok: boolean }) => !i.ok)).toEqual([]);
  });

  it('writes the same bytes for the same seed, in another process, and their hash is printed', () => {
    inTemporaryFolder((folder) => {
      const [a, b, c] = ['a', 'b', 'c'].map((name) => join(folder, `${name}.arrow`));
      const first = JSON.parse(strata('run', MINIMAL, '--seed', '5', '--out', a, '--json').out);
      strata('run', MINIMAL, '--seed', '5', '--out', b, '--json');
      strata('run', MINIMAL, '--seed', '6', '--out', c, '--json');
      expect(first.traceHash).toBe(sha256(a));
      expect(sha256(b)).toBe(sha256(a));
      expect(sha256(c)).not.toBe(sha256(a));
    });
  });

  it('uses no colour when it does not write to a terminal', () => {
    const { out, err } = strata('run', MINIMAL);
    expect(`${out}${err}`).not.toContain(ESCAPE);
  });

  it('writes a recording that why, diff and export read, and a page', () => {
    inTemporaryFolder((folder) => {
      const file = (name: string) => join(folder, name);
      const run = strata('run', MINIMAL, '--out', file('a.arrow'), '--html', file('a.html'));
      expect(run.code).toBe(0);
      expect(statSync(file('a.html')).size).toBeGreaterThan(100_000);
      expect(strata('diff', file('a.arrow'), file('a.arrow')).code).toBe(0);
      expect(strata('why', file('a.arrow'), 'no-such-thing').code).toBe(2);
      const exported = strata(
        ...['export', file('a.arrow'), '--perfetto', file('a.json')],
        ...['--parquet', file('a.parquet'), '--html', file('b.html')],
      );
      expect(exported.code).toBe(0);
      expect(JSON.parse(readFileSync(file('a.json'), 'utf8')).traceEvents.length).toBeGreaterThan(
        100,
      );
      expect(readFileSync(file('a.parquet')).subarray(0, 4).toString()).toBe('PAR1');
      expect(readFileSync(file('b.html'))).toEqual(readFileSync(file('a.html')));
    });
  });
});

describe('capacity', () => {
  it('says the same with one worker and with three', () => {
    const study = (workers: string) =>
      strata('capacity', MINIMAL, '--replicas', '4', '--workers', workers, '--json').out;
    const answer = study('3');
    expect(JSON.parse(answer).points).toHaveLength(1);
    expect(study('1')).toBe(answer);
  });
});

describe('schema', () => {
  it('is a JSON Schema of the scenario format', () => {
    const schema = JSON.parse(strata('schema').out);
    expect(Object.keys(schema.properties)).toContain('site');
  });
});

describe('files are not written over', () => {
  it('that are read, or twice', () => {
    inTemporaryFolder((folder) => {
      const own = join(folder, 'own.yaml');
      writeFileSync(own, readFileSync(MINIMAL));
      const over = strata('run', own, '--out', own);
      expect(over.code).toBe(2);
      expect(over.err).toContain('USAGE_OVERWRITE');
      expect(readFileSync(own)).toEqual(readFileSync(MINIMAL));
      const both = join(folder, 'both');
      expect(strata('run', own, '--out', both, '--html', both).code).toBe(2);
    });
  });
});

describe('objectives', () => {
  it('that nothing was measured for are missed', () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, 'nobody.yaml');
      const objective =
        'objectives:\n  nobody: { measure: availability, of: server/no-such-*, at_least: 1% }\n';
      const text = readFileSync(MINIMAL, 'utf8').replace(/^objectives:[\s\S]*$/m, '');
      writeFileSync(path, `${text}\n${objective}`);
      const { code, out } = strata('run', path, '--json');
      expect(JSON.parse(out).objectives).toMatchObject([
        { name: 'nobody', ok: false, value: null },
      ]);
      expect(code).toBe(1);
    });
  });
});

it('an apply that cannot begin leaves no file', () =>
  inTemporaryFolder((folder) => {
    const out = join(folder, 'new', 'live.arrow');
    const nobody = `libvirt:uri=qemu+unix:///system?socket=${join(folder, 'none')}`;
    const args = ['scenarios/lab-domain.yaml', '--driver', nobody, '--out', out];
    const { code, err } = strata('apply', ...args);
    expect(code).toBe(2);
    expect(err).toMatch(/^error LIBVIRT_UNREACHABLE/);
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
  }));

describe('an objective for which nothing was measured', () => {
  const told = (objective: string) =>
    inTemporaryFolder((folder) => {
      const path = join(folder, 'a.yaml');
      const written = readFileSync(MINIMAL, 'utf8').replace(/\n {2}boots-quickly:.*/, '');
      writeFileSync(path, `${written.trimEnd()}\n  one: ${objective}\n`);
      const { code, out } = strata('run', path, '--until', '3h');
      expect(out).toContain(code === 1 ? 'no data' : 'met');
      return out.replace(/\s+/g, ' ');
    });

  it('says which names there are', () => {
    const out = told('{ measure: availability, of: server/wbe-*, at_least: 99% }');
    expect(out).toContain('No server of this run has a name like wbe-*: there are web-');
    expect(told('{ measure: count, of: osd/*, state: down, at_most: 0 }')).toContain(
      'This run has no OSD at all.',
    );
  });

  it('says that there is nothing, or that none went that way', () => {
    const out = told('{ measure: availability, of: job/*, at_least: 99% }');
    expect(out).toContain('This run has no job at all.');
    const never = told('{ measure: latency, of: server/*, from: paused, to: active, at_most: 2m }');
    expect(never).toContain('None of them went that way.');
  });
});

describe('why', () => {
  it('says so when it is asked for a time after the end', () => {
    inTemporaryFolder((folder) => {
      const path = join(folder, 'run.arrow');
      strata('run', MINIMAL, '--until', '2h', '--out', path);
      const beyond = strata('why', path, 'region/region-1@1d');
      expect(beyond.err).toContain('the recording ends at 02:00:00');
      expect(strata('why', path, 'region/region-1@1h').err).toBe('');
    });
  });
});
