/** Names and quantities as a scenario writes them. */
import { HOST_NAME } from '../../scenarios/schema/fields.ts';
import { isName } from '../../scenarios/tree.ts';

const NAME_CHARACTERS_MAX = 63;

/** Room for the number that tells names apart. */
const SUFFIX_CHARACTERS_MAX = 8;

/** A name that the format allows: what it does not becomes a dash. */
export function scenarioName(text: string): string {
  const clean = text.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  const characters_max = NAME_CHARACTERS_MAX - SUFFIX_CHARACTERS_MAX;
  const short = clean.slice(0, characters_max);
  // `constructor` is none either, although it looks like one.
  return isName(short) ? short : `n${short}`.slice(0, characters_max);
}

/** A name that the format allows for a machine: its own, unless something in it is not allowed. */
export function machineName(text: string): string {
  if (HOST_NAME.test(text)) return text;
  const clean = text.replace(/[^A-Za-z0-9._-]+/g, '-');
  const begun = /^[A-Za-z0-9]/.test(clean) ? clean : `n${clean}`;
  return begun.slice(0, NAME_CHARACTERS_MAX - SUFFIX_CHARACTERS_MAX);
}

/** The names of one section: one for each thing, the same whenever the thing is named again. */
export class Names {
  readonly #names = new Map<string, string>();
  readonly #taken: Set<string>;
  readonly #allowed: (text: string) => string;

  /** `allowed` makes a name of a text; `others` have names already that are not to be given again. */
  constructor(allowed: (text: string) => string = scenarioName, others: Iterable<string> = []) {
    this.#allowed = allowed;
    this.#taken = new Set(others);
  }

  /** The name of what a system calls `text`. */
  of(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = this.unique(text);
    this.#names.set(text, name);
    return name;
  }

  /** A name for something new, even if another one is called alike. */
  unique(text: string): string {
    const base = this.#allowed(text);
    let name = base;
    for (let i = 2; this.#taken.has(name); i++) name = `${base}-${i}`;
    this.#taken.add(name);
    return name;
  }
}

/** Memory is sold in binary units, disks in decimal ones; the largest that fits says it shortest. */
const UNITS = [
  ['TiB', 2 ** 40],
  ['TB', 1e12],
  ['GiB', 2 ** 30],
  ['GB', 1e9],
  ['MiB', 2 ** 20],
  ['MB', 1e6],
  ['KiB', 2 ** 10],
] as const;

/** Bytes in the largest unit that holds them exactly. */
export function exactBytes(bytes: number): string {
  const whole = Math.max(0, Math.round(bytes));
  const unit = UNITS.find(([, size]) => whole > 0 && whole % size === 0);
  return unit ? `${whole / unit[1]}${unit[0]}` : `${whole}B`;
}
