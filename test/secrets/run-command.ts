import { main } from '../../cli/main.ts';

/** What a command wrote, to both streams. */
export interface Wrote {
  readonly code: number;
  readonly text: string;
}

/**
 * Runs `strata ARGS` within this process, with variables of the environment that are gone
 * afterwards. Only one at a time: environment and streams belong to the process.
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Wrote> {
  const before = { ...process.env };
  const write = { out: process.stdout.write, err: process.stderr.write };
  let text = '';
  const take = ((chunk: string | Uint8Array) => {
    text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  }) as typeof process.stdout.write;
  try {
    Object.assign(process.env, env);
    process.stdout.write = take;
    process.stderr.write = take;
    const code = await main(['node', 'strata', ...args]);
    return { code, text };
  } finally {
    process.stdout.write = write.out;
    process.stderr.write = write.err;
    for (const name of Object.keys(env)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}
