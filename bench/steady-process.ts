/** The large cloud in a process of its own, so that its memory may be of another kind. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModel } from '../cli/model.ts';
import { loadScenario } from '../scenarios/index.ts';
import { type Steady, steady } from './steady.ts';

/**
 * glibc (2.35 and newer) then asks Linux for huge pages: where memory is touched at random, as by a
 * hundred thousand entities, looking the addresses of small ones up costs much. Others ignore it.
 */
export const HUGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1' } as const;

const SELF = fileURLToPath(import.meta.url);

/** Measures `scenarios/large.yaml` in a new process with further environment variables. */
export function runSteady(root: string, env: Readonly<Record<string, string>> = {}): Steady {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', SELF, root], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`large: ${stderr}`);
  return JSON.parse(stdout);
}

async function main(root: string): Promise<void> {
  const loaded = await loadScenario(join(root, 'scenarios', 'large.yaml'), { set: {} });
  if ('problems' in loaded) throw new Error(loaded.problems.map((p) => p.message).join('\n'));
  const out = join(root, 'out', 'bench-large.arrow');
  process.stdout.write(JSON.stringify(steady(await loadModel(), loaded.scenario, out)));
}

if (process.argv[1] === SELF) await main(process.argv[2]);
