/** Reading, checking and describing scenarios. */
export { type AskDrivers, given, type ParamsOf } from './check-params.ts';
export { PROBLEM_KINDS, type ProblemCode, type ProblemKind } from './codes.ts';
export { defineScenario, parameter, type ScenarioInput } from './define.ts';
export type { ReadFile } from './files.ts';
export { type FormatOptions, formatProblem, formatProblems } from './format-problem.ts';
export { type JsonSchema, scenarioJsonSchema } from './json-schema.ts';
export { type LoadOptions, type LoadResult, loadScenario } from './load.ts';
export type { Problem } from './problems.ts';
export { scenarioReferenceMarkdown } from './reference.ts';
export { formatBytes, formatDuration } from './unit-format.ts';
