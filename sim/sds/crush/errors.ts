/** Why a CRUSH map, a rule or a placement request was refused. */
export type CrushErrorCode =
  | 'CRUSH_BAD_MAP'
  | 'CRUSH_BAD_REQUEST'
  | 'CRUSH_CYCLE'
  | 'CRUSH_UNKNOWN_BUCKET'
  | 'CRUSH_UNKNOWN_CLASS'
  | 'CRUSH_UNKNOWN_POOL'
  | 'CRUSH_UNKNOWN_RULE'
  | 'CRUSH_UNKNOWN_TYPE'
  | 'CRUSH_UNSUPPORTED';

export class CrushError extends Error {
  readonly code: CrushErrorCode;

  constructor(code: CrushErrorCode, message: string) {
    super(message);
    this.name = 'CrushError';
    this.code = code;
  }
}
