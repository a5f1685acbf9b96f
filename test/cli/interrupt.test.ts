import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PendingFile, writeWhole } from '../../cli/tools/pending-file.ts';
import { inTemporaryFolder, ROOT, strata } from '../support/strata.ts';

const REFERENCE = 'scenarios/reference-cloud.yaml';

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly err: string;
}

/** Starts `strata ARGS` and waits until `isDue`, then sends a signal; resolves when it has ended. */
async function interrupted(
  args: readonly string[],
  isDue: (child: ChildProcess) => boolean,
): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'strata.js'), ...args], { cwd: ROOT });
  let err = '';
  child.stdout.resume();
  child.stderr.on('data', (bytes) => {
    err += bytes;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, err }));
  });
  while (child.exitCode === null && !isDue(child)) await delay(20);
  child.kill('SIGINT');
  return ended;
}

/**
 * Whether the process has computed for so long: it is past its start then, and at work, however
 * busy the machine is. Time of the processor by proc_pid_stat(5), in ticks of 10 ms.
 */
const hasComputed = (atLeast_s: number) => (child: ChildProcess) => {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100 >= atLeast_s;
};

const isGrowing = (path: string) => () => existsSync(path) && statSync(path).size > 0;

it('a run that is interrupted says what it wrote and leaves no half file', async () => {
  await inTemporaryFolder(async (folder) => {
    const out = join(folder, 'run.arrow');
    const html = join(folder, 'run.html');
    const args = ['run', REFERENCE, '--until', '500y', '--out', out, '--html', html];
    const { code, err } = await interrupted(args, isGrowing(`${out}.part`));
    expect(code).toBe(130);
    expect(err).toMatch(/^interrupted: stopped at .* of 182500d00:00:00$/m);
    expect(err).toContain(`${out}.part holds the recording until then`);
    expect(err).toContain(`not written: ${out}, ${html}`);
    expect(readdirSync(folder)).toEqual(['run.arrow.part']);
    const why = strata('why', `${out}.part`, 'machine/r1-compute-3@1h');
    expect(why.out).toContain('deployed');
  });
});

it('without a recording to keep nothing is left', async () => {
  const args = ['run', REFERENCE, '--until', '500y'];
  const { code, err } = await interrupted(args, hasComputed(3));
  expect(code).toBe(130);
  expect(err).toMatch(/^interrupted: stopped at \S+ of \S+$/m);
  expect(err).not.toContain('.part');
});

it('a study that is interrupted says how far it came', async () => {
  await inTemporaryFolder(async (folder) => {
    const out = join(folder, 'study.parquet');
    const { code, err } = await interrupted(
      ['capacity', REFERENCE, '--until', '50y', '--replicas', '4', '--out', out],
      hasComputed(3),
    );
    expect(code).toBe(130);
    expect(err).toContain('interrupted: stopped after 0 of 4 replicas');
    expect(err).toContain(`not written: ${out}`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('a search that is interrupted says how many runs held', async () => {
  const args = ['check', REFERENCE, '--runs', '1000000', '--seed', '5'];
  const { code, err } = await interrupted(args, hasComputed(3));
  expect(code).toBe(130);
  expect(err).toMatch(/interrupted: stopped after \d+ of 1000000 runs/);
  expect(err).toContain('seed 5');
});

it('a file has its name when it is whole', () => {
  inTemporaryFolder((folder) => {
    const path = join(folder, 'new', 'a.txt');
    const file = new PendingFile(path);
    file.write('half');
    expect(existsSync(path)).toBe(false);
    file.commit();
    expect(readFileSync(path, 'utf8')).toBe('half');
    const pieces = function* () {
      yield 'more';
      throw new Error('broke off');
    };
    expect(() => writeWhole(path, pieces())).toThrow('broke off');
    expect(readFileSync(path, 'utf8')).toBe('half');
    expect(readdirSync(join(folder, 'new'))).toEqual(['a.txt']);
  });
});

it('what is no plain file is written to as it is, and a folder is refused at once', () => {
  inTemporaryFolder((folder) => {
    writeWhole('/dev/null', ['nothing']);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    mkdirSync(join(folder, 'a'));
    expect(() => new PendingFile(join(folder, 'a'))).toThrow(/EISDIR/);
    writeFileSync(join(folder, 'file'), '');
    expect(() => new PendingFile(join(folder, 'file', 'b'))).toThrow(/ENOTDIR|EEXIST/);
    expect(() => new PendingFile('/proc/none/b')).toThrow(/ENOENT/);
    writeWhole(join(folder, 'none/../c'), ['there']);
    expect(readdirSync(folder).sort()).toEqual(['a', 'c', 'file']);
  });
});
