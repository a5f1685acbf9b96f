/**
 * An error with a stable code. The message names the place and what was expected; `advice` says
 * what to do next. Codes are documented in docs/reference/errors.md.
 */
export class StrataError extends Error {
  readonly code: string;
  readonly advice: string;

  constructor(code: string, message: string, advice = '') {
    super(message);
    this.name = 'StrataError';
    this.code = code;
    this.advice = advice;
  }
}
