/** Reading scenario files: limits, encoding, and problems instead of exceptions. */
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { nearestName } from './nearest.ts';
import { type Problem, problemAt } from './problems.ts';
import { type Place, type SourceFile, sourceFile, startOf } from './tree.ts';

export const FILE_BYTES_MAX = 2 ** 20;

/** Gives a file's bytes; throws when it cannot. Replaceable, so that tests need no disk. */
export type ReadFile = (path: string) => Uint8Array | string | Promise<Uint8Array | string>;

export type ReadResult =
  | { readonly file: SourceFile; readonly problems: readonly Problem[] }
  | { readonly problems: readonly Problem[] };

/**
 * Reads a text file. `from` is the place that names it (an include), or undefined for the scenario
 * itself; a problem with the file as a whole is reported there.
 */
export async function readSource(
  path: string,
  readFile: ReadFile,
  from: Place | undefined,
): Promise<ReadResult> {
  const place = from ?? startOf(sourceFile(path, dirname(path), ''));
  let content: Uint8Array | string;
  try {
    content = await readFile(path);
  } catch (error) {
    const message = `${path} cannot be read: ${reasonOf(error)}`;
    const isMissing = (error as NodeJS.ErrnoException)?.code === 'ENOENT';
    const nearest = isMissing ? await neighbour(path) : undefined;
    return { problems: [problemAt('SCENARIO_FILE', place, [], message, { nearest })] };
  }
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  if (bytes.length > FILE_BYTES_MAX) {
    const message = `${path} is larger than ${FILE_BYTES_MAX} bytes`;
    return { problems: [problemAt('SCENARIO_FILE_TOO_LARGE', place, [], message)] };
  }
  return decode(path, bytes);
}

/** The file of the same folder whose name is most like one that is not there. */
async function neighbour(path: string): Promise<string | undefined> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const nearest = nearestName(basename(path), names);
  return nearest === undefined ? undefined : join(folder, nearest);
}

/** Text of the bytes. What is not UTF-8 is reported at the first bad character. */
function decode(path: string, bytes: Uint8Array): ReadResult {
  const text = new TextDecoder('utf-8').decode(bytes);
  const file = sourceFile(path, dirname(path), text);
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { file, problems: [] };
  } catch {
    // A replacement character written as such is legal, so this place is only nearly certain.
    const start = Math.max(0, text.indexOf('\uFFFD'));
    const place = { file, start, end: start + 1 };
    const problem = problemAt('SCENARIO_NOT_UTF8', place, [], `${path} is not UTF-8 text`);
    return { problems: [problem] };
  }
}

/** Reads from disk, at most one byte more than the limit; devices and folders are refused. */
export async function readFromDisk(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw new Error('it is a folder');
    if (!stat.isFile()) throw new Error('it is not a file');
    const buffer = Buffer.alloc(Math.min(stat.size, FILE_BYTES_MAX) + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['ENAMETOOLONG', 'its name is too long'],
]);

export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return REASONS.get(code) ?? error.message.split('\n')[0].slice(0, 200);
}
