import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { complaintsIn } from '../../lab/complaints.ts';

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
  log('libvirtd.log', 102, '2026-11-26: 1: error : virNet:1 : it is closed');
  log('notes.txt', 103, 'ERROR not a log');
  expect(complaintsIn(folder, 0)).toEqual([
    `log/cinder.log: ${OSLO} No valid backend was found`,
    `log/cinder.log: ${OSLO} cinder.exception.NoValidBackend: none`,
    'kubelet.log: E1126 18:15:49 kubelet.go:1] node not found',
    'libvirtd.log: 2026-11-26: 1: error : virNet:1 : it is closed',
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
