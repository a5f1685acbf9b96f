/** Loads a recording for a command, and says so when it breaks off. */
import type { Recording } from '../engine/recording/recording.ts';
import { note } from './terminal.ts';
import { readRecording } from './tools/recording-file.ts';

/** As `readRecording`, with a warning on stderr for a recording whose writer was stopped. */
export function loadRecording(path: string): Recording {
  const recording = readRecording(path);
  if (recording.truncated) {
    const rows = recording.rows.toLocaleString('en-US');
    note(`warning: ${path} breaks off, since its writer was stopped; ${rows} rows are there`);
  }
  return recording;
}
