/** The command line, from the help that it prints. */
import { EXIT } from '../../cli/exit-codes.ts';
import { captured } from './captured.ts';
import { fenced, page, table } from './markdown.ts';

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  violated: 'an objective or an invariant is violated, or two recordings differ',
  badInput: 'the command line, a scenario or a file cannot be used as it is',
  internal: 'a mistake of Strata',
  interrupted: 'stopped by Ctrl-C; what was written until then is said',
};

const INTRODUCTION = `\`npx strata COMMAND\` in a checkout after \`npm start\` or \`npm test\` has built it, or \`strata COMMAND\`
where the package is installed. Text goes to standard output, progress and warnings to standard error.
Colour is used on terminals only, and never when \`NO_COLOR\` is set. \`--json\` prints one JSON object.`;

export async function cliPage(): Promise<string> {
  const help = await captured('--help');
  const commands = [...help.matchAll(/^ {2}([a-z]+)\b/gm)].map((match) => match[1]);
  const named = commands.filter((name) => name !== 'help');
  const sections = [];
  for (const name of named) {
    sections.push(`## strata ${name}`, fenced('text', await captured(name, '--help')));
  }
  return page(
    'Command line',
    INTRODUCTION,
    fenced('text', help),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.entries(EXIT).map(([name, value]) => [
        String(value),
        EXIT_MEANINGS[name as keyof typeof EXIT],
      ]),
    ),
    ...sections,
  );
}
