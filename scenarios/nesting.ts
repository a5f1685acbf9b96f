/** How deeply YAML nests, found without recursion, before anything recursive reads it. */
import { Lexer } from 'yaml';

/**
 * Offset at which a text may nest deeper than `limit`, or -1. The parser is recursive, and a stack
 * that overflows there cannot always be caught, so this bound errs on the safe side: brackets that
 * are open, plus two levels for each indentation that is open, plus the block indicators of the line.
 */
export function offsetOfNesting(text: string, limit: number): number {
  const indents: number[] = [];
  let offset = 0;
  let brackets = 0;
  let indicators = 0;
  let lineStart = true;
  let indent = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (CONTROL.has(lexeme)) continue;
    if (lexeme.endsWith('\n')) {
      lineStart = true;
      indicators = 0;
      indent = 0;
    } else if (lineStart && lexeme.trim() === '') {
      indent = lexeme.length;
    } else {
      if (lineStart) {
        while (indents.length > 0 && indents[indents.length - 1] >= indent) indents.pop();
        indents.push(indent);
        lineStart = false;
      }
      if (lexeme === '[' || lexeme === '{') brackets++;
      else if (lexeme === ']' || lexeme === '}') brackets = Math.max(0, brackets - 1);
      else if (INDICATORS.has(lexeme)) indicators++;
      if (brackets + 2 * indents.length + indicators > limit) return offset;
    }
    offset += lexeme.length;
  }
  return -1;
}

/** Marks of the lexer that stand for no characters of the text. */
const CONTROL: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);
const INDICATORS: ReadonlySet<string> = new Set(['-', '?', ':']);
