/** A Debian archive of two tiny packages, so that tests can install something without a network. */
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';

/** `strata-slow` takes two seconds to configure. */
export const PACKAGES = { 'strata-quick': 0, 'strata-slow': 2 } as const;
const VERSION = '1.0';

/** Builds the archive under `folder`; does nothing when it is there. */
export async function buildArchive(folder: string, version = VERSION): Promise<boolean> {
  const index = join(folder, 'Packages');
  if (existsSync(index)) return false;
  mkdirSync(folder, { recursive: true });
  const entries = [];
  for (const [name, configure_s] of Object.entries(PACKAGES)) {
    entries.push(await buildPackage(folder, name, version, configure_s));
  }
  writeFileSync(index, entries.join('\n'));
  return true;
}

async function buildPackage(
  folder: string,
  name: string,
  version: string,
  configure_s: number,
): Promise<string> {
  const tree = join(folder, name);
  const debian = join(tree, 'DEBIAN');
  mkdirSync(debian, { recursive: true, mode: 0o755 });
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    'Architecture: all',
    'Maintainer: Strata lab <lab@localhost>',
    'Description: nothing, for tests',
    '',
  ].join('\n');
  writeFileSync(join(debian, 'control'), control);
  const postinst = join(debian, 'postinst');
  writeFileSync(postinst, `#!/bin/sh\nsleep ${configure_s}\n`);
  chmodSync(postinst, 0o755);
  const file = `${name}_${version}_all.deb`;
  await command('dpkg-deb', ['--root-owner-group', '--build', tree, join(folder, file)]);
  rmSync(tree, { recursive: true });
  const bytes = readFileSync(join(folder, file));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return `${control}Filename: ./${file}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`;
}
