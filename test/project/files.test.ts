/** What may be in the repository: nothing that was fetched or built by accident. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FILE_BYTES_MAX = 2 ** 19;

it('is small files only', ({ skip }) => {
  const { status, stdout } = spawnSync('git', ['-C', ROOT, 'ls-files', '-z'], { encoding: 'utf8' });
  if (status !== 0) skip('not a git checkout: nobody knows which files belong to the project');
  const files = stdout.split('\0').filter((file) => file !== '');
  expect(files.length).toBeGreaterThan(1000);
  const sizeOf = (file: string) => statSync(join(ROOT, file), { throwIfNoEntry: false })?.size ?? 0;
  const large = files.filter((file) => sizeOf(file) > FILE_BYTES_MAX);
  expect(large).toEqual([]);
});
