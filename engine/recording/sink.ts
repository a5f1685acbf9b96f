/** Where a recording's bytes go: a file, a hash, memory. */
export interface ByteSink {
  /** Takes the bytes at once; the array is the recorder's own and changes after the call. */
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Keeps everything in memory, for short runs, tests and the browser. */
export class MemorySink implements ByteSink {
  private chunks: Uint8Array[] = [];
  private length = 0;
  closed = false;

  write(bytes: Uint8Array): void {
    this.chunks.push(bytes.slice());
    this.length += bytes.length;
  }

  close(): void {
    this.closed = true;
  }

  /** All bytes written so far, in one array. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }
}
