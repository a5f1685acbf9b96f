import { StrataError } from '../engine/errors.ts';

/** What can go wrong with showing a recording, by code. The reference of errors is made from this. */
export const VIEW_ERRORS = {
  VIEW_NO_RECORDING: 'The file to be served cannot be opened or is not a recording.',
  VIEW_PORT_TAKEN: 'The server cannot listen on the port.',
  VIEW_PAGE_NOT_BUILT: 'The replay page has not been built.',
  VIEW_TOO_LARGE: 'The recording does not fit into a page even without metric samples.',
} as const;

export function viewError(
  code: keyof typeof VIEW_ERRORS,
  message: string,
  advice: string,
): StrataError {
  return new StrataError(code, message, advice);
}
