import { libvirtFault } from './faults.ts';
import { HEADER_BYTES, LENGTH_BYTES } from './protocol.ts';

/**
 * Cuts a stream of bytes into messages: a length word that counts itself, then header and body.
 * A length out of bounds is refused before anything of that length is kept.
 */
export class FrameSplitter {
  readonly #bytes_max: number;
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes of the message at hand with its length word; 0 until the word is complete. */
  #wanted = 0;

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  /** Whether a message has begun and not ended. */
  get isWithinMessage(): boolean {
    return this.#held > 0;
  }

  /** Takes bytes in, and hands out each message that they complete, without its length word. */
  push(chunk: Buffer, message: (bytes: Buffer) => void): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    for (;;) {
      if (this.#wanted === 0 && this.#held >= LENGTH_BYTES) this.#wanted = this.#readLength();
      if (this.#wanted === 0 || this.#held < this.#wanted) return;
      const joined = this.#joined();
      const whole = joined.subarray(LENGTH_BYTES, this.#wanted);
      const rest = joined.subarray(this.#wanted);
      this.#chunks = rest.length ? [rest] : [];
      this.#held = rest.length;
      this.#wanted = 0;
      message(whole);
    }
  }

  #readLength(): number {
    // The word may be spread over chunks; joining here is rare and small.
    const [first] = this.#chunks;
    const length = (first.length >= LENGTH_BYTES ? first : this.#joined()).readUInt32BE(0);
    if (length < LENGTH_BYTES + HEADER_BYTES) {
      throw libvirtFault('LIBVIRT_MALFORMED', `a message of ${length} bytes is too short`);
    }
    if (length > LENGTH_BYTES + this.#bytes_max) {
      throw libvirtFault(
        'LIBVIRT_MESSAGE_TOO_LARGE',
        `libvirtd announces ${length} bytes, at most ${this.#bytes_max} are taken`,
      );
    }
    return length;
  }

  #joined(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }
}
