/**
 * `npm run lab:test [SYSTEM...]`: for one system after the other, brings it up, runs the suites
 * `test/lab/SYSTEM-*.test.ts` against it, and takes down what was not up before. One at a time, so
 * that a small machine is enough.
 */
import { spawn } from 'node:child_process';
import { runProgram } from './command-line.ts';
import { bringUp, runningDaemons, takeDown } from './lifecycle.ts';
import { LabReport } from './report.ts';
import type { LabSystem } from './system.ts';
import { chosenSystems, LAB_SYSTEMS } from './systems.ts';

await runProgram(async () => {
  const report = new LabReport();
  const failed: string[] = [];
  for (const system of chosenSystems(process.argv.slice(2))) {
    if (!(await testSystem(system, report))) failed.push(system.name);
  }
  if (failed.length === 0) return;
  report.say(`suites failed: ${failed.join(', ')}`);
  process.exitCode = 1;
});

async function testSystem(system: LabSystem, report: LabReport): Promise<boolean> {
  const wasUp = new Set(LAB_SYSTEMS.filter(isUp));
  let ok = false;
  try {
    await bringUp(system, report);
    await report.part(system.name, 'suites', async () => {
      ok = await runSuites(`test/lab/${system.name}-`);
      return ok ? 'passed' : 'FAILED';
    });
  } finally {
    // A system's suites may have started others that it builds on.
    for (const each of LAB_SYSTEMS) if (isUp(each) && !wasUp.has(each)) await takeDown(each);
  }
  return ok;
}

function isUp(system: LabSystem): boolean {
  return runningDaemons(system.name).length > 0;
}

/** Runs the test files whose path begins so; whether all of them passed. */
function runSuites(prefix: string): Promise<boolean> {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'vitest.lab.config.ts',
    prefix,
  ];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => resolve(status === 0));
  });
}
