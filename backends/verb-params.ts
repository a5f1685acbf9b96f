import type { z } from 'zod';

/**
 * What a driver's verbs are given beside the name of their entity, by kind and verb. A verb that takes
 * nothing is not named. The driver reads its parameters with these very schemas, scenarios are held
 * against them before anything is done, and the reference is made from them: every field says what it
 * is by `describe`.
 */
export type VerbParams = Readonly<Record<string, Readonly<Record<string, z.ZodObject>>>>;
