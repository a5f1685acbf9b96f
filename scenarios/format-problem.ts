/** Prints problems as a good compiler does: place, code, message, the line with a caret, what to do. */
import pc from 'picocolors';
import type { Problem } from './problems.ts';

export interface FormatOptions {
  /** Colours for a terminal; off by default. */
  readonly color?: boolean;
  /** Most problems printed in full; the rest is counted. Default: 50. */
  readonly limit?: number;
}

/** Longest part of a source line that is shown. */
const SOURCE_WIDTH = 100;

/** All problems with a final count, ending in a line break; empty when there are none. */
export function formatProblems(problems: readonly Problem[], options: FormatOptions = {}): string {
  if (problems.length === 0) return '';
  const limit = options.limit ?? 50;
  const blocks = problems.slice(0, limit).map((p) => formatProblem(p, options));
  const left = problems.length - limit;
  if (left > 0) blocks.push(`... and ${left} more\n`);
  const errors = problems.filter((p) => p.severity === 'error').length;
  const counts = [counted(errors, 'error'), counted(problems.length - errors, 'warning')];
  return `${blocks.join('\n')}\n${counts.filter((c) => c !== '').join(', ')}\n`;
}

const counted = (n: number, what: string): string =>
  n === 0 ? '' : `${n} ${what}${n === 1 ? '' : 's'}`;

/** One problem, of several lines. */
export function formatProblem(problem: Problem, { color = false }: FormatOptions = {}): string {
  const c = pc.createColors(color);
  const paint = problem.severity === 'error' ? c.red : c.yellow;
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const path = problem.path === '' ? '' : `${problem.path}: `;
  const gutter = String(problem.line).length;
  const blank = c.dim(`${' '.repeat(gutter)} |`);
  const lines = [
    `${c.bold(place)} ${paint(problem.severity)} ${c.bold(problem.code)}`,
    `  ${printable(path + problem.message)}`,
  ];
  if (problem.source.trim() !== '') {
    const { text, indent, width } = excerpt(problem);
    lines.push(`${c.dim(`${problem.line} |`)} ${text}`);
    lines.push(`${blank} ${' '.repeat(indent)}${paint('^'.repeat(width))}`);
  }
  if (problem.expected !== undefined) lines.push(`  expected: ${printable(problem.expected)}`);
  if (problem.found !== undefined) lines.push(`  found: ${printable(problem.found)}`);
  if (problem.hint !== undefined) lines.push(`  ${c.cyan('hint')}: ${printable(problem.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** The part of the line around the place; tabs become spaces so that the caret stands under it. */
function excerpt({ source, column, width }: Problem) {
  const start = Math.max(0, Math.min(column - 1 - SOURCE_WIDTH / 2, source.length - SOURCE_WIDTH));
  const text = printable(source.slice(start, start + SOURCE_WIDTH));
  const indent = column - 1 - start;
  return { text, indent, width: Math.max(1, Math.min(width, SOURCE_WIDTH - indent)) };
}

/** Control characters of a file must not reach the terminal. */
function printable(text: string): string {
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    shown += control ? (character === '\t' ? ' ' : '\u00b7') : character;
  }
  return shown;
}
