/** What failed, out of the results that the test runner writes as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';

const LINES_MAX = 12;

/** The part of the JSON reporter's output that is read here. */
const RESULTS = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      /** Why a file could not be run at all. */
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** Every test that failed, and every file that could not be run: its name and the first lines. */
export function failuresIn(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  const { testResults } = RESULTS.parse(JSON.parse(readFileSync(file, 'utf8')));
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const own = message === '' ? [] : [`FAILED ${basename(name)}\n${firstLines(message)}`];
    return own.concat(
      failed.map(({ fullName, failureMessages }) => {
        const said = (failureMessages ?? []).map(firstLines).join('\n');
        return `FAILED ${basename(name)}: ${fullName}\n${said}`;
      }),
    );
  });
}

/** Without the frames of the test runner itself. */
function firstLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  const own = lines.filter((line) => !/^\s+at .*node_modules/.test(line));
  return own
    .slice(0, LINES_MAX)
    .map((line) => `  ${line}`)
    .join('\n');
}
