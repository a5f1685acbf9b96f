/**
 * Every code a scenario problem can carry. Codes are stable: programs may match on them. `error`
 * means that the scenario cannot run; `warning` that it can, as it could on the real systems, but is
 * probably not what was meant.
 */
export interface ProblemKind {
  readonly severity: 'error' | 'warning';
  /** What the code means, for the reference page. */
  readonly meaning: string;
  /** What to do about it. */
  readonly advice: string;
}

const error = (meaning: string, advice: string): ProblemKind => ({
  severity: 'error',
  meaning,
  advice,
});
const warning = (meaning: string, advice: string): ProblemKind => ({
  severity: 'warning',
  meaning,
  advice,
});

export const PROBLEM_KINDS = {
  // files
  SCENARIO_FILE: error('A file cannot be read.', 'Check the path and its permissions.'),
  SCENARIO_FILE_TYPE: error(
    'A file is no scenario by its name.',
    'Use .yaml or .yml, or .ts, .mts, .js or .mjs for a TypeScript scenario.',
  ),
  SCENARIO_FILE_TOO_LARGE: error('A file is larger than 1 MiB.', 'Split it with include.'),
  SCENARIO_NOT_UTF8: error('A file is not UTF-8 text.', 'Save it as UTF-8.'),
  SCENARIO_EMPTY: error('A file holds nothing.', 'Start with version: 1 and name.'),
  SCENARIO_MODULE: error(
    'A TypeScript or JavaScript scenario cannot be loaded.',
    'Its default export must be defineScenario({ ... }) and importing it must not fail.',
  ),
  // YAML
  SCENARIO_YAML_SYNTAX: error('The YAML is malformed.', 'Correct the place shown.'),
  SCENARIO_YAML_FEATURE: error(
    'A feature of YAML that scenarios do not use: tags, directives, several documents.',
    'Remove it.',
  ),
  SCENARIO_DUPLICATE_KEY: error('A key stands twice in one mapping.', 'Remove one of them.'),
  SCENARIO_BAD_KEY: error(
    'A key is not a name.',
    'Names start with a letter and hold letters, digits, dots, dashes and underscores (at most 63).',
  ),
  SCENARIO_TOO_MANY_NODES: error(
    'A scenario has too many values or is nested too deeply, for example by aliases.',
    'Use counts instead of repetition.',
  ),
  // include
  SCENARIO_INCLUDE: error(
    'An include is not a relative path of a YAML file.',
    'Write a path relative to the file that includes, such as flavors.yaml.',
  ),
  SCENARIO_INCLUDE_CYCLE: error('Files include each other in a circle.', 'Remove one include.'),
  SCENARIO_INCLUDE_LIMIT: error(
    'More than 64 files, or more than 16 levels of include.',
    'Join some of the files.',
  ),
  // parameters
  SCENARIO_UNKNOWN_PARAMETER: error(
    'A parameter that the scenario does not declare, in --set or in a reference.',
    'Declare it under parameters, or correct its name.',
  ),
  SCENARIO_PARAMETER_REQUIRED: error('A required parameter has no value.', 'Give it by --set.'),
  SCENARIO_BAD_PARAMETER: error(
    'The value or the declaration of a parameter is not legal.',
    'Give a value of the declared type, within its limits.',
  ),
  SCENARIO_BAD_OVERRIDE: error(
    'What --sweep names is no parameter, and as a path it is malformed or leads nowhere.',
    'Name a declared parameter, or write a path as problems show it: site.racks[0].machines.compute.',
  ),
  // shape
  SCENARIO_UNKNOWN_KEY: error('A key that the format does not have.', 'Correct or remove it.'),
  SCENARIO_MISSING_KEY: error('A required key is missing.', 'Add it.'),
  SCENARIO_WRONG_TYPE: error('A value of the wrong type.', 'Write what is expected.'),
  SCENARIO_BAD_UNIT: error(
    'A value without its unit, or with one of another quantity.',
    'Write the number with its unit.',
  ),
  SCENARIO_BAD_DISTRIBUTION: error(
    'A distribution that is not well formed.',
    'Write a plain value, or one distribution with its figures.',
  ),
  SCENARIO_BAD_CHOICE: error('A value that is none of the choices.', 'Use one of the choices.'),
  SCENARIO_OUT_OF_RANGE: error('A value outside its limits.', 'Use a value within the limits.'),
  SCENARIO_BAD_FORMAT: error('A text of the wrong form.', 'Follow the example.'),
  // meaning
  SCENARIO_UNKNOWN_NAME: error(
    'A name that is defined nowhere: a flavor, rule, project, cluster and so on.',
    'Define it, or correct its name.',
  ),
  SCENARIO_MISSING_SECTION: error(
    'Something needs a section of the stack that the scenario does not have.',
    'Add the section.',
  ),
  SCENARIO_DUPLICATE_NAME: error(
    'Two racks or two machines have the same name.',
    'Rename one of them.',
  ),
  SCENARIO_TOO_FEW_MACHINES: error(
    'A role needs more machines than its flavors have.',
    'Add machines or flavors, or ask for fewer.',
  ),
  SCENARIO_TOO_LARGE: error(
    'The scenario would hold more entities or events than a run can hold.',
    'Use smaller counts, a lower rate or a shorter duration.',
  ),
  SCENARIO_CONTRADICTION: error(
    'Two values contradict each other.',
    'Change one of them; the message names both.',
  ),
  // legal but suspicious
  SCENARIO_EVEN_MONS: warning(
    'An even number of monitors tolerates no more failures than one fewer.',
    'Use an odd number.',
  ),
  SCENARIO_PG_NUM: warning(
    'pg_num is no power of two, so placement groups differ in size.',
    'Use a power of two.',
  ),
  SCENARIO_POOL_SURVIVAL: warning(
    'A pool is meant to survive the loss of a failure domain that its CRUSH rule does not separate.',
    'Use a rule with that failure domain. A property check shows what a loss would do.',
  ),
  SCENARIO_POOL_PLACEMENT: warning(
    'A pool needs more failure domains or disks than there are, so its groups stay undersized.',
    'Add racks, hosts or disks, or lower the size.',
  ),
  SCENARIO_OVER_CAPACITY: warning(
    'More is asked for than there is: storage, power, quota or the size of a host.',
    'Add capacity or ask for less; requests beyond it fail as they do on the real systems.',
  ),
  SCENARIO_ROLE: warning(
    'A role that does nothing as it is placed, or a part without the role that serves it.',
    'Place the roles together as the message says.',
  ),
  SCENARIO_NEVER: warning(
    'Something is scheduled after the end of the run.',
    'Move it, or make the run longer.',
  ),
} as const satisfies Readonly<Record<string, ProblemKind>>;

export type ProblemCode = keyof typeof PROBLEM_KINDS;
