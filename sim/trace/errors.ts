/** Why a workload trace was refused. */
export type TraceErrorCode =
  | 'TRACE_BAD_VALUE'
  | 'TRACE_DUPLICATE_TASK'
  | 'TRACE_EMPTY'
  | 'TRACE_LENGTH_MISMATCH'
  | 'TRACE_MISSING_COLUMN'
  | 'TRACE_NOT_FOUND'
  | 'TRACE_PLAYBACK'
  | 'TRACE_UNKNOWN_TASK'
  | 'TRACE_UNREADABLE'
  | 'TRACE_WRONG_TYPE';

export class TraceError extends Error {
  readonly code: TraceErrorCode;

  constructor(code: TraceErrorCode, message: string) {
    super(message);
    this.name = 'TraceError';
    this.code = code;
  }
}
