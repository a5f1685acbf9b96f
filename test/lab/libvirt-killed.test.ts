/** `strata apply`, killed in the middle on a real libvirt, and what is left for the next one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readRecording } from '../../cli/tools/recording-file.ts';
import { cachedGuest } from '../../lab/libvirt/guest.ts';
import { libvirtUri } from '../../lab/libvirt/system.ts';
import { inTemporaryFolder, ROOT, strata } from '../support/strata.ts';
import { openLibvirt, removeDomains, startLab } from './libvirt-lab.ts';

const NAME = 'lab-vm';
const START_TIMEOUT_MS = 600_000;
const RUN_TIMEOUT_MS = 300_000;
const STEPS = ['define', 'start', 'suspend', 'resume', 'shutdown', 'undefine'];

beforeAll(startLab, START_TIMEOUT_MS);
beforeEach(() => removeDomains(NAME));
afterAll(() => removeDomains(NAME));

function applyArguments(out: string): string[] {
  const { kernel, initrd, cmdline } = cachedGuest() ?? { kernel: '', initrd: '', cmdline: '' };
  const set = Object.entries({ kernel, initrd, cmdline }).map(([key, value]) => `${key}=${value}`);
  const driver = ['--driver', `libvirt:uri=${libvirtUri()}`];
  return ['apply', 'scenarios/lab-domain.yaml', ...driver, '--set', ...set, '--out', out];
}

/** Applies the scenario and kills it as soon as it says that a step is done; gives what it said. */
async function killedAfter(step: string, out: string): Promise<string> {
  const args = [join(ROOT, 'bin', 'strata.js'), ...applyArguments(out)];
  const child: ChildProcess = spawn(process.execPath, args, { cwd: ROOT });
  let said = '';
  child.stderr!.on('data', (bytes: Buffer) => {
    said += bytes;
    if (said.includes(`${step} domain/`)) child.kill('SIGKILL');
  });
  await new Promise((closed) => child.once('close', closed));
  expect(child.signalCode, said).toBe('SIGKILL');
  return said;
}

async function domains(): Promise<readonly string[]> {
  const backend = openLibvirt();
  const all = await backend.driver.list();
  await new Promise<void>((closed) => backend.close(closed));
  return all.filter(({ kind, entity }) => kind === 'domain' && entity === NAME).map((d) => d.state);
}

it.each(['define', 'start', 'suspend', 'resume'])(
  'killed after %s, it leaves its recording, and the next one goes on to the end',
  (step) =>
    inTemporaryFolder(async (folder) => {
      const out = join(folder, 'live.arrow');
      await killedAfter(step, out);
      expect(await domains()).toHaveLength(1);

      // What had been reported is recorded, and every tool reads it.
      expect(existsSync(out)).toBe(false);
      const recording = readRecording(`${out}.part`);
      expect(recording.truncated).toBe(true);
      expect(recording.rows).toBeGreaterThanOrEqual(2 * (STEPS.indexOf(step) + 1));
      expect(recording.metadata.mode).toBe('live');
      expect(strata('why', `${out}.part`, `domain/${NAME}`).code).toBe(0);
      const exports = ['--html', join(folder, 'a.html'), '--parquet', join(folder, 'a.parquet')];
      expect(strata('export', `${out}.part`, ...exports).code).toBe(0);

      const again = strata(...applyArguments(out));
      expect(again.code, again.err).toBe(0);
      expect(again.err).toContain(`${out}.part.1 holds the recording of an earlier run`);
      expect(again.err).toMatch(/define domain\/lab-vm: nothing to do, it is/);
      expect(again.out).toContain('6 of 6 operations');
      expect(again.out).toContain('0 divergences');
      expect(readRecording(out).truncated).toBe(false);
      expect(await domains()).toEqual([]);
    }),
  RUN_TIMEOUT_MS,
);
