/** Runs the SimPy peer, where Python with SimPy is there. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Mm1Result } from './mm1.ts';

/** STRATA_PYTHON names another interpreter, such as one in a virtual environment. */
const PYTHON = process.env.STRATA_PYTHON ?? 'python3';

export function hasSimpy(): boolean {
  return spawnSync(PYTHON, ['-c', 'import simpy'], { stdio: 'ignore' }).status === 0;
}

/** M/M/1 with SimPy; fewer objects than ours, since the rate does not depend on their number. */
export function simpyMm1(root: string, objects: number): Mm1Result {
  const script = join(root, 'bench', 'peers', 'mm1_simpy.py');
  const { stdout, status, stderr } = spawnSync(PYTHON, [script, String(objects)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`SimPy failed: ${stderr}`);
  return { objects, ...JSON.parse(stdout) };
}
