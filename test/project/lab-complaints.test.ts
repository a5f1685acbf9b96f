import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { complaintsIn } from '../../lab/complaints.ts';

/** Logs of these names go once they were listed, and once their times were read. */
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    readdirSync: (path: string, options: { withFileTypes: true }) => {
      const entries = fs.readdirSync(path, options);
      fs.rmSync(join(path, 'listed.log'), { force: true });
      return entries;
    },
    statSync: (path: string) => {
      const stats = fs.statSync(path);
      if (path.endsWith('seen.log')) fs.rmSync(path);
      return stats;
    },
  };
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strata-complaints-'));
  mkdirSync(join(folder, 'log'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a log; `written_s` is when it was written, of the clock. */
function log(name: string, written_s: number, ...lines: readonly string[]): void {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  utimesSync(path, written_s, written_s);
}

const OSLO = '2026-11-26 18:15:49.595 12568 ERROR cinder.scheduler';

test('tells errors in the manners of the servers, without what is no error and without backtraces', () => {
  log(
    'log/cinder.log',
    100,
    '2026-11-26 18:15:49.595 12568 INFO cinder.scheduler all is well',
    `${OSLO} No valid backend was found`,
    `${OSLO} Traceback (most recent call last):`,
    `${OSLO}   File "/usr/lib/python3/filter.py", line 1, in place`,
    `${OSLO}     raise NoValidBackend`,
    `${OSLO} cinder.exception.NoValidBackend: none`,
  );
  log('kubelet.log', 101, 'E1126 18:15:49 kubelet.go:1] node not found', 'I1126 fine');
  log('libvirtd.log', 102, '2026-11-26 18:15:49.595+0000: 12: error : virNet:1 : it is closed');
  log('notes.txt', 103, 'ERROR not a log');
  expect(complaintsIn(folder, 0)).toEqual([
    `log/cinder.log: ${OSLO} No valid backend was found`,
    `log/cinder.log: ${OSLO} cinder.exception.NoValidBackend: none`,
    'kubelet.log: E1126 18:15:49 kubelet.go:1] node not found',
    'libvirtd.log: 2026-11-26 18:15:49.595+0000: 12: error : virNet:1 : it is closed',
  ]);
});

test('tells each complaint once, the last of them, and leaves old logs and links alone', () => {
  const lines = [1, 2, 3].map((i) => `12:00:0${i} ERROR request ${i} failed`);
  log('a.log', 200, ...lines, ...['w', 'x', 'y'].map((name) => `ERROR ${name}`));
  log('old.log', 99, 'ERROR of yesterday');
  symlinkSync(join(folder, 'a.log'), join(folder, 'link.log'));
  expect(complaintsIn(folder, 100_000)).toEqual([
    'a.log: ERROR w',
    'a.log: ERROR x',
    'a.log: ERROR y',
  ]);
  log('a.log', 200, 'ERROR w', ...lines);
  expect(complaintsIn(folder, 100_000)).toEqual([
    'a.log: ERROR w',
    'a.log: 12:00:03 ERROR request 3 failed',
  ]);
});

test('tells what was raised in a request of nova, without the lines before it', () => {
  const nova = '2026-11-26 18:15:49.595 12568 ERROR nova.compute.manager';
  const ofInstance = `${nova} [instance: 0d6ed7ee-1f7e-4c6a-9d43-4d3f5d9ee9f3]`;
  log(
    'nova.log',
    100,
    `${nova} [None req-8c1f - - - - -] [instance: 0d6ed7ee] Instance failed to spawn`,
    `${ofInstance} Traceback (most recent call last):`,
    `${ofInstance}   File "/usr/lib/python3/manager.py", line 1, in _build_resources`,
    `${ofInstance}     yield resources`,
    `${ofInstance} nova.exception.NovaException: no room`,
    `${ofInstance} `,
  );
  expect(complaintsIn(folder, 0)).toEqual([
    `nova.log: ${nova} [None req-8c1f - - - - -] [instance: 0d6ed7ee] Instance failed to spawn`,
    `nova.log: ${ofInstance} nova.exception.NovaException: no room`,
  ]);
});

test('tells errors of Ceph, and takes no number and no word of others for one', () => {
  const failed = '2026-11-26T18:15:49.595+0000 7f2a4c3fe640 -1 auth: unable to find a keyring';
  log(
    'mon.log',
    100,
    failed,
    '2026-11-26T18:15:49.596+0000 7f2a4c3fe640  0 mon.a limit -1 of nothing',
    '2026-11-26 18:15:49.595 1 INFO nova.quota limit -1 of servers',
    'max_pool_size -1 set',
    'error: none',
  );
  expect(complaintsIn(folder, 0)).toEqual([`mon.log: ${failed}`]);
});

test('passes over logs that go while they are looked for', () => {
  for (const name of ['listed.log', 'log/seen.log', 'stays.log']) log(name, 100, 'ERROR of it');
  expect(complaintsIn(folder, 0)).toEqual(['stays.log: ERROR of it']);
});
