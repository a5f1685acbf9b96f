/**
 * What a packed charm says of itself. A .charm file is a ZIP (PKWARE APPNOTE 6.3): only its
 * directory and two small files are read.
 */
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { parse } from 'yaml';
import { z } from 'zod';
import { jujuFault } from './faults.ts';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const FILE_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
/** The end of the directory may be followed by a comment of this length. */
const COMMENT_BYTES_MAX = 65_535;
const ARCHIVE_BYTES_MAX = 512 * 1024 * 1024;
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packed_bytes: number;
  readonly size_bytes: number;
  readonly offset: number;
}

/** An archive in memory. Throws JUJU_BAD_CHARM. */
export class CharmArchive {
  readonly #data: Buffer;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(data: Buffer) {
    this.#data = data;
    this.#entries = new Map(directoryOf(data).map((entry) => [entry.name, entry]));
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** A file as text; undefined when it is not there. */
  async text(name: string): Promise<string | undefined> {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { method, offset, packed_bytes, size_bytes } = entry;
    if (size_bytes > TEXT_BYTES_MAX) throw bad(`${name} is too large`);
    need(this.#data, offset, 30);
    if (this.#data.readUInt32LE(offset) !== FILE_SIGNATURE) throw bad(`${name} is not there`);
    const begin =
      offset + 30 + this.#data.readUInt16LE(offset + 26) + this.#data.readUInt16LE(offset + 28);
    need(this.#data, begin, packed_bytes);
    const packed = this.#data.subarray(begin, begin + packed_bytes);
    if (method === 0) return packed.toString('utf8');
    if (method !== 8) throw bad(`${name} is packed by method ${method}`);
    try {
      const raw = await promisify(inflateRaw)(packed, { maxOutputLength: TEXT_BYTES_MAX });
      return raw.toString('utf8');
    } catch {
      throw bad(`${name} cannot be unpacked`);
    }
  }
}

function directoryOf(data: Buffer): readonly Entry[] {
  const last = data.length - END_BYTES;
  let end = last;
  while (end >= Math.max(0, last - COMMENT_BYTES_MAX)) {
    if (data.readUInt32LE(end) === END_SIGNATURE) break;
    end--;
  }
  if (end < Math.max(0, last - COMMENT_BYTES_MAX)) throw bad('it is no ZIP');
  const entries: Entry[] = [];
  let at = data.readUInt32LE(end + 16);
  for (let left = data.readUInt16LE(end + 10); left > 0; left--) {
    need(data, at, 46);
    if (data.readUInt32LE(at) !== ENTRY_SIGNATURE) throw bad('its directory is broken');
    const name_bytes = data.readUInt16LE(at + 28);
    need(data, at + 46, name_bytes);
    entries.push({
      name: data.toString('utf8', at + 46, at + 46 + name_bytes),
      method: data.readUInt16LE(at + 10),
      packed_bytes: data.readUInt32LE(at + 20),
      size_bytes: data.readUInt32LE(at + 24),
      offset: data.readUInt32LE(at + 42),
    });
    at += 46 + name_bytes + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32);
  }
  return entries;
}

function need(data: Buffer, at: number, bytes: number): void {
  if (at < 0 || at + bytes > data.length) throw bad('it is cut off');
}

function bad(what: string) {
  return jujuFault('JUJU_BAD_CHARM', what);
}

const metadataShape = z.object({ name: z.string().regex(/^[a-z][a-z0-9-]{0,99}$/) });

const manifestShape = z.object({
  bases: z
    .array(
      z.object({
        name: z.string(),
        channel: z.union([z.string(), z.number()]).transform(String),
        architectures: z.array(z.string()).nullish(),
      }),
    )
    .nullish(),
});

export interface LocalCharm {
  readonly path: string;
  readonly name: string;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  /** The first base that it was packed for. */
  readonly base?: { readonly name: string; readonly channel: string };
  readonly architecture: string;
}

/** Reads a packed charm. Throws JUJU_BAD_CHARM. */
export async function readCharm(path: string): Promise<LocalCharm> {
  const data = await contents(path);
  try {
    const archive = new CharmArchive(data);
    const metadata = await yaml(archive, 'metadata.yaml', metadataShape);
    if (!metadata) throw bad('it has no metadata.yaml');
    const hasCode = archive.names.some((name) => name === 'dispatch' || /^hooks\/./.test(name));
    if (!hasCode) throw bad('it has neither hooks nor a file dispatch');
    const manifest = await yaml(archive, 'manifest.yaml', manifestShape);
    const base = manifest?.bases?.[0];
    return {
      ...{ path, name: metadata.name, hash: createHash('sha256').update(data).digest('hex') },
      ...(base && { base: { name: base.name, channel: base.channel } }),
      architecture: base?.architectures?.[0] ?? 'amd64',
    };
  } catch (thrown) {
    throw thrown instanceof RangeError ? bad(`${path}: it is cut off`) : thrown;
  }
}

async function contents(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > ARCHIVE_BYTES_MAX) throw bad(`${path} is too large`);
    const file = await open(path);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw code === undefined ? cause : bad(`${path} cannot be read (${code})`);
  }
}

async function yaml<T>(
  archive: CharmArchive,
  name: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  const text = await archive.text(name);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = parse(text, { logLevel: 'silent' });
  } catch {
    throw bad(`${name} is not YAML`);
  }
  const found = shape.safeParse(value);
  if (found.success) return found.data;
  throw bad(`${name}: ${found.error.issues[0].path.join('.') || 'it'} is not as expected`);
}
