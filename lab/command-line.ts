import { LabError } from './error.ts';

/** Runs one of the lab's programs: errors as a message with advice, exit code 1, no stack. */
export async function runProgram(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (cause) {
    if (!(cause instanceof LabError)) throw cause;
    process.stderr.write(`${cause.code}: ${cause.message}\n${cause.advice}\n`);
    process.exitCode = 1;
  }
}
