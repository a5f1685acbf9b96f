/** Errors that a call answers with, although it did not fail itself. */
import { type ApiError, refusal } from './faults.ts';

/** Throws the first error among the results of a call: such calls answer one result each. */
export function check(results: unknown, about: string): void {
  const list = Array.isArray(results) ? results : [];
  for (const { error } of list as { error?: ApiError | null }[]) {
    if (error) throw refusal(errorOf(error), about);
  }
}

export function errorOf({ code, message }: Partial<ApiError>): ApiError {
  return { code: String(code ?? ''), message: String(message ?? '') };
}
