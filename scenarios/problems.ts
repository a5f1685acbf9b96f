/** One mistake in a scenario: where it is, what was expected, what was found. */
import type { ProblemCode } from './codes.ts';
import { PROBLEM_KINDS } from './codes.ts';
import { type Path, type Place, pathText, positionOf } from './tree.ts';

export interface Problem {
  /** Stable; see codes.ts. */
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** The file as it was named, or `--set NAME` for a value given on the command line. */
  readonly file: string;
  /** One-based line and column (in characters) where the place starts, and how wide it is there. */
  readonly line: number;
  readonly column: number;
  readonly width: number;
  /** Path within the scenario, such as `site.racks[0].machines`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly expected?: string;
  readonly found?: string;
  /** The nearest valid name, when a name was not found. */
  readonly nearest?: string;
  /** What to do, when more can be said than `expected` says: by default, to use `nearest`. */
  readonly hint?: string;
  /** Text of the line, for printing. */
  readonly source: string;
}

export interface ProblemDetail {
  readonly expected?: string;
  readonly found?: string;
  readonly nearest?: string;
  readonly hint?: string;
}

/** Builds a problem; its severity comes from the table of codes. */
export function problemAt(
  code: ProblemCode,
  place: Place,
  path: Path,
  message: string,
  detail: ProblemDetail = {},
): Problem {
  const { line, column, width, source } = positionOf(place);
  const hint = detail.hint ?? (detail.nearest && `did you mean ${detail.nearest}?`);
  return {
    code,
    severity: PROBLEM_KINDS[code].severity,
    file: place.file.name,
    line,
    column,
    width,
    path: pathText(path),
    message,
    ...detail,
    hint,
    source,
  };
}

/** Sorted by file (in the order they were read) and place; the same problem stands once. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const files = [...new Set(problems.map((p) => p.file))];
  const rank = new Map(files.map((file, i) => [file, i]));
  const seen = new Set<string>();
  return [...problems]
    .sort(
      (a, b) =>
        rank.get(a.file)! - rank.get(b.file)! ||
        a.line - b.line ||
        a.column - b.column ||
        a.code.localeCompare(b.code),
    )
    .filter((p) => {
      const key = `${p.file}:${p.line}:${p.column}:${p.code}:${p.path}:${p.message}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}
