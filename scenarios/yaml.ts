/** YAML text to a tree, reporting everything that is wrong with it. Never throws. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { offsetOfNesting } from './nesting.ts';
import { type Problem, problemAt } from './problems.ts';
import {
  isKey,
  keyWords,
  type ListNode,
  type MapEntry,
  type MapNode,
  type Node,
  nameHint,
  type Path,
  type Place,
  type ScalarNode,
  type SourceFile,
  startOf,
} from './tree.ts';

/** Most values of one file after aliases are followed, and deepest nesting. */
export const NODES_MAX = 500_000;
export const DEPTH_MAX = 64;
/** Refused before parsing; above what `DEPTH_MAX` levels can reach in the bound's reckoning. */
const NESTING_MAX = 4 * DEPTH_MAX;

export interface YamlResult {
  /** Absent when nothing could be read. */
  readonly tree?: Node;
  readonly problems: readonly Problem[];
  /** Offset from which the text is malformed: what follows may have been misread. */
  readonly brokenFrom: number;
}

export function parseYaml(file: SourceFile): YamlResult {
  const parsed = parseText(file);
  if (!('document' in parsed)) return { problems: [parsed.problem], brokenFrom: 0 };
  const { document } = parsed;
  const reader = new Reader(file);
  for (const error of causes(document.errors)) reader.problems.push(syntaxProblem(file, error));
  for (const warning of document.warnings) reader.problems.push(syntaxProblem(file, warning));
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2') {
    const message = `YAML ${document.directives.yaml.version} is not read`;
    reader.problems.push(
      problemAt('SCENARIO_YAML_FEATURE', startOf(file), [], message, { expected: 'YAML 1.2' }),
    );
  }
  const brokenFrom = Math.min(
    Number.POSITIVE_INFINITY,
    ...document.errors.slice(0, 100).map((e) => e.pos[0]),
  );
  const tree = document.contents === null ? undefined : reader.node(document.contents, [], 0);
  return { tree, problems: reader.problems, brokenFrom };
}

function parseText(file: SourceFile): { document: Document.Parsed } | { problem: Problem } {
  const tooDeep = offsetOfNesting(file.text, NESTING_MAX);
  if (tooDeep >= 0) {
    const message = `values are nested more than ${DEPTH_MAX} levels deep`;
    const place = { file, start: tooDeep, end: tooDeep + 1 };
    return { problem: problemAt('SCENARIO_TOO_MANY_NODES', place, [], message) };
  }
  try {
    const document = parseDocument(file.text, {
      version: '1.2',
      merge: false,
      prettyErrors: false,
      // Found by the reader below, which also says where the first one stands.
      uniqueKeys: false,
      // With `silent`, documents after the first one would be passed over without an error.
      logLevel: 'error',
    });
    return { document };
  } catch (error) {
    // The parser reports mistakes and does not throw; should it do so, it is not the user's fault.
    const message = `the YAML cannot be read: ${error instanceof Error ? error.message : error}`;
    return { problem: problemAt('SCENARIO_YAML_SYNTAX', startOf(file), [], message) };
  }
}

/** Without the errors that only follow from an earlier one: after it, every token is unexpected. */
function causes(errors: readonly YAMLError[]): YAMLError[] {
  return errors.filter((error, i) => i === 0 || error.code !== 'UNEXPECTED_TOKEN');
}

/** Codes of the yaml package that concern features rather than mistakes. */
const FEATURES = new Set(['MULTIPLE_DOCS', 'BAD_DIRECTIVE', 'TAG_RESOLVE_FAILED', 'TAG_PROP']);

/** Plainer words for the parser's most common messages. */
const HINTS: Readonly<Record<string, string>> = {
  BAD_INDENT: 'keys of one mapping start in the same column',
  TAB_AS_INDENT: 'indent with spaces, not tabs',
  MULTILINE_IMPLICIT_KEY: 'a colon may be missing on an earlier line, or the indentation is off',
  BLOCK_AS_IMPLICIT_KEY: 'quote a value that holds ": "',
  MISSING_CHAR: 'a closing bracket, brace, quote or a colon is missing',
  BAD_SCALAR_START: 'quote a value that starts with a special character',
  MULTIPLE_DOCS: 'keep one document a file: remove the --- line',
  IMPOSSIBLE: 'check the indentation',
};

