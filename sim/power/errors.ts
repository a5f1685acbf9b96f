/** Why a power meter was refused or a reading could not be taken. */
export type PowerErrorCode = 'POWER_BAD_HOST' | 'POWER_BAD_MODEL' | 'POWER_TIME_BACKWARDS';

export class PowerError extends Error {
  readonly code: PowerErrorCode;

  constructor(code: PowerErrorCode, message: string) {
    super(message);
    this.name = 'PowerError';
    this.code = code;
  }
}
