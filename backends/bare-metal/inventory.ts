/**
 * Machines that no control plane knows: what their management controllers are called and where they
 * are stands in a YAML file, `machines: [{name, ...}]`. Passwords never do, only the names of the
 * environment variables that hold them.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

/** What a machine of an inventory is called. */
export const NAME = z.string().min(1).max(253);

/** Where it stands, whatever its controller speaks. */
export const PLACE = {
  rack: z.string().optional().describe('Rack that it stands in.'),
  zone: z.string().optional().describe('Zone that it stands in.'),
};

/** Reads an inventory; throws an `Error` that says where it is wrong. */
export async function readInventory<T extends { readonly name: string }>(
  path: string,
  entry: z.ZodType<T>,
): Promise<readonly T[]> {
  const file = z.strictObject({ machines: z.array(entry) });
  const read = file.safeParse(yamlOf(await readFile(path, 'utf8')));
  if (!read.success) {
    const [{ path: at, message }] = read.error.issues;
    throw new Error(`${at.join('.') || 'the file'}: ${message}`);
  }
  const names = read.data.machines.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`two machines are called ${twice}`);
  return read.data.machines;
}

/** The parser's own message would quote the line, and somebody may have written a password there. */
function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const { linePos } = cause as { linePos?: readonly { line: number }[] };
    throw new Error(`not YAML, line ${linePos?.[0]?.line ?? 'unknown'}`);
  }
}

/** Where a machine stands, as far as the inventory says. */
export function placeOf(entry: {
  readonly rack?: string;
  readonly zone?: string;
}): Readonly<Record<string, string>> {
  const known = Object.entries({ rack: entry.rack, zone: entry.zone });
  return Object.fromEntries(known.filter((each): each is [string, string] => !!each[1]));
}
