import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { cacheFolder, readJson, systemFolder, writeJson } from '../folder.ts';
import { candidateVersion, dependencies, unpackPackage } from '../packages.ts';
import type { Acceleration } from './acceleration.ts';
import { guestInit } from './guest-init.ts';

/** What a domain boots: absolute paths, and the kernel's command line. */
export interface GuestFiles {
  readonly kernel: string;
  readonly initrd: string;
  readonly cmdline: string;
}

export interface Guest extends GuestFiles {
  /** What this host can run it by. */
  readonly virtualisation: Acceleration;
}

/** Debian's kernel for clouds: small, and everything the guest needs besides `MODULES` built in. */
const KERNEL = 'linux-image-cloud-amd64';
/** busybox-static conflicts with busybox, so it is unpacked and never installed. */
const BUSYBOX = 'busybox-static';
/** Modules in the order they are inserted: `button` reports ACPI's, `evdev` shows it to acpid. */
const MODULES = ['button', 'evdev'];
/** `edd=off`: the BIOS disk survey of a machine without disks costs seconds under emulation. */
const CMDLINE = 'console=ttyS0 quiet edd=off';

/** Builds the guest unless it is there; says how it came about. */
export async function buildGuest(): Promise<{ files: GuestFiles; remark: string }> {
  if (process.arch !== 'x64') {
    throw new LabError(
      'LAB_ARCHITECTURE',
      `no guest for ${process.arch}`,
      'Use an x86_64 machine.',
    );
  }
  const kernel = await kernelPackage();
  const recipe = [guestInit(MODULES), CMDLINE, kernel, await candidateVersion(BUSYBOX)].join('\n');
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  const folder = join(cacheFolder('guest'), key);
  const isThere = existsSync(folder);
  if (!isThere) {
    const work = `${folder}.work`;
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    await fill(work, kernel);
    renameSync(work, folder); // whole or absent, never half
  }
  return {
    files: { kernel: join(folder, 'vmlinuz'), initrd: join(folder, 'initrd.gz'), cmdline: CMDLINE },
    remark: `${isThere ? 'cached' : 'built'}, ${kernel}`,
  };
}

/** Remembers the guest and how it runs here, for `cachedGuest`. */
export function rememberGuest(guest: Guest): void {
  writeJson(currentFile(), guest);
}

/** The guest of the last `lab:up`; undefined before the first one. */
export function cachedGuest(): Guest | undefined {
  return readJson<Guest>(currentFile());
}

/** Not in the cache, which several labs may share. */
function currentFile(): string {
  return join(systemFolder('libvirt'), 'guest.json');
}

/** The package that the meta package `KERNEL` stands for at the moment. */
export async function kernelPackage(): Promise<string> {
  await candidateVersion(KERNEL);
  const found = (await dependencies(KERNEL)).find((name) => /^linux-image-\d/.test(name));
  if (found) return found;
  throw new LabError(
    'LAB_PACKAGE_UNKNOWN',
    `${KERNEL} names no kernel`,
    'Check the sources of apt.',
  );
}

async function fill(folder: string, kernel: string): Promise<void> {
  const parts = join(folder, 'parts');
  const root = join(folder, 'root');
  await unpackPackage(kernel, parts);
  await unpackPackage(BUSYBOX, parts);
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'modules']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const busybox = existsSync(join(parts, 'bin/busybox')) ? 'bin/busybox' : 'usr/bin/busybox';
  copyFileSync(join(parts, busybox), join(root, 'bin/busybox'));
  await command(join(root, 'bin/busybox'), ['true']); // it must run before anything rests on it
  const modules = MODULES.map((name) => copyModule(name, parts, join(root, 'modules')));
  writeFileSync(join(root, 'init'), guestInit(modules), { mode: 0o755 });
  const names = (await command('find', ['.', '-print0'], { cwd: root })).toString();
  const archive = await command(
    'cpio',
    ['--null', '--create', '--format=newc', '--quiet', '--owner=0:0'],
    {
      cwd: root,
      input: Buffer.from(names),
    },
  );
  writeFileSync(join(folder, 'initrd.gz'), gzipSync(archive));
  const image = readdirSync(join(parts, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  copyFileSync(join(parts, 'boot', image ?? 'vmlinuz'), join(folder, 'vmlinuz'));
  rmSync(parts, { recursive: true });
  rmSync(root, { recursive: true });
}

/** Finds `NAME.ko` among the kernel's modules and copies it; returns the file's name. */
function copyModule(name: string, parts: string, into: string): string {
  const found = readdirSync(join(parts, 'lib/modules'), { recursive: true, encoding: 'utf8' }).find(
    (path) => basename(path) === `${name}.ko`,
  );
  if (!found) {
    throw new LabError(
      'LAB_GUEST_FAILED',
      `the kernel has no module ${name}`,
      'Report this with the kernel version.',
    );
  }
  writeFileSync(join(into, `${name}.ko`), readFileSync(join(parts, 'lib/modules', found)));
  return `${name}.ko`;
}
