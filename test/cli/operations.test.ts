/** A change that is rehearsed: what became of its operations. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTemporaryFolder, strata } from '../support/strata.ts';

const LAB = 'scenarios/lab-domain.yaml';

it('the report tells every operation that was carried out', () => {
  const { code, out } = strata('run', LAB);
  expect(code).toBe(0);
  expect(out).toContain('6 of 6 operations done');
  expect(out).toMatch(/Operations\n {2}done {2}00:\S+ {2}define domain\/lab-vm +shutoff after/);
});

it('an operation that does not reach its state fails the run, and is told', () => {
  inTemporaryFolder((folder) => {
    const path = join(folder, 'bad.yaml');
    const bad = readFileSync(LAB, 'utf8').replace(
      'do: suspend, until: paused',
      'do: resume, until: paused',
    );
    writeFileSync(path, bad);
    const { code, out } = strata('run', path);
    expect(code).toBe(1);
    expect(out).toContain('2 of 3 operations done');
    expect(out).toMatch(
      /failed .* resume domain\/lab-vm +still running after 30 s, expected paused/,
    );
    expect(out).toContain('3 operations left out after that');
    const json = JSON.parse(strata('run', path, '--json').out);
    expect(json.operations.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, false]);
  });
});

/** lab-domain.yaml with a disk that is attached while the guest runs. */
function withDisk(folder: string, change: (text: string) => string = (text) => text): string {
  const path = join(folder, 'disk.yaml');
  const at = '    - { entity: domain/lab-vm, do: suspend';
  const act =
    '    - { entity: domain/lab-vm, do: attach_disk, with: { source: /d, target: vdb } }\n';
  writeFileSync(path, change(readFileSync(LAB, 'utf8').replace(at, act + at)));
  return path;
}

it('a verb that only a driver has is rehearsed: it takes its time and changes nothing', () => {
  inTemporaryFolder((folder) => {
    const path = withDisk(folder, (text) => text.replace('do: suspend', 'at: 10m, do: suspend'));
    const out = join(folder, 'disk.arrow');
    const ran = strata('run', path, '--out', out, '--html', join(folder, 'disk.html'));
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('7 of 7 operations done');
    expect(ran.out).toMatch(/attach_disk domain\/lab-vm +done after .*, it is running/);
    const after = strata('why', out, 'domain/lab-vm@5m').out;
    expect(after).toContain('asked:attach_disk');
    expect(after).toContain('rehearsed by the timing profile lab: nothing changes');
    const { since_s, steps } = JSON.parse(strata('why', out, 'domain/lab-vm@5m', '--json').out);
    const running = steps.find(({ to }: { to: string }) => to === 'domain/running');
    expect(since_s).toBe(running.time_s);
    // Two rehearsals are alike.
    const again = join(folder, 'again.arrow');
    strata('run', path, '--out', again);
    expect(strata('diff', out, again).code).toBe(0);
  });
});

it('a verb that only a driver has needs a timing, and fails as often as the profile says', () => {
  inTemporaryFolder((folder) => {
    const profile = (more: string) => (text: string) =>
      text.replace(
        'profile: lab\n',
        `profile: own\nprofiles: { own: { extends: lab, ${more} } }\n`,
      );
    const failing = withDisk(folder, profile('fault_ratio: { domain.attach_disk: 100% }'));
    const { code, out } = strata('run', failing);
    expect(code).toBe(1);
    expect(out).toMatch(/attach_disk domain\/lab-vm +failed with SIM_VERB_FAILED: running after/);
    const slow = withDisk(folder, profile('timings: { domain.attach_disk: 10m }'));
    expect(strata('run', slow).out).toContain('failed with DEADLINE_EXCEEDED');
  });
});

it('a run that is shorter than its operations is no failure', () => {
  const { code, out } = strata('run', LAB, '--until', '1m');
  expect(code).toBe(0);
  expect(out).toContain('6 operations had not ended when the run did');
});
