/** Builds what the machines boot and what is deployed to them: kernel, ramdisk, root file system. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { command } from '../command.ts';
import { LabError } from '../error.ts';
import { cacheFolder } from '../folder.ts';
import { kernelPackage } from '../libvirt/guest.ts';
import { candidateVersion, unpackPackage } from '../packages.ts';
import { ramdiskInit } from './ramdisk-init.ts';
import {
  ENABLED_UNITS,
  EXECUTABLES,
  MASKED_UNITS,
  ROOT_FILES,
  ROOT_PACKAGES,
  ROOT_WITHOUT,
} from './root-files.ts';

const SUITE = 'bookworm';
const BUSYBOX = 'busybox-static';
/** Modules that Debian's kernel for clouds does not have built in, in the order of insertion. */
const RAMDISK_MODULES = [
  ...['net/core/failover', 'drivers/net/net_failover', 'drivers/virtio/virtio_ring'],
  ...['drivers/virtio/virtio', 'drivers/virtio/virtio_pci_legacy_dev'],
  ...['drivers/virtio/virtio_pci_modern_dev', 'drivers/virtio/virtio_pci'],
  ...['drivers/net/virtio_net', 'drivers/char/hw_random/rng-core'],
  'drivers/char/hw_random/virtio-rng',
];
const ROOT_MODULES = [...RAMDISK_MODULES, 'drivers/acpi/button', 'drivers/input/evdev'];
/** Programs that the ramdisk needs beside busybox, from the machine that builds it. */
const RAMDISK_PROGRAMS = [
  ...['/usr/bin/zstd', '/usr/sbin/mke2fs', '/usr/sbin/sfdisk', '/usr/bin/lscpu', '/usr/bin/lsblk'],
  ...['/usr/bin/ip', '/usr/bin/extlinux'],
];
const MBR = '/usr/lib/syslinux/mbr/mbr.bin';

/** Paths of what a machine needs, by the name it asks for it. */
export type Images = Readonly<Record<'vmlinuz' | 'ramdisk.img' | 'root.tar.zst', string>>;

/** Stands for everything that images are made of, but for the versions of packages. */
export function imagesRecipe(): string {
  const boot = [ramdiskInit(RAMDISK_MODULES), RAMDISK_PROGRAMS];
  return hash([boot, ROOT_RECIPE]);
}

const ROOT_RECIPE = [
  ...[SUITE, ROOT_MODULES, ROOT_PACKAGES, ROOT_FILES, EXECUTABLES, ROOT_WITHOUT],
  ...[ENABLED_UNITS, MASKED_UNITS],
];

function hash(recipe: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}

/** Builds what is not in the cache; says how each came about. */
export async function buildImages(): Promise<{ images: Images; remark: string }> {
  const kernel = await kernelPackage();
  const versions = [kernel, await candidateVersion(kernel), await candidateVersion(BUSYBOX)];
  const boot = await cached(
    'boot',
    [...versions, ramdiskInit(RAMDISK_MODULES), RAMDISK_PROGRAMS],
    (folder) => withKernel(kernel, folder, ramdisk),
  );
  const root = await cached('root', [versions, ...ROOT_RECIPE], (folder) =>
    withKernel(kernel, folder, rootImage),
  );
  const images = {
    vmlinuz: join(boot.folder, 'vmlinuz'),
    'ramdisk.img': join(boot.folder, 'ramdisk.img'),
    'root.tar.zst': join(root.folder, 'root.tar.zst'),
  };
  return { images, remark: `ramdisk ${boot.remark}, root ${root.remark}, ${kernel}` };
}

async function cached(
  name: string,
  recipe: readonly unknown[],
  build: (folder: string) => Promise<void>,
): Promise<{ folder: string; remark: string }> {
  const folder = join(cacheFolder('metal'), `${name}-${hash(recipe)}`);
  if (existsSync(folder)) return { folder, remark: 'cached' };
  const work = `${folder}.work`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await build(work);
  renameSync(work, folder); // whole or absent, never half
  return { folder, remark: 'built' };
}

type Build = (folder: string, parts: string, version: string) => Promise<void>;

