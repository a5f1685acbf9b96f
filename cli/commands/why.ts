import { EXIT, type ExitCode } from '../exit-codes.ts';
import { loadRecording } from '../load-recording.ts';
import { colours, note, print } from '../terminal.ts';
import { formatTime } from '../tools/time.ts';
import { why, whyText } from '../tools/why.ts';

/** `strata why`: the causal chain that led to an entity's state. */
export async function command(
  path: string,
  entity: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const recording = loadRecording(path);
  const answer = why(recording, entity);
  if (answer.isBeyond) note(`the recording ends at ${formatTime(answer.time_s)}: shown as of then`);
  if (options.json) print(JSON.stringify(answer, null, 2));
  else print(whyText(recording, answer, colours(process.stdout)));
  return EXIT.ok;
}
