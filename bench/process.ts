/** Whole processes, measured from outside: time and peak memory of `strata run`. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ProcessResult {
  readonly wall_s: number;
  /** Peak resident memory; NaN where GNU time is not installed. */
  readonly peak_bytes: number;
  readonly json: Record<string, unknown>;
}

const GNU_TIME = '/usr/bin/time';

/**
 * Runs `strata ARGS --json`, with further environment variables, and measures it. Exit code 1 (an
 * objective missed) is fine.
 */
export function runStrata(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ProcessResult {
  const folder = mkdtempSync(join(tmpdir(), 'strata-bench-'));
  const report = join(folder, 'time');
  const command = [process.execPath, join(root, 'bin', 'strata.js'), ...args, '--json'];
  const timed = existsSync(GNU_TIME) ? [GNU_TIME, '-f', '%M', '-o', report, ...command] : command;
  const started_ms = performance.now();
  const { stdout, stderr, status } = spawnSync(timed[0], timed.slice(1), {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    cwd: root,
    env: { ...process.env, ...env },
  });
  const wall_s = (performance.now() - started_ms) / 1000;
  if (status !== 0 && status !== 1) throw new Error(`strata ${args.join(' ')}: ${stderr}`);
  const peak_bytes = existsSync(report)
    ? Number(readFileSync(report, 'utf8').trim().split('\n').at(-1)) * 1024
    : Number.NaN;
  rmSync(folder, { recursive: true });
  return { wall_s, peak_bytes, json: JSON.parse(stdout) };
}
