/** Characters that mean nothing to a POSIX shell. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/**
 * One command line that a POSIX shell splits into exactly these arguments. SSH carries a command as
 * one text, which the user's shell on the other side reads: so every argument is quoted here, in the
 * one place, and nothing is ever put together from parts of texts. Throws for a zero character,
 * which no argument can hold.
 */
export function commandLine(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('an argument cannot hold a zero character');
  if (PLAIN.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
