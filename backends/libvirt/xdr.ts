/**
 * XDR (RFC 4506) as libvirt's RPC uses it: types are values that can write and read themselves, so
 * that a structure is described once, as data, and TypeScript infers its type from that.
 *
 * Reading is for answers of a program that may be broken or hostile: every length is checked
 * against its limit and against what is left before anything is allocated.
 */

/** A value that does not fit its type, or bytes that are not what they should be. */
export class XdrError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XdrError';
  }
}

export interface XdrType<T> {
  /** For messages: `int`, `string<4194304>`. */
  readonly name: string;
  write(to: XdrWriter, value: T): void;
  read(from: XdrReader): T;
}

export type XdrValue<X> = X extends XdrType<infer T> ? T : never;

const ALIGNMENT = 4;

function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

export class XdrWriter {
  #bytes = Buffer.alloc(256);
  #length = 0;

  /** Room for `count` bytes, zeroed; returns where they start. */
  reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(this.#length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, at);
      this.#bytes = grown;
    }
    return at;
  }

  int32(value: number): void {
    const at = this.reserve(4);
    this.#bytes.writeInt32BE(value, at);
  }

  uint32(value: number): void {
    const at = this.reserve(4);
    this.#bytes.writeUInt32BE(value, at);
  }

  uint64(value: bigint): void {
    const at = this.reserve(8);
    this.#bytes.writeBigUInt64BE(value, at);
  }

  /** Bytes and the zeros that align them. */
  padded(value: Uint8Array): void {
    const at = this.reserve(value.length + padding(value.length));
    this.#bytes.set(value, at);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

export class XdrReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  padded(length: number): Buffer {
    const from = this.#take(length);
    const filler = this.#take(padding(length));
    for (let i = filler; i < this.#at; i++) {
      if (this.#bytes[i] !== 0) throw new XdrError(`padding at byte ${i} is not zero`);
    }
    return this.#bytes.subarray(from, from + length);
  }

  end(): void {
    if (this.left > 0) throw new XdrError(`${this.left} bytes are left over`);
  }

  #take(count: number): number {
    if (count > this.left) {
      throw new XdrError(`${count} bytes are needed at byte ${this.#at}, ${this.left} are left`);
    }
    const from = this.#at;
    this.#at += count;
    return from;
  }
}

/** The bytes of one value. */
export function encode<T>(type: XdrType<T>, value: T): Buffer {
  const writer = new XdrWriter();
  type.write(writer, value);
  return writer.bytes();
}

/** The value that all of `bytes` stand for; XdrError when they are no such value. */
export function decode<T>(type: XdrType<T>, bytes: Uint8Array): T {
  const reader = new XdrReader(bytes);
  const value = type.read(reader);
  reader.end();
  return value;
}

// ---------------------------------------------------------------- types

export const int: XdrType<number> = {
  name: 'int',
  write(to, value) {
    if (!Number.isInteger(value) || value < -0x8000_0000 || value > 0x7fff_ffff) {
      throw new XdrError(`${value} is no int`);
    }
    to.int32(value);
  },
  read: (from) => from.int32(),
};

export const uint: XdrType<number> = {
  name: 'unsigned int',
  write(to, value) {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new XdrError(`${value} is no unsigned int`);
    }
    to.uint32(value);
  },
  read: (from) => from.uint32(),
};

export const uhyper: XdrType<bigint> = {
  name: 'unsigned hyper',
  write(to, value) {
    if (BigInt.asUintN(64, value) !== value) throw new XdrError(`${value} is no unsigned hyper`);
    to.uint64(value);
  },
  read: (from) => from.uint64(),
};

export const hyper: XdrType<bigint> = {
  name: 'hyper',
  write(to, value) {
    if (BigInt.asIntN(64, value) !== value) throw new XdrError(`${value} is no hyper`);
    to.uint64(BigInt.asUintN(64, value));
  },
  read: (from) => BigInt.asIntN(64, from.uint64()),
};

export const double: XdrType<number> = {
  name: 'double',
  write(to, value) {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setFloat64(0, value);
    to.uint64(bytes.getBigUint64(0));
  },
  read(from) {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, from.uint64());
    return bytes.getFloat64(0);
  },
};

/** Nothing: the arguments or results of procedures that have none. */
export const nothing: XdrType<undefined> = {
  name: 'void',
  write() {},
  read: () => undefined,
};

