import { StrataError } from '../../engine/errors.ts';

/** What can go wrong in the tools on recordings, by code. The reference of errors is made of it. */
export const TOOL_ERRORS = {
  WHY_UNKNOWN_ENTITY: 'No entity of the recording has this name.',
  WHY_AMBIGUOUS_ENTITY: 'Entities of several kinds have this name.',
  WHY_BAD_TIME: 'The part after @ is not a time.',
  WHY_NOT_YET: 'The entity did not exist yet at this time.',
  FILE_TOO_LARGE: 'A recording is larger than one process can hold in memory.',
} as const;

export type ToolErrorCode = keyof typeof TOOL_ERRORS;

export function toolError(code: ToolErrorCode, message: string, advice: string): StrataError {
  return new StrataError(code, message, advice);
}
