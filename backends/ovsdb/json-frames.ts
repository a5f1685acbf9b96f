import { ovsdbFault } from './faults.ts';

export interface FrameLimits {
  readonly message_bytes_max: number;
  /** Nested arrays and objects; OVSDB itself needs less than twenty. */
  readonly depth_max: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);
const BRACE = 0x7b;
/** What JSON allows between messages: space, tab, line feed, carriage return. */
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Cuts a stream into JSON objects: OVSDB has no framing but JSON's own syntax (RFC 7047, 4). Each
 * byte is looked at once, and what has arrived of a message is joined once, at its end.
 */
export class JsonFrames {
  readonly #limits: FrameLimits;
  #held: Buffer[] = [];
  #held_bytes = 0;
  #depth = 0;
  #isString = false;
  #isEscaped = false;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Whether a message has begun and not ended. */
  get isWithinMessage(): boolean {
    return this.#depth > 0;
  }

  /** Takes the next bytes and hands out each message that they complete. Throws a fault. */
  push(chunk: Buffer, onMessage: (message: unknown) => void): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#isString) this.#withinString(byte);
      else if (byte === QUOTE && this.#depth > 0) this.#isString = true;
      else if (OPENING.has(byte)) {
        if (this.#depth === 0) start = at;
        this.#open(byte);
      } else if (CLOSING.has(byte) && this.#depth > 0) {
        if (--this.#depth > 0) continue;
        this.#hold(chunk.subarray(start, at + 1));
        onMessage(this.#whole());
      } else if (this.#depth === 0 && !BLANKS.has(byte)) {
        throw ovsdbFault('OVSDB_MALFORMED', `byte ${byte} where a message should begin`);
      }
    }
    if (this.#depth > 0) this.#hold(chunk.subarray(start));
  }

  #withinString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isString = false;
  }

  #open(byte: number): void {
    if (this.#depth === 0 && byte !== BRACE) {
      throw ovsdbFault('OVSDB_MALFORMED', 'a message is not an object');
    }
    if (++this.#depth > this.#limits.depth_max) {
      throw ovsdbFault('OVSDB_MESSAGE_TOO_LARGE', `nested over ${this.#limits.depth_max} deep`);
    }
  }

  #hold(part: Buffer): void {
    this.#held.push(part);
    this.#held_bytes += part.length;
    const { message_bytes_max } = this.#limits;
    if (this.#held_bytes > message_bytes_max) {
      throw ovsdbFault('OVSDB_MESSAGE_TOO_LARGE', `more than ${message_bytes_max} bytes`);
    }
  }

  #whole(): unknown {
    const bytes = this.#held.length === 1 ? this.#held[0] : Buffer.concat(this.#held);
    this.#held = [];
    this.#held_bytes = 0;
    try {
      return JSON.parse(UTF8.decode(bytes));
    } catch {
      throw ovsdbFault('OVSDB_MALFORMED', `not JSON: ${bytes.toString('latin1').slice(0, 100)}`);
    }
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
