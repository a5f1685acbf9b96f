/**
 * Reads a scenario: YAML or TypeScript, with its includes and parameters, into the resolved form of
 * model/scenario.ts, or into every problem that it has. Never throws for anything a user can write.
 */
import { extname, isAbsolute, join } from 'node:path';
import type { Scenario } from '../model/scenario.ts';
import { type AskDrivers, checkParams } from './check-params.ts';
import { checkMeaning } from './checks/index.ts';
import { type ReadFile, readFromDisk, readSource } from './files.ts';
import { type Gathered, gatherIncludes, gatherYaml } from './include.ts';
import { MODULE_EXTENSIONS, readModule } from './module.ts';
import { applyOverrides } from './override.ts';
import {
  declaredNames,
  type Given,
  knownValues,
  readParameters,
  substitute,
} from './parameters.ts';
import { type Problem, problemAt, sortProblems } from './problems.ts';
import { checkReferences } from './references.ts';
import type { Sections } from './schema.ts';
import { countNodes, type MapNode, type Node, nodeAt, sourceFile, startOf } from './tree.ts';
import { validateTree } from './validate.ts';
import { NODES_MAX } from './yaml.ts';

export interface LoadOptions {
  /** Values for declared parameters, as written on the command line. */
  readonly set?: Readonly<Record<string, string>>;
  /**
   * Values of one point of a sweep: of declared parameters, by name, or of anything else by its path
   * (`site.racks[0].machines.compute`), each as YAML.
   */
  readonly sweep?: Readonly<Record<string, string>>;
  /** Knows what operations may tell real systems; without it that is not looked at. */
  readonly drivers?: AskDrivers;
  /** Reads YAML files; from disk by default. TypeScript scenarios are imported in any case. */
  readonly readFile?: ReadFile;
}

export type LoadResult =
  | { readonly scenario: Scenario; readonly warnings: readonly Problem[] }
  /** At least one error, and the warnings. */
  | { readonly problems: readonly Problem[] };

const YAML_EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json'];

/** Reads the scenario at `path`. Problems are sorted by file and place. */
export async function loadScenario(path: string, options: LoadOptions = {}): Promise<LoadResult> {
  const gathered = await gather(path, options.readFile ?? readFromDisk);
  if (gathered.tree === undefined) return { problems: sortProblems(gathered.problems) };
  return resolveTree(gathered, gathered.tree, options);
}

async function gather(path: string, readFile: ReadFile): Promise<Gathered> {
  const extension = extname(path).toLowerCase();
  if (YAML_EXTENSIONS.includes(extension)) return gatherYaml(path, readFile);
  if (MODULE_EXTENSIONS.includes(extension)) return gatherModule(path, readFile);
  // A folder, or what is not there, has no name to complain about.
  const { problems } = await readSource(path, readFile, undefined);
  if (problems.some(({ code }) => code === 'SCENARIO_FILE')) {
    return { problems, brokenFrom: new Map() };
  }
  const expected = [...YAML_EXTENSIONS, ...MODULE_EXTENSIONS].join(', ');
  const place = startOf(sourceFile(path, '.', ''));
  const problem = problemAt('SCENARIO_FILE_TYPE', place, [], 'not a scenario by its name', {
    expected: `a file that ends in ${expected}`,
    found: extension === '' ? 'no extension' : extension,
  });
  return { problems: [problem], brokenFrom: new Map() };
}

async function gatherModule(path: string, readFile: ReadFile): Promise<Gathered> {
  const { tree, problems } = await readModule(path);
  if (tree === undefined || tree.type !== 'map') return { problems, brokenFrom: new Map() };
  const gathered = await gatherIncludes(tree, readFile);
  return { ...gathered, problems: [...problems, ...gathered.problems] };
}

async function resolveTree(
  gathered: Gathered,
  written: MapNode,
  options: LoadOptions,
): Promise<LoadResult> {
  if (countNodes(written, NODES_MAX) > NODES_MAX) {
    const place = startOf(written.place.file);
    const message = `more than ${NODES_MAX} values in all files together`;
    const problem = problemAt('SCENARIO_TOO_MANY_NODES', place, [], message);
    return { problems: sortProblems([...gathered.problems, problem]) };
  }
  const { given, paths } = fromCommandLine(written, options);
  const overridden = applyOverrides(written, paths);
  const parameters = readParameters(overridden.tree, given);
  const problems = [...gathered.problems, ...overridden.problems, ...parameters.problems];
  const tree = substitute(overridden.tree, parameters, problems);
  const { sections, problems: shape } = validateTree(tree);
  const meaning = [...checkReferences(tree), ...checkMeaning(sections, tree)];
  const params = options.drivers ? await checkParams(sections, tree, options.drivers) : [];
  problems.push(...trusted([...shape, ...meaning, ...params], gathered));
  const sorted = sortProblems(problems);
  if (sorted.some((p) => p.severity === 'error')) return { problems: sorted };
  return { scenario: toScenario(sections, tree, knownValues(parameters)), warnings: sorted };
}

/** What the command line gives to parameters, and what it puts in place of written values. */
function fromCommandLine(written: MapNode, { set = {}, sweep = {} }: LoadOptions) {
  const declared = new Set(declaredNames(written));
  const given = new Map<string, Given>();
  const paths: Record<string, string> = Object.create(null);
  for (const [name, text] of Object.entries(set)) given.set(name, { text, option: '--set' });
  for (const [name, text] of Object.entries(sweep)) {
    if (declared.has(name)) given.set(name, { text, option: '--sweep' });
    else paths[name] = text;
  }
  return { given, paths };
}

/**
 * Malformed YAML is read on as well as it can be, so what follows the malformed place may be misread
 * and what is missing may only seem so. Of such files only what stands before it is reported.
 */
function trusted(problems: readonly Problem[], { brokenFrom }: Gathered): readonly Problem[] {
  if (brokenFrom.size === 0) return problems;
  const lineOf = new Map<string, number>();
  for (const [file, offset] of brokenFrom) {
    lineOf.set(file.name, file.lines.filter((start) => start <= offset).length);
  }
  const doubtful = new Set(['SCENARIO_MISSING_KEY', 'SCENARIO_UNKNOWN_NAME']);
  return problems.filter(
    (p) =>
      p.severity === 'error' &&
      !doubtful.has(p.code) &&
      p.line < (lineOf.get(p.file) ?? Number.POSITIVE_INFINITY),
  );
}

/** All sections are present here: each either parsed or had a problem. */
function toScenario(sections: Sections, tree: Node, parameters: Scenario['parameters']): Scenario {
  const { duration, include: _, workload, ...rest } = sections as Required<Sections>;
  const { trace } = workload;
  const path = nodeAt(tree, ['workload', 'trace', 'path']);
  return {
    ...rest,
    duration_s: duration,
    parameters,
    workload:
      trace === undefined || path === undefined
        ? workload
        : { ...workload, trace: { ...trace, path: tracePath(trace.path, path) } },
  };
}

/** A path written in a file is relative to that file; one from `--set` to the working folder. */
function tracePath(path: string, node: Node): string {
  if (node.type === 'scalar' && node.resolvedPath) return path;
  return isAbsolute(path) ? path : join(node.place.file.folder, path);
}
