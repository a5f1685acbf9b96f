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

/** A text from outside without any of the secrets, should a server have repeated one. */
export function redacted(text: string, secrets: readonly Secret[]): string {
  return secrets
    .map((secret) => secret.reveal())
    .filter((value) => value.length >= CHARACTERS_MIN)
    .reduce((clean, value) => clean.replaceAll(value, HIDDEN), text);
}
