/** `parameters`: what `--set` may fill in. */
import { z } from 'zod';
import { named, text } from './fields.ts';

export const PARAMETER_TYPES = [
  'number',
  'integer',
  'string',
  'boolean',
  'path',
  'duration',
  'bytes',
  'rate',
  'power',
  'ratio',
] as const;

export type ParameterType = (typeof PARAMETER_TYPES)[number];

const value = z.union([z.string().max(4_096), z.number(), z.boolean()]);

export const parameterSchema = z.strictObject({
  type: z
    .enum(PARAMETER_TYPES)
    .optional()
    .describe('Type of its value. Default: that of `default`, else `string`.'),
  default: value.optional().describe('Value unless `--set` gives one.'),
  required: z.boolean().default(false).describe('`--set` must give a value.'),
  min: z.number().optional().describe('Least value of a number.'),
  max: z.number().optional().describe('Greatest value of a number.'),
  choices: z.array(value).min(1).max(1_000).optional().describe('The only legal values.'),
  description: text().default('').describe('What it is for.'),
});

export const parametersSchema = named(parameterSchema);

export type ParameterDeclaration = z.output<typeof parameterSchema>;
