/** Files that have their name only when they are whole. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ByteSink } from '../../engine/recording/sink.ts';

/**
 * Writes beside the file that is wanted, as `FILE.part`, until `commit` gives it its name. What a run
 * that broke off leaves is therefore never taken for a whole one. What is there already and is no
 * plain file, such as `/dev/null`, is written to itself.
 */
export class PendingFile implements ByteSink {
  /** The file that is wanted, and where the bytes go until then. */
  readonly path: string;
  readonly part: string;
  readonly #file: number;
  readonly #target: string;
  #isOpen = true;

  /** Makes the folders that are missing. Errors of the file system name the file that is wanted. */
  constructor(path: string) {
    this.path = path;
    const target = existing(resolve(path));
    this.part = target.isPlain ? `${target.path}.part` : target.path;
    try {
      makeFolder(dirname(target.path));
      this.#file = openSync(this.part, 'w');
    } catch (error) {
      throw Object.assign(error as Error, { path });
    }
    this.#target = target.path;
  }

  write(bytes: Uint8Array | string): void {
    const all = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    try {
      for (let done = 0; done < all.length; ) done += writeSync(this.#file, all, done);
    } catch (error) {
      throw Object.assign(error as Error, { path: this.path });
    }
  }

  /** Whether what was written so far can be read: a device keeps nothing. */
  get isKept(): boolean {
    return this.part !== this.#target;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }

  /** The file is whole: it takes the place of what had its name. */
  commit(): void {
    this.close();
    if (this.part !== this.#target) renameSync(this.part, this.#target);
  }

  /** Removes what was written. */
  discard(): void {
    this.close();
    if (this.part !== this.#target) rmSync(this.part, { force: true });
  }
}

/** Makes a folder and those above it. Node's `recursive` never ends where none can be made (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path);
}

/** Writes a whole file from pieces; on an error nothing is left of it. */
export function writeWhole(path: string, pieces: Iterable<Uint8Array | string>): void {
  writeWholeBy(path, (file) => {
    for (const piece of pieces) file.write(piece);
  });
}

/** As `writeWhole`, for what writes by itself; gives what `write` gives. */
export function writeWholeBy<T>(path: string, write: (file: PendingFile) => T): T {
  const file = new PendingFile(path);
  try {
    const result = write(file);
    file.commit();
    return result;
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** Where a path leads, links followed, and whether a plain file is or will be there. */
function existing(path: string): { readonly path: string; readonly isPlain: boolean } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { path, isPlain: true };
  return { path: realpathSync(path), isPlain: stats.isFile() };
}
