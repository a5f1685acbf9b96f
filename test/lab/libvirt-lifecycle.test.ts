import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cacheFolder } from '../../lab/folder.ts';
import { libvirtSystem } from '../../lab/libvirt/system.ts';
import { bringUp, runningDaemons, systemProcesses, takeDown } from '../../lab/lifecycle.ts';
import { isAlive } from '../../lab/process.ts';
import { LabReport } from '../../lab/report.ts';
import { ask, openLibvirt, startLab } from './libvirt-lab.ts';

const START_TIMEOUT_MS = 600_000;
/** A second lab beside the first, with the first one's guest. */
const folder = mkdtempSync(join(tmpdir(), 'strata-lab-'));
const first = process.env['STRATA_LAB'];
const quiet = new LabReport(() => {});

beforeAll(async () => {
  await startLab();
  mkdirSync(join(folder, 'cache'));
  symlinkSync(cacheFolder('guest'), join(folder, 'cache/guest'));
  process.env['STRATA_LAB'] = folder;
}, START_TIMEOUT_MS);

afterAll(async () => {
  await takeDown(libvirtSystem);
  if (first === undefined) delete process.env['STRATA_LAB'];
  else process.env['STRATA_LAB'] = first;
  rmSync(folder, { recursive: true });
});

it('comes up once, and goes down with everything it started and nothing else', async () => {
  expect(await libvirtSystem.probe()).toMatchObject({ ok: false });
  expect(await takeDown(libvirtSystem)).toBe(0);
  await bringUp(libvirtSystem, quiet);
  const daemons = runningDaemons('libvirt');
  expect(daemons.map(({ name }) => name).sort()).toEqual([
    ...['libvirtd', 'libvirtd-2', 'sshd', 'sshd-door', 'sshd-gate', 'virtlogd', 'virtlogd-2'],
  ]);
  await bringUp(libvirtSystem, quiet);
  expect(runningDaemons('libvirt')).toEqual(daemons);

  const backend = openLibvirt();
  for (const verb of ['define', 'create']) {
    expect(await ask(backend, 'second-lab', verb)).toMatchObject({ type: 'done' });
  }
  await new Promise<void>((closed) => backend.close(closed));
  const processes = systemProcesses('libvirt');
  expect(processes.length).toBeGreaterThan(daemons.length); // QEMU
  expect(processes.map(({ pid }) => pid)).not.toContain(process.pid);

  // libvirtd's own helpers come and go.
  expect(await takeDown(libvirtSystem)).toBeGreaterThan(daemons.length);
  expect(processes.filter(isAlive)).toEqual([]);
  expect(systemProcesses('libvirt')).toEqual([]);
  expect(await libvirtSystem.probe()).toMatchObject({ ok: false });
  process.env['STRATA_LAB'] = first ?? '';
  expect(await libvirtSystem.probe()).toMatchObject({ ok: true });
  process.env['STRATA_LAB'] = folder;
}, 300_000);
