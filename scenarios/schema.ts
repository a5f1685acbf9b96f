/**
 * The scenario format, version 1, as one Zod schema: its input is what YAML and TypeScript scenarios
 * hold, its output are the sections of model/scenario.ts. Unknown keys are errors everywhere.
 */
import { z } from 'zod';
import { faultsSchema, maintenanceSchema } from './schema/faults.ts';
import { name, positiveDuration, text, whole } from './schema/fields.ts';
import { liveSchema } from './schema/live.ts';
import { objectivesSchema } from './schema/objectives.ts';
import { parametersSchema } from './schema/parameters.ts';
import { profilesSchema } from './schema/profiles.ts';
import { siteSchema } from './schema/site.ts';
import { stackSchema } from './schema/stack.ts';
import { workloadSchema } from './schema/workload.ts';

const includePath = text(1_024).min(1);

export const scenarioSchema = z.strictObject({
  version: z.literal(1).describe('Version of the format.'),
  name: name().describe('Name of the scenario.'),
  description: text().default('').describe('What it is about.'),
  seed: whole(0, Number.MAX_SAFE_INTEGER).default(1).describe('Seed of all randomness.'),
  duration: positiveDuration().prefault('1d').describe('How long a run lasts.'),
  profile: name().default('datacenter').describe('Timing profile: built-in or of `profiles`.'),
  profiles: profilesSchema.default({}).describe('Timing profiles of this scenario.'),
  parameters: parametersSchema
    .default({})
    .describe('Values that `--set KEY=VALUE` fills in where they are referred to.'),
  include: z
    .union([includePath, z.array(includePath).max(64)])
    .optional()
    .describe('YAML files merged in before this one, relative to it.'),
  site: siteSchema.describe('Racks and machines.'),
  stack: stackSchema.prefault({}).describe('What runs where.'),
  workload: workloadSchema.prefault({}).describe('What is asked of the stack.'),
  faults: faultsSchema.prefault({}).describe('What breaks.'),
  maintenance: maintenanceSchema.max(1_000).default([]).describe('Planned work.'),
  objectives: objectivesSchema.prefault({}).describe('What a run must achieve, by name.'),
  live: liveSchema.prefault({}).describe('Real systems that `strata apply` drives, by driver.'),
});

/** A scenario as it is written, in YAML or for `defineScenario`. */
export type ScenarioInput = z.input<typeof scenarioSchema>;

/** The sections, resolved; those that could not be read are absent. */
export type Sections = Partial<z.output<typeof scenarioSchema>>;
export type SectionName = keyof typeof scenarioSchema.shape;
export const SECTION_NAMES = Object.keys(scenarioSchema.shape) as readonly SectionName[];
