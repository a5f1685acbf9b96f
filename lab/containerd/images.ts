import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { cacheFolder } from '../folder.ts';
import { candidateVersion, unpackPackage } from '../packages.ts';
import { type ImageConfig, packImage } from './image.ts';

/** busybox-static conflicts with busybox, so it is unpacked and never installed. */
const BUSYBOX = 'busybox-static';

/** What a sandbox runs: it waits, and ends at once when it is told to. */
const PAUSE = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done";

interface LabImage {
  readonly name: string;
  readonly file: string;
  readonly config: ImageConfig;
}

export const PAUSE_IMAGE = 'localhost/pause:1';
export const BUSYBOX_IMAGE = 'localhost/busybox:1';

/** The images of the lab, all of the same files. */
const IMAGES: readonly LabImage[] = [
  { name: PAUSE_IMAGE, file: 'pause.tar', config: { Entrypoint: ['/bin/sh', '-c', PAUSE] } },
  { name: BUSYBOX_IMAGE, file: 'busybox.tar', config: { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] } },
];

/** Builds the images unless they are there; returns their files and how they came about. */
export async function buildImages(): Promise<{ files: readonly string[]; remark: string }> {
  const version = await candidateVersion(BUSYBOX);
  const folder = join(cacheFolder('containers'), version.replaceAll(/[^0-9a-z.]+/g, '-'));
  const files = IMAGES.map(({ file }) => join(folder, file));
  if (files.every((file) => existsSync(file)))
    return { files, remark: `cached, busybox ${version}` };
  const work = join(folder, 'work');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const root = await busyboxRoot(work);
  for (const { name, file, config } of IMAGES) {
    await packImage(name, root, config, join(folder, file));
  }
  rmSync(work, { recursive: true });
  return { files, remark: `built, busybox ${version}` };
}

async function busyboxRoot(work: string): Promise<string> {
  const parts = join(work, 'parts');
  const root = join(work, 'root');
  await unpackPackage(BUSYBOX, parts);
  for (const name of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'var']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  const found = ['bin/busybox', 'usr/bin/busybox'].find((path) => existsSync(join(parts, path)));
  const busybox = join(root, 'bin/busybox');
  copyFileSync(join(parts, found ?? 'bin/busybox'), busybox);
  for (const applet of (await command(busybox, ['--list'])).toString().trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  return root;
}
