/** A lab that could not do what was asked: a stable code, what went wrong, and what to do. */
export class LabError extends Error {
  readonly code: string;
  readonly advice: string;

  constructor(code: string, message: string, advice: string) {
    super(message);
    this.name = 'LabError';
    this.code = code;
    this.advice = advice;
  }
}
