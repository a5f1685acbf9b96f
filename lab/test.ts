/**
 * `npm run lab:test [SYSTEM...]`: for one system after the other, brings it up, runs the suites
 * `test/lab/SYSTEM-*.test.ts` against it, and takes down what was not up before. One at a time, so
 * that a small machine is enough.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './command-line.ts';
import { complaintsIn } from './complaints.ts';
import { failuresIn } from './failures.ts';
import { systemFolder } from './folder.ts';
import { bringUp, runningDaemons, takeDown } from './lifecycle.ts';
import { LabReport } from './report.ts';
import type { LabSystem } from './system.ts';
import { chosenSystems, LAB_SYSTEMS } from './systems.ts';

await runProgram(async () => {
  const report = new LabReport();
  const failed: Failed[] = [];
  for (const system of chosenSystems(process.argv.slice(2))) {
    const result = await testSystem(system, report);
    if (result) failed.push(result);
  }
  if (failed.length === 0) return;
  // Told again at the end: what each suite printed is far up by now.
  for (const { system, failures, complaints } of failed) {
    for (const failure of failures) report.say(failure);
    report.say(`what the logs of ${system} complain about:`);
    for (const complaint of complaints) report.say(`  ${complaint}`);
  }
  report.say(`suites failed: ${failed.map(({ system }) => system).join(', ')}`);
  process.exitCode = 1;
});

interface Failed {
  readonly system: string;
  /** What failed, a paragraph each. */
  readonly failures: readonly string[];
  /** What the servers wrote of it. */
  readonly complaints: readonly string[];
}

async function testSystem(system: LabSystem, report: LabReport): Promise<Failed | undefined> {
  const wasUp = new Set(LAB_SYSTEMS.filter(isUp));
  const folder = mkdtempSync(join(tmpdir(), 'strata-lab-test-'));
  const results = join(folder, 'results.json');
  const since_ms = Date.now();
  let ok = false;
  try {
    await bringUp(system, report);
    await report.part(system.name, 'suites', async () => {
      ok = await runSuites(`test/lab/${system.name}-`, results);
      return ok ? 'passed' : 'FAILED';
    });
    if (ok) return undefined;
    const failures = failuresIn(results);
    return { system: system.name, failures, complaints: complaintsOf(system, since_ms) };
  } finally {
    rmSync(folder, { recursive: true });
    // A system's suites may have started others that it builds on.
    for (const each of LAB_SYSTEMS) if (isUp(each) && !wasUp.has(each)) await takeDown(each);
  }
}

/** What failed is told, and other systems are tested, even where logs cannot be read. */
function complaintsOf({ name }: LabSystem, since_ms: number): readonly string[] {
  try {
    return complaintsIn(systemFolder(name), since_ms);
  } catch (error) {
    return [`they cannot be read: ${(error as Error).message}`];
  }
}

function isUp(system: LabSystem): boolean {
  return runningDaemons(system.name).length > 0;
}

/** Runs the test files whose path begins so; whether all of them passed. Writes `results` as JSON. */
function runSuites(prefix: string, results: string): Promise<boolean> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'vitest.lab.config.ts',
    ...['--reporter=default', '--reporter=json', `--outputFile=${results}`],
    prefix,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status === 0));
  });
}
