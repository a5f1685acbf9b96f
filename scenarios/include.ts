/**
 * A scenario with the files it includes, as one tree. Included files come first, in the order
 * written, then the including file: mappings merge key by key, and of two values the later one wins.
 * Every value keeps the place it was written at.
 */
import { isAbsolute, join } from 'node:path';
import { type ReadFile, readSource } from './files.ts';
import { type Problem, problemAt } from './problems.ts';
import {
  childOf,
  describeNode,
  type MapEntry,
  type MapNode,
  type Node,
  type SourceFile,
  startOf,
} from './tree.ts';
import { parseYaml } from './yaml.ts';

export const INCLUDE_FILES_MAX = 64;
export const INCLUDE_DEPTH_MAX = 16;

export interface Gathered {
  /** Absent when the scenario itself could not be read. */
  readonly tree?: MapNode;
  readonly problems: readonly Problem[];
  /** For files with malformed YAML: the offset from which their content may be misread. */
  readonly brokenFrom: ReadonlyMap<SourceFile, number>;
}

/** Reads a YAML scenario and all that it includes. */
export async function gatherYaml(path: string, readFile: ReadFile): Promise<Gathered> {
  const gatherer = new Gatherer(readFile);
  const tree = await gatherer.file(path, [], undefined);
  return { tree, problems: gatherer.problems, brokenFrom: gatherer.brokenFrom };
}

/** Merges what a tree that did not come from YAML includes. */
export async function gatherIncludes(tree: MapNode, readFile: ReadFile): Promise<Gathered> {
  const gatherer = new Gatherer(readFile);
  const merged = await gatherer.includes(tree, [tree.place.file.name]);
  return { tree: merged, problems: gatherer.problems, brokenFrom: gatherer.brokenFrom };
}

class Gatherer {
  readonly problems: Problem[] = [];
  readonly brokenFrom = new Map<SourceFile, number>();
  readonly #readFile: ReadFile;
  #files = 0;

  constructor(readFile: ReadFile) {
    this.#readFile = readFile;
  }

  /** One file with its includes merged in. `chain` holds the files that include it. */
  async file(
    path: string,
    chain: readonly string[],
    from: Node | undefined,
  ): Promise<MapNode | undefined> {
    this.#files++;
    const read = await readSource(path, this.#readFile, from?.place);
    this.problems.push(...read.problems);
    if (!('file' in read)) return undefined;
    const { tree, problems, brokenFrom } = parseYaml(read.file);
    this.problems.push(...problems);
    if (Number.isFinite(brokenFrom) || tree === undefined) {
      this.brokenFrom.set(read.file, Math.min(brokenFrom, read.file.text.length));
    }
    if (tree === undefined || tree.type !== 'map') {
      if (problems.length === 0) this.#noMapping(read.file, tree);
      return undefined;
    }
    return this.includes(tree, [...chain, path]);
  }

  #noMapping(file: SourceFile, tree: Node | undefined): void {
    const empty = tree === undefined || (tree.type === 'scalar' && tree.value === null);
    this.problems.push(
      empty
        ? problemAt('SCENARIO_EMPTY', startOf(file), [], 'the file holds nothing', {
            expected: 'a mapping that starts with version: 1',
          })
        : problemAt('SCENARIO_WRONG_TYPE', tree.place, [], 'a scenario is a mapping of keys', {
            expected: 'keys such as version, name and site',
            found: describeNode(tree),
          }),
    );
  }

  async includes(tree: MapNode, chain: readonly string[]): Promise<MapNode> {
    const include = childOf(tree, 'include');
    if (include === undefined) return tree;
    const entries = new Map(tree.entries);
    entries.delete('include');
    const own: MapNode = { ...tree, entries };
    if (chain.length > INCLUDE_DEPTH_MAX) {
      this.#limit(include, `includes are nested more than ${INCLUDE_DEPTH_MAX} levels deep`);
      return own;
    }
    let merged: MapNode | undefined;
    const items = include.type === 'list' ? include.items : [include];
    for (const item of items) {
      const part = await this.#one(item, tree.place.file, chain);
      if (part !== undefined) merged = merged === undefined ? part : mergeMaps(merged, part);
    }
    return merged === undefined ? own : mergeMaps(merged, own);
  }

  async #one(item: Node, file: SourceFile, chain: readonly string[]): Promise<MapNode | undefined> {
    const written = item.type === 'scalar' && typeof item.value === 'string' ? item.value : '';
    if (!isIncludable(written)) {
      this.problems.push(
        problemAt('SCENARIO_INCLUDE', item.place, ['include'], 'this cannot be included', {
          expected: 'a relative path of a YAML file, such as parts/flavors.yaml',
          found: describeNode(item),
        }),
      );
      return undefined;
    }
    const path = join(file.folder, written);
    if (chain.includes(path)) {
      const message = `${path} includes itself: ${[...chain, path].join(' -> ')}`;
      this.problems.push(problemAt('SCENARIO_INCLUDE_CYCLE', item.place, ['include'], message));
      return undefined;
    }
    if (this.#files >= INCLUDE_FILES_MAX) {
      this.#limit(item, `more than ${INCLUDE_FILES_MAX} files`);
      return undefined;
    }
    return this.file(path, chain, item);
  }

  #limit(node: Node, message: string): void {
    this.problems.push(problemAt('SCENARIO_INCLUDE_LIMIT', node.place, ['include'], message));
  }
}

function isIncludable(path: string): boolean {
  return (
    /\.(ya?ml|json)$/.test(path) &&
    !isAbsolute(path) &&
    !/^(~|[A-Za-z][A-Za-z0-9+.-]*:)/.test(path) &&
    !path.includes('\0') &&
    path.length < 1024
  );
}

/** `later` over `earlier`: mappings merge, anything else is replaced. Place and order: see entries. */
export function mergeMaps(earlier: MapNode, later: MapNode): MapNode {
  const entries = new Map<string, MapEntry>(earlier.entries);
  for (const [key, entry] of later.entries) {
    const before = entries.get(key);
    const value =
      before?.value.type === 'map' && entry.value.type === 'map'
        ? mergeMaps(before.value, entry.value)
        : entry.value;
    entries.set(key, { key: entry.key, value });
  }
  return { type: 'map', entries, place: later.place };
}
