import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Where everything of the lab lives: `STRATA_LAB`, or `.lab/` in the project. Absolute. */
export function labFolder(): string {
  const chosen = process.env['STRATA_LAB'];
  return chosen ? resolve(chosen) : join(projectFolder(import.meta.dirname), '.lab');
}

/** The folder of one system's state; made if need be. */
export function systemFolder(system: string): string {
  const folder = join(labFolder(), system);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The folder of things that are dear to make (guests, images); it survives `lab:down`. */
export function cacheFolder(system: string): string {
  const folder = join(labFolder(), 'cache', system);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Writes JSON so that a reader sees the old or the new text, never a part. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** Reads JSON; undefined when the file is absent or was cut off. */
export function readJson<T>(path: string): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** Both `lab/` and `dist/lab/` run this code, so the project is the nearest package above. */
export function projectFolder(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no package.json above ${start}`);
  }
}
