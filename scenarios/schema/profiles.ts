/** `profiles`: timings that replace those of a built-in profile. */
import { z } from 'zod';
import { durations, name, named, ratio } from './fields.ts';

/** Profiles that exist without being defined. */
export const BUILT_IN_PROFILES = ['lab', 'datacenter'] as const;

const profile = z.strictObject({
  extends: name().default('datacenter').describe('Profile that it changes.'),
  timings: named(durations())
    .default({})
    .describe('Durations by `KIND.VERB` or `KIND.DELAY`, such as `machine.deploy`.'),
  fault_ratio: named(ratio())
    .default({})
    .describe('Probability that a verb fails, by `KIND.VERB`.'),
});

export const profilesSchema = named(profile);