function syntaxProblem(file: SourceFile, error: YAMLError): Problem {
  const code = FEATURES.has(error.code) ? 'SCENARIO_YAML_FEATURE' : 'SCENARIO_YAML_SYNTAX';
  const place = { file, start: error.pos[0], end: error.pos[1] };
  const message = error.message.split('\n')[0].slice(0, 200);
  const isReference = /\$\{?$/.test(file.text.slice(0, place.end));
  const hint = isReference ? `quote what refers to a parameter: "\${name}"` : HINTS[error.code];
  return problemAt(code, place, [], message, { hint });
}

/** Turns the parser's nodes into a tree, following aliases within the limits. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #file: SourceFile;
  readonly #anchors = new Map<string, { node: Node; size: number; depth: number } | 'open'>();
  /** Values so far, each alias counted with all it stands for. */
  #size = 0;
  #deepest = 0;
  #full = false;

  constructor(file: SourceFile) {
    this.#file = file;
  }

  node(parsed: ParsedNode | null, path: Path, depth: number): Node {
    const place = this.#place(parsed);
    this.#deepest = Math.max(this.#deepest, depth);
    if (!this.#grow(1, depth, place, path)) return nothing(place);
    if (parsed === null) return nothing(place);
    if (isAlias(parsed)) return this.#alias(parsed, place, path, depth);
    const anchor = 'anchor' in parsed ? parsed.anchor : undefined;
    if (anchor === undefined) return this.#plain(parsed, place, path, depth);
    const before = this.#size;
    const deepestBefore = this.#deepest;
    this.#deepest = depth;
    this.#anchors.set(anchor, 'open');
    const node = this.#plain(parsed, place, path, depth);
    const size = this.#size - before;
    this.#anchors.set(anchor, { node, size, depth: this.#deepest - depth });
    this.#deepest = Math.max(this.#deepest, deepestBefore);
    return node;
  }

  #plain(parsed: ParsedNode, place: Place, path: Path, depth: number): Node {
    if ('tag' in parsed && parsed.tag && !parsed.tag.startsWith('tag:yaml.org,2002:')) {
      this.#report('SCENARIO_YAML_FEATURE', place, path, `tag ${parsed.tag} is not known`);
    }
    if (isMap(parsed)) return this.#map(parsed as YAMLMap.Parsed, place, path, depth);
    if (isSeq(parsed)) {
      const items = parsed.items.map((item, i) =>
        this.node(item as ParsedNode | null, [...path, i], depth + 1),
      );
      return { type: 'list', items, place } satisfies ListNode;
    }
    return this.#scalar(parsed, place, path);
  }

  #map(parsed: YAMLMap.Parsed, place: Place, path: Path, depth: number): MapNode {
    const entries = new Map<string, MapEntry>();
    for (const pair of parsed.items) {
      const keyPlace = pair.key === null ? place : this.#place(pair.key as ParsedNode);
      const key = this.#key(pair.key as ParsedNode | null, keyPlace, path);
      const value = this.node(
        pair.value as ParsedNode | null,
        key === undefined ? path : [...path, key],
        depth + 1,
      );
      if (key === undefined) continue;
      const first = entries.get(key);
      if (first !== undefined) {
        this.#report('SCENARIO_DUPLICATE_KEY', keyPlace, [...path, key], `${key} stands twice`, {
          hint: `the first one is on line ${lineOf(first.key)}`,
        });
        continue;
      }
      // An empty value has no characters of its own: point at its key.
      const shown = value.place.start === value.place.end ? { ...value, place: keyPlace } : value;
      entries.set(key, { key: keyPlace, value: shown });
    }
    return { type: 'map', entries, place };
  }

  #key(key: ParsedNode | null, place: Place, path: Path): string | undefined {
    const expected = keyWords(path);
    if (key === null || !isScalar(key)) {
      this.#report('SCENARIO_BAD_KEY', place, path, 'a key must be a name', { expected });
      return undefined;
    }
    // The text as written: YAML would read `on` or `1.0` as other things in some versions.
    const text = key.type === 'PLAIN' ? (key.source ?? '') : String(key.value);
    if (isKey(text, path)) return text;
    const shown = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
    const hint = nameHint(text);
    this.#report('SCENARIO_BAD_KEY', place, path, `${shown} is not a name`, { expected, hint });
    return undefined;
  }

  #scalar(parsed: ParsedNode, place: Place, path: Path): ScalarNode {
    const value = isScalar(parsed) ? parsed.value : null;
    const text = isScalar(parsed) && parsed.type === 'PLAIN' ? parsed.source : undefined;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') {
      return { type: 'scalar', value, place, text: value === null ? undefined : text };
    }
    if (typeof value === 'number' && Number.isFinite(value)) {
      return { type: 'scalar', value, place, text };
    }
    this.#report('SCENARIO_WRONG_TYPE', place, path, 'not a number that can be used', {
      expected: 'a finite number or text',
      found: text,
    });
    return nothing(place);
  }

  #alias(alias: Alias.Parsed, place: Place, path: Path, depth: number): Node {
    const anchor = this.#anchors.get(alias.source);
    if (anchor === undefined || anchor === 'open') {
      const what =
        anchor === 'open' ? 'refers to itself' : 'refers to an anchor not defined before';
      this.#report('SCENARIO_YAML_SYNTAX', place, path, `the alias *${alias.source} ${what}`);
      return nothing(place);
    }
    this.#deepest = Math.max(this.#deepest, depth + anchor.depth);
    if (!this.#grow(anchor.size, depth + anchor.depth, place, path)) return nothing(place);
    return anchor.node;
  }

  /** Counts values; false, with one problem, when there are too many or they nest too deeply. */
  #grow(size: number, depth: number, place: Place, path: Path): boolean {
    if (this.#full) return false;
    this.#size += size;
    if (this.#size <= NODES_MAX && depth <= DEPTH_MAX) return true;
    this.#full = true;
    const message =
      depth > DEPTH_MAX
        ? `values are nested more than ${DEPTH_MAX} levels deep`
        : `more than ${NODES_MAX} values, counting what aliases stand for`;
    this.#report('SCENARIO_TOO_MANY_NODES', place, path.slice(0, DEPTH_MAX), message);
    return false;
  }

  #place(parsed: ParsedNode | null): Place {
    const range = parsed?.range;
    return range
      ? { file: this.#file, start: range[0], end: range[1] }
      : { file: this.#file, start: 0, end: 0 };
  }

  #report(
    code: Problem['code'],
    place: Place,
    path: Path,
    message: string,
    detail?: Parameters<typeof problemAt>[4],
  ): void {
    this.problems.push(problemAt(code, place, path, message, detail));
  }
}

const nothing = (place: Place): ScalarNode => ({ type: 'scalar', value: null, place });

function lineOf(place: Place): number {
  const { lines } = place.file;
  let line = 0;
  while (line + 1 < lines.length && lines[line + 1] <= place.start) line++;
  return line + 1;
}
