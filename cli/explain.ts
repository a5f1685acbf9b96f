/** Turns any error into text for people and an exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts';

export interface Explained {
  readonly text: string;
  readonly code: ExitCode;
}

interface Coded {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
}

/** Errors of the operating system that a wrong path or a missing right causes. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'permission denied',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'a part of the path is no folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file became larger than it may be',
  EIO: 'the device reports an input or output error',
  EADDRINUSE: 'the port is in use',
};

/** Codes that no input of a user can cause. */
const OUR_MISTAKES = [
  'EVENT_',
  'MODEL_',
  'METRIC_',
  'SIM_',
  'RECORDING_DICTIONARY',
  'RECORDING_TIME_ORDER',
  'RECORDING_CLOSED',
];

export function explain(error: unknown): Explained {
  if (isCoded(error)) {
    const reason = FILE_ERRORS[error.code];
    const path = (error as { path?: string }).path;
    if (reason) {
      const place = path === undefined ? '' : `${path}: `;
      return { text: `error ${error.code}: ${place}${reason}`, code: EXIT.badInput };
    }
    if (/^[A-Z]+(_[A-Z0-9]+)+$/.test(error.code) && !error.code.startsWith('ERR_')) {
      const advice = error.advice ? `\n  ${error.advice}` : '';
      const code = OUR_MISTAKES.some((prefix) => error.code.startsWith(prefix));
      return {
        text: `error ${error.code}: ${error.message}${advice}`,
        code: code ? EXIT.internal : EXIT.badInput,
      };
    }
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    text: `internal error: ${text}\n  Please report this with the command.`,
    code: EXIT.internal,
  };
}

function isCoded(error: unknown): error is Coded {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string';
}
