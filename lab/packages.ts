import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { LabError } from './error.ts';

/** apt must never ask or start services: the lab starts its own. */
const APT_ENV = { DEBIAN_FRONTEND: 'noninteractive', APT_LISTCHANGES_FRONTEND: 'none' };
const APT = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** Installs the Debian packages that are missing and returns their names. */
export async function installPackages(names: readonly string[]): Promise<readonly string[]> {
  const missing = await missingPackages(names);
  if (missing.length === 0) return missing;
  if (process.getuid?.() !== 0) {
    throw new LabError(
      'LAB_NEEDS_ROOT',
      `packages are missing and cannot be installed without root: ${missing.join(' ')}`,
      `Run as root, or install them first: apt-get install --no-install-recommends ${missing.join(' ')}`,
    );
  }
  await aptUpdate();
  await command('apt-get', [...APT, 'install', '--yes', '--no-install-recommends', ...missing], {
    env: { ...APT_ENV, RUNLEVEL: '1' },
  });
  return missing;
}

export async function missingPackages(names: readonly string[]): Promise<readonly string[]> {
  const listed = (
    await command('dpkg-query', ['-W', '-f', `\${db:Status-Abbrev} \${Package}\n`])
  ).toString();
  const installed = new Set(
    listed
      .split('\n')
      .filter((line) => line.startsWith('ii '))
      .map((line) => line.slice(3).trim()),
  );
  return names.filter((name) => !installed.has(name));
}

/** Downloads a package and unpacks its files under `into` without installing it. */
export async function unpackPackage(name: string, into: string): Promise<void> {
  const downloads = join(into, '.download');
  rmSync(downloads, { recursive: true, force: true });
  mkdirSync(downloads, { recursive: true, mode: 0o755 });
  await command('apt-get', [...APT, 'download', name], { cwd: downloads, env: APT_ENV });
  const [file] = readdirSync(downloads).filter((entry) => entry.endsWith('.deb'));
  await command('dpkg', ['-x', join(downloads, file), into]);
  rmSync(downloads, { recursive: true });
}

/** The version apt would take; it brings apt's lists up to date when the package is unknown. */
export async function candidateVersion(name: string): Promise<string> {
  const found = await policyCandidate(name);
  if (found) return found;
  await aptUpdate();
  const after = await policyCandidate(name);
  if (after) return after;
  throw new LabError(
    'LAB_PACKAGE_UNKNOWN',
    `apt knows no package ${name}`,
    'The lab is made for Debian 12 (bookworm); check the sources of apt.',
  );
}

/** The packages that `name` depends on, by apt's lists. */
export async function dependencies(name: string): Promise<readonly string[]> {
  const listed = (await command('apt-cache', ['depends', name])).toString();
  return [...listed.matchAll(/^\s*Depends: (\S+)$/gm)].map((match) => match[1]);
}

async function policyCandidate(name: string): Promise<string | undefined> {
  const policy = (await command('apt-cache', ['policy', name])).toString();
  const version = /Candidate: (\S+)/.exec(policy)?.[1];
  return version === '(none)' ? undefined : version;
}

async function aptUpdate(): Promise<void> {
  await command('apt-get', [...APT, 'update'], { env: APT_ENV });
}
