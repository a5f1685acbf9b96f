/** Loads a recording for a command, and says so when it breaks off. */
import { StrataError } from '../engine/errors.ts';
import type { Recording } from '../engine/recording/recording.ts';
import { note } from './terminal.ts';
import { readRecording } from './tools/recording-file.ts';

/**
 * As `readRecording`, with a warning on stderr for a recording whose writer was stopped. Errors name
 * the file: a command may read two.
 */
export function loadRecording(path: string): Recording {
  const recording = named(path);
  if (recording.truncated) {
    const rows = recording.rows.toLocaleString('en-US');
    note(`warning: ${path} breaks off, since its writer was stopped; ${rows} rows are there`);
  }
  return recording;
}

function named(path: string): Recording {
  try {
    return readRecording(path);
  } catch (error) {
    if (!(error instanceof StrataError)) throw Object.assign(error as Error, { path });
    if (error.message.startsWith(path)) throw error;
    throw new StrataError(error.code, `${path}: ${error.message}`, error.advice);
  }
}
