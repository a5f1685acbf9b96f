/**
 * A scenario as it was written: values with the place in a file that each came from. YAML files and
 * TypeScript scenarios both become such a tree; includes, parameters and checks work on it.
 */

/** A file that was read. `name` is shown in problems. */
export interface SourceFile {
  readonly name: string;
  /** Folder that relative paths written in the file start from. */
  readonly folder: string;
  readonly text: string;
  /** Offset of each line's first character. */
  readonly lines: readonly number[];
}

/** A range of characters, end excluded. */
export interface Place {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

export interface ScalarNode {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  readonly place: Place;
  /** Its text in the file, when that says more than the value (`0x10`, `1e3`). */
  readonly text?: string;
  /** A path that is already relative to the working folder, since a parameter gave it. */
  readonly resolvedPath?: boolean;
  /** The value is not known (a parameter without one, reported already): no more is said of it. */
  readonly unknown?: boolean;
}

export interface MapEntry {
  readonly key: Place;
  readonly value: Node;
}

export interface MapNode {
  readonly type: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly place: Place;
}

export interface ListNode {
  readonly type: 'list';
  readonly items: readonly Node[];
  readonly place: Place;
}

export type Node = ScalarNode | MapNode | ListNode;
export type Path = readonly (string | number)[];

export function sourceFile(name: string, folder: string, text: string): SourceFile {
  const lines = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines.push(i + 1);
  return { name, folder, text, lines };
}

export const startOf = (file: SourceFile): Place => ({ file, start: 0, end: 0 });

/** Line and column (from 1) of a place, its width within that line, and the line's text. */
export function positionOf({ file, start, end }: Place) {
  const at = Math.max(0, Math.min(start, file.text.length));
  let low = 0;
  let high = file.lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (file.lines[middle] <= at) low = middle;
    else high = middle - 1;
  }
  const lineEnd = low + 1 < file.lines.length ? file.lines[low + 1] - 1 : file.text.length;
  const source = file.text.slice(file.lines[low], lineEnd).replace(/\r$/, '');
  const column = Math.min(at - file.lines[low], source.length) + 1;
  const width = Math.max(1, Math.min(end, file.lines[low] + source.length) - at);
  return { line: low + 1, column, width, source };
}

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** A path as problems show it: `site.racks[0].machines`, `flavors["m1.small"].ram`. */
export function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!PLAIN_KEY.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}

/** The node at a path, or undefined. */
export function nodeAt(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    node = childOf(node, step);
    if (node === undefined) return undefined;
  }
  return node;
}

export function childOf(node: Node | undefined, step: string | number): Node | undefined {
  if (node?.type === 'map') return node.entries.get(String(step))?.value;
  if (node?.type === 'list' && typeof step === 'number') return node.items[step];
  return undefined;
}

/**
 * The place that best shows a path: the key or item itself, or, when it does not exist, the nearest
 * parent's key. `at: 'value'` points at the value of the last key instead of at the key.
 */
export function placeAt(root: Node, path: Path, at: 'key' | 'value' = 'value'): Place {
  let node: Node = root;
  let place: Place = { ...root.place, end: root.place.start };
  for (const [i, step] of path.entries()) {
    const last = i === path.length - 1;
    if (node.type === 'map') {
      const entry = node.entries.get(String(step));
      if (entry === undefined) return place;
      place = last && at === 'value' ? entry.value.place : entry.key;
      node = entry.value;
    } else {
      const child = childOf(node, step);
      if (child === undefined) return place;
      place = child.place;
      node = child;
    }
  }
  return place;
}

/** The tree as plain JavaScript values. Keys were checked when the tree was built. */
export function toValue(node: Node): unknown {
  if (node.type === 'scalar') return node.value;
  if (node.type === 'list') return node.items.map(toValue);
  const object: Record<string, unknown> = {};
  for (const [key, entry] of node.entries) object[key] = toValue(entry.value);
  return object;
}

/** What a value is, for "found ..." in problems. */
export function describeNode(node: Node | undefined): string {
  if (node === undefined) return 'nothing';
  if (node.type === 'map') return node.entries.size === 0 ? 'an empty mapping' : 'a mapping';
  if (node.type === 'list') return node.items.length === 0 ? 'an empty list' : 'a list';
  if (node.value === null) return 'nothing';
  const text = node.text ?? String(node.value);
  const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  const one = short.replace(/\s+/g, ' ');
  if (typeof node.value === 'string') return `the text ${JSON.stringify(one)}`;
  return typeof node.value === 'number' ? `the number ${one}` : one;
}

/** Applies `change` to every scalar, keeping the rest; sees the path of each. */
export function mapScalars(
  node: Node,
  change: (scalar: ScalarNode, path: Path) => Node,
  path: Path = [],
): Node {
  if (node.type === 'scalar') return change(node, path);
  if (node.type === 'list') {
    return { ...node, items: node.items.map((item, i) => mapScalars(item, change, [...path, i])) };
  }
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of node.entries) {
    entries.set(key, { ...entry, value: mapScalars(entry.value, change, [...path, key]) });
  }
  return { ...node, entries };
}

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,62}$/;

/**
 * Whether a text may be a key: a name, and none that JavaScript objects have already (so that a name
 * looked up in a record is either defined by the scenario or absent).
 */
export function isName(text: string): boolean {
  return NAME.test(text) && !(text in {});
}

/** Most characters of a key that is not ours: of Kubernetes', a DNS name, a slash, and 63 more. */
const FREE_KEY_MAX = 317;

/** Whether keys of the mapping at a path are those of a real system, such as `app.kubernetes.io/name`. */
function hasFreeKeys([section, list, , part, ...below]: Path): boolean {
  const isTold = section === 'workload' && list === 'operations' && part === 'with';
  return isTold && below.length > 0;
}

/** Whether a text may be a key of the mapping at a path. */
export function isKey(text: string, path: Path): boolean {
  if (!hasFreeKeys(path)) return isName(text);
  return text !== '' && text.length <= FREE_KEY_MAX && nameHint(text) === undefined;
}

/** The same in words, for errors. */
export const keyWords = (path: Path): string =>
  hasFreeKeys(path) ? `a text of at most ${FREE_KEY_MAX} characters` : NAME_WORDS;

export const NAME_PATTERN = NAME.source;

/** The same in words, for errors. */
export const NAME_WORDS =
  'a name: a letter, then up to 62 letters, digits, dots, dashes or underscores';

/** What to do about a key that looks like a name and is none, for errors. */
export function nameHint(text: string): string | undefined {
  if (text === '<<') return 'merge keys are not read: use include, or write the keys';
  if (text in {}) return 'objects of JavaScript have one of that name already: choose another';
  return undefined;
}

/** Number of values in a tree; stops counting beyond `limit`. */
export function countNodes(node: Node, limit: number): number {
  if (node.type === 'scalar') return 1;
  const children =
    node.type === 'list' ? node.items : [...node.entries.values()].map((e) => e.value);
  let count = 1;
  for (const child of children) {
    count += countNodes(child, limit - count);
    if (count > limit) return count;
  }
  return count;
}