/** Exactly `length` bytes. */
export function opaque(length: number): XdrType<Uint8Array> {
  return {
    name: `opaque[${length}]`,
    write(to, value) {
      if (value.length !== length) throw new XdrError(`${value.length} bytes, not ${length}`);
      to.padded(value);
    },
    // A copy, since the message it lies in may be megabytes that nothing else needs.
    read: (from) => Uint8Array.from(from.padded(length)),
  };
}

/** At most `max` bytes. */
export function bytes(max: number): XdrType<Uint8Array> {
  return {
    name: `opaque<${max}>`,
    write(to, value) {
      checkLength(value.length, max, 'bytes');
      to.uint32(value.length);
      to.padded(value);
    },
    read(from) {
      const length = from.uint32();
      checkLength(length, max, 'bytes');
      return Uint8Array.from(from.padded(length));
    },
  };
}

/** `char[length]`: text that ends at the first zero. Each character is a word of its own. */
export function fixedText(length: number): XdrType<string> {
  return {
    name: `char[${length}]`,
    write(to, value) {
      const bytes = Buffer.from(value);
      checkLength(bytes.length, length, 'bytes of text');
      for (let i = 0; i < length; i++) to.int32(bytes[i] ?? 0);
    },
    read(from) {
      const characters = Array.from({ length }, () => from.int32() & 0xff);
      const end = characters.indexOf(0);
      return Buffer.from(end < 0 ? characters : characters.slice(0, end)).toString();
    },
  };
}

/** UTF-8 text of at most `max` bytes. Bytes that are no UTF-8 read as U+FFFD. */
export function string(max: number): XdrType<string> {
  return {
    name: `string<${max}>`,
    write(to, value) {
      const bytes = Buffer.from(value);
      checkLength(bytes.length, max, 'bytes of text');
      to.uint32(bytes.length);
      to.padded(bytes);
    },
    read(from) {
      const length = from.uint32();
      checkLength(length, max, 'bytes of text');
      return from.padded(length).toString();
    },
  };
}

/** A value or its absence. */
export function optional<T>(of: XdrType<T>): XdrType<T | undefined> {
  return {
    name: `${of.name}*`,
    write(to, value) {
      to.uint32(value === undefined ? 0 : 1);
      if (value !== undefined) of.write(to, value);
    },
    read(from) {
      const present = from.uint32();
      if (present > 1) throw new XdrError(`${present} is neither absent (0) nor present (1)`);
      return present ? of.read(from) : undefined;
    },
  };
}

/** At most `max` values. */
export function list<T>(of: XdrType<T>, max: number): XdrType<readonly T[]> {
  return {
    name: `${of.name}<${max}>`,
    write(to, values) {
      checkLength(values.length, max, 'elements');
      to.uint32(values.length);
      for (const value of values) of.write(to, value);
    },
    read(from) {
      const length = from.uint32();
      checkLength(length, max, 'elements');
      const values: T[] = []; // grows as elements are really there, whatever the length says
      for (let i = 0; i < length; i++) values.push(of.read(from));
      return values;
    },
  };
}

/** A value of one of several types, told apart by a number before it. */
export function tagged<T>(
  types: readonly XdrType<T>[],
  first: number,
  tagOf: (value: T) => number,
): XdrType<T> {
  const typeOf = (tag: number): XdrType<T> => {
    const type = types[tag - first];
    if (!type) throw new XdrError(`${tag} is no type of a value`);
    return type;
  };
  return {
    name: `union of ${types.map(({ name }) => name).join(', ')}`,
    write(to, value) {
      const tag = tagOf(value);
      to.uint32(tag);
      typeOf(tag).write(to, value);
    },
    read: (from) => typeOf(from.uint32()).read(from),
  };
}

/** Named values in order. */
export function struct<T extends object>(
  fields: {
    readonly [K in keyof T]: XdrType<T[K]>;
  },
): XdrType<Readonly<T>> {
  const entries = Object.entries(fields) as [keyof T, XdrType<T[keyof T]>][];
  return {
    name: `{${entries.map(([name, type]) => `${String(name)}: ${type.name}`).join(', ')}}`,
    write(to, value) {
      for (const [name, type] of entries) type.write(to, value[name]);
    },
    read(from) {
      const value: Partial<T> = {};
      for (const [name, type] of entries) value[name] = type.read(from);
      return value as T;
    },
  };
}

function checkLength(length: number, max: number, of: string): void {
  if (length > max) throw new XdrError(`${length} ${of}, at most ${max} are allowed`);
}
