import { inspect } from 'node:util';

const HIDDEN = '[secret]';

/**
 * A secret that shows itself only when asked by name: whatever prints, logs or serialises it gets
 * `[secret]` instead. Drivers keep passwords, tokens and keys in it from the moment they read them.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    remember(value);
  }

  /** The secret itself; for the one place that sends it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** Shorter texts stand in messages for other reasons than being the secret. */
const CHARACTERS_MIN = 4;
/** So many secrets are remembered; tokens are renewed for as long as a process lives. */
const REMEMBERED_MAX = 1_000;

const remembered = new Set<string>();
/** Finds the remembered secrets of at least so many characters; made when it is needed. */
const patterns = new Map<number, RegExp>();

function remember(value: string): void {
  remembered.delete(value);
  remembered.add(value);
  if (remembered.size > REMEMBERED_MAX) remembered.delete(remembered.values().next().value ?? '');
  patterns.clear();
}

/**
 * A text from outside without any of the secrets, should a system have repeated one: as it is, as
 * it stands in JSON, in an address, a form or a document. The longest go first, since one may hold
 * another.
 */
export function redacted(text: string, secrets: readonly Secret[]): string {
  const pattern = patternOf(
    secrets.map((secret) => secret.reveal()),
    CHARACTERS_MIN,
  );
  return text.replace(pattern, HIDDEN);
}

/** The same, without any secret of at least so many characters that this process has read lately. */
export function withoutSecrets(text: string, characters_min = CHARACTERS_MIN): string {
  let pattern = patterns.get(characters_min);
  if (!pattern) {
    pattern = patternOf([...remembered], characters_min);
    patterns.set(characters_min, pattern);
  }
  return text.replace(pattern, HIDDEN);
}

/** Matches nothing. */
const NOTHING = /(?!)/g;

function patternOf(values: readonly string[], characters_min: number): RegExp {
  const forms = new Set(values.flatMap(partsOf).filter(isLong(characters_min)).flatMap(formsOf));
  if (forms.size === 0) return NOTHING;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return new RegExp(longestFirst.map(literal).join('|'), 'g');
}

const isLong = (characters_min: number) => (text: string) => text.length >= characters_min;

/** Shorter lines of a key say nothing, such as `-----END`. */
const LINE_CHARACTERS_MIN = 20;

/** The value, and of a key that is written in lines each of them. */
function partsOf(value: string): readonly string[] {
  const lines = value.split('\n').filter((line) => !line.startsWith('-----'));
  if (lines.length < 2) return [value];
  return [value, ...lines.filter((line) => line.length >= LINE_CHARACTERS_MIN)];
}

function formsOf(value: string): readonly string[] {
  const whole = Buffer.from(value).toString();
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(whole),
    new URLSearchParams([['', whole]]).toString().slice(1),
    value.replace(/[&<>"']/g, (character) => ENTITIES[character]),
  ];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A regular expression that matches just this text. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
