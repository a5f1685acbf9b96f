/** Scenarios in TypeScript. */
import type { ScenarioInput } from './schema.ts';

export type { ScenarioInput } from './schema.ts';

/**
 * A scenario in TypeScript, in the same form as YAML: values with units are texts (`'512GiB'`), and
 * the types know keys, choices and units. Make it the module's default export. Nothing is checked
 * here; `loadScenario` does that when it reads the file.
 */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}

/**
 * A reference to a declared parameter, for places whose type is not text: `count: parameter('racks')`.
 * Within texts write `${racks}` itself.
 */
export function parameter<T extends string | number | boolean>(name: string): T {
  return `\${${name}}` as T;
}
