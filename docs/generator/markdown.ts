/** Markdown building blocks. Everything returns text without a newline at the end. */

/** First line of every generated page. */
export const GENERATED = '<!-- Made by `npm run docs`. Do not edit: a test compares it. -->';

/** A cell of a table: bars and line ends would break the row. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** A table; columns that are empty in every row are left out. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const used = head.map((_, i) => i).filter((i) => rows.some((row) => row[i] !== ''));
  const line = (cells: readonly string[]) => `| ${used.map((i) => cell(cells[i])).join(' | ')} |`;
  return [line(head), `|${used.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function codes(names: Iterable<string>): string {
  return [...names].map(code).join(', ');
}

export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n');
}

export function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

/** A page from its parts, which are set apart by empty lines; empty parts are left out. */
export function page(title: string, ...parts: readonly string[]): string {
  const body = [GENERATED, `# ${title}`, ...parts].filter((part) => part !== '');
  return `${body.join('\n\n')}\n`;
}
