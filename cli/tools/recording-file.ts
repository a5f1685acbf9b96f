/** Recordings in files: where the recorder's bytes go, and how they come back. */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openRecording } from '../../engine/recording/decode.ts';
import type { Recording } from '../../engine/recording/recording.ts';
import type { ByteSink } from '../../engine/recording/sink.ts';
import { toolError } from './errors.ts';

/** The largest array that Node 20 gives, and how much one read may ask for. */
const FILE_BYTES_MAX = 2 ** 32 - 1;
const READ_BYTES_MAX = 2 ** 30;

/** Writes to a file as the run goes, so that a crash loses at most the batch under way. */
export class FileSink implements ByteSink {
  private readonly file: number;

  /** Makes the folders that are missing and replaces the file. */
  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'w');
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(this.file, bytes, done);
  }

  close(): void {
    closeSync(this.file);
  }
}

/** Computes the trace hash, the SHA-256 of the bytes, on their way to another sink or to nowhere. */
export class HashSink implements ByteSink {
  private readonly next: ByteSink | undefined;
  private readonly hash: Hash = createHash('sha256');
  private digest: string | undefined;

  constructor(next?: ByteSink) {
    this.next = next;
  }

  write(bytes: Uint8Array): void {
    this.hash.update(bytes);
    this.next?.write(bytes);
  }

  close(): void {
    this.digest = this.hash.digest('hex');
    this.next?.close();
  }

  /** Hexadecimal, once the sink is closed. */
  get traceHash(): string | undefined {
    return this.digest;
  }
}

/**
 * Opens the recording in a file. Errors of the file system pass through as Node gives them; others
 * are FILE_TOO_LARGE and those of `openRecording`.
 */
export function readRecording(path: string): Recording {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > FILE_BYTES_MAX) {
      throw toolError(
        'FILE_TOO_LARGE',
        `${path} has ${size} bytes; at most ${FILE_BYTES_MAX} can be read at once`,
        'read it with pyarrow, polars or DuckDB, or record a shorter run',
      );
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const read = readSync(file, bytes, done, Math.min(READ_BYTES_MAX, size - done), done);
      if (read === 0) break;
      done += read;
    }
    return openRecording(bytes.subarray(0, done));
  } finally {
    closeSync(file);
  }
}
