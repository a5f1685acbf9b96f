import { StrataError } from '../errors.ts';

/** What can be wrong with a recording, by code. The reference page of errors is made from this. */
export const RECORDING_ERRORS = {
  RECORDING_NOT_ARROW: 'The file is not an Arrow IPC file.',
  RECORDING_HEAD_TRUNCATED: 'The file ends before its schema and dictionaries are complete.',
  RECORDING_WRONG_SCHEMA: 'An Arrow file, but without the columns or metadata of a recording.',
  RECORDING_VERSION: 'A recording in a version of the format that this program does not know.',
  RECORDING_CORRUPT: 'A row refers to something that the recording does not contain.',
  RECORDING_ROW_RANGE: 'A row number outside the recording was asked for.',
  RECORDING_DICTIONARY: 'The dictionaries given to a recorder are incomplete or too large.',
  RECORDING_TIME_ORDER: 'A row was recorded before the one preceding it.',
  RECORDING_FULL: 'A recording holds at most 2147483647 rows.',
  RECORDING_CLOSED: 'A row was recorded after the recorder was closed.',
} as const;

export type RecordingErrorCode = keyof typeof RECORDING_ERRORS;

export function recordingError(
  code: RecordingErrorCode,
  message: string,
  advice: string,
): StrataError {
  return new StrataError(code, message, advice);
}
