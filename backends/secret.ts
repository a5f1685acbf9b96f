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

/**
 * A text from outside without any of the secrets, should a server have repeated one: as it is, as
 * it stands in JSON, or in an address. The longest go first, since one may hold another.
 */
export function redacted(text: string, secrets: readonly Secret[]): string {
  const forms = new Set(secrets.flatMap((secret) => formsOf(secret.reveal())));
  if (forms.size === 0) return text;
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  return text.replace(new RegExp(longestFirst.map(literal).join('|'), 'g'), HIDDEN);
}

function formsOf(value: string): readonly string[] {
  if (value.length < CHARACTERS_MIN) return [];
  const inJson = JSON.stringify(value).slice(1, -1);
  return [value, inJson, encodeURIComponent(Buffer.from(value).toString())];
}

/** A regular expression that matches just this text. */
function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
