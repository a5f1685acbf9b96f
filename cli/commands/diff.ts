import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadRecording } from '../load-recording.ts';
import { colours, print } from '../terminal.ts';
import { diffRecordings } from '../tools/diff.ts';
import { diffText } from '../tools/diff-text.ts';

/** `strata diff`: compares two recordings; exit code 1 when something happened in one only. */
export async function command(
  pathA: string,
  pathB: string,
  options: { readonly common?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  const a = loadRecording(pathA);
  const b = loadRecording(pathB);
  const diff = diffRecordings(a, b, options.common);
  if (options.json) print(JSON.stringify(diff, null, 2));
  else print(diffText(a, b, diff, colours(process.stdout)));
  return diff.equal ? EXIT.ok : EXIT.violated;
}