/** Builds with the kernel and busybox unpacked beside it. */
async function withKernel(kernel: string, folder: string, build: Build): Promise<void> {
  const parts = join(folder, 'parts');
  await unpackPackage(kernel, parts);
  await unpackPackage(BUSYBOX, parts);
  const image = readdirSync(join(parts, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  const version = readdirSync(join(parts, 'lib/modules'))[0];
  cpSync(join(parts, 'boot', image ?? 'vmlinuz'), join(folder, 'vmlinuz'));
  await build(folder, parts, version);
  rmSync(parts, { recursive: true });
}

async function ramdisk(folder: string, parts: string, version: string): Promise<void> {
  const root = join(folder, 'ramdisk');
  for (const name of ['bin', 'proc', 'sys', 'dev', 'etc', 'mnt', 'boot', 'modules', 'usr/bin']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const busybox = existsSync(join(parts, 'bin/busybox')) ? 'bin/busybox' : 'usr/bin/busybox';
  cpSync(join(parts, busybox), join(root, 'bin/busybox'));
  for (const program of RAMDISK_PROGRAMS) await copyProgram(program, root);
  cpSync('/etc/mke2fs.conf', join(root, 'etc/mke2fs.conf'));
  cpSync(MBR, join(root, 'boot/mbr.bin'));
  const modules = RAMDISK_MODULES.filter((path) => existsSync(modulePath(parts, version, path)));
  for (const path of modules) {
    cpSync(modulePath(parts, version, path), join(root, 'modules', `${basename(path)}.ko`));
  }
  const init = ramdiskInit(modules.map((path) => `${basename(path)}.ko`));
  writeFileSync(join(root, 'init'), init, { mode: 0o755 });
  const names = await command('find', ['.', '-print0'], { cwd: root });
  const archive = await command(
    'cpio',
    ['--null', '--create', '--format=newc', '--quiet', '--owner=0:0'],
    { cwd: root, input: names },
  );
  const packed = await command('zstd', ['-q', '-10', '-c'], { input: archive });
  writeFileSync(join(folder, 'ramdisk.img'), packed);
  rmSync(root, { recursive: true });
}

/** A program with the libraries that it is linked against, at the same places. */
async function copyProgram(program: string, root: string): Promise<void> {
  const linked = (await command('ldd', [program])).toString();
  const libraries = [...linked.matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
  cpSync(program, join(root, 'usr/bin', basename(program)), { dereference: true });
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(library, join(root, library), { dereference: true });
  }
}

async function rootImage(folder: string, parts: string, version: string): Promise<void> {
  const files = join(folder, 'files');
  const put = (path: string, text: string, mode: number) => {
    mkdirSync(dirname(join(files, path)), { recursive: true });
    writeFileSync(join(files, path), text, { mode });
  };
  for (const [path, text] of Object.entries(ROOT_FILES)) put(path, text, 0o644);
  for (const [path, text] of Object.entries(EXECUTABLES)) put(path, text, 0o755);
  cpSync(join(folder, 'vmlinuz'), join(files, 'boot/vmlinuz'));
  const modules = join('usr/lib/modules', version);
  for (const name of ['modules.builtin', 'modules.builtin.modinfo', 'modules.order']) {
    cpSync(join(parts, 'lib/modules', version, name), join(files, modules, name));
  }
  for (const path of ROOT_MODULES) {
    const from = modulePath(parts, version, path);
    if (existsSync(from)) cpSync(from, join(files, modules, 'kernel', `${path}.ko`));
  }
  const tops = [...new Set(readdirSync(files))].map((name) => `'${join(files, name)}'`);
  const hooks = [
    `copy-in ${tops.join(' ')} /`,
    `chroot "$1" depmod ${version}`,
    `chroot "$1" systemctl enable ${ENABLED_UNITS.join(' ')}`,
    `chroot "$1" systemctl mask ${MASKED_UNITS.join(' ')}`,
    `cd "$1" && rm -rf ${ROOT_WITHOUT.map((path) => `.${path}`).join(' ')}`,
    'rm -f "$1"/etc/ssh/ssh_host_*',
  ];
  await command('mmdebstrap', [
    ...['--quiet', '--variant=minbase', `--include=${ROOT_PACKAGES.join(',')}`],
    ...hooks.map((hook) => `--customize-hook=${hook}`),
    ...['--format=tar', SUITE, join(folder, 'root.tar.zst')],
  ]);
  rmSync(files, { recursive: true });
}

function modulePath(parts: string, version: string, path: string): string {
  return join(parts, 'lib/modules', version, 'kernel', `${path}.ko`);
}

/** Says early what cannot be built here. */
export function requireX64(): void {
  if (process.arch === 'x64') return;
  throw new LabError('LAB_ARCHITECTURE', `no image for ${process.arch}`, 'Use x86_64.');
}
