import { main } from '../../cli/main.ts';

/** What a command prints on standard output, as if not on a terminal: 80 columns, no colour. */
export async function captured(...args: readonly string[]): Promise<string> {
  const { stdout } = process;
  const { write, isTTY } = stdout;
  let text = '';
  stdout.isTTY = false;
  stdout.write = (chunk: string | Uint8Array) => {
    text += chunk;
    return true;
  };
  try {
    await main(['node', 'strata', ...args]);
  } finally {
    stdout.write = write;
    stdout.isTTY = isTTY;
  }
  return text.trimEnd();
}
