/** Turns any error into text for people and an exit code. */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Interrupted } from './interrupt.ts';

export interface Explained {
  readonly text: string;
  readonly code: ExitCode;
}

interface Coded {
  readonly code: string;
  readonly message: string;
  readonly advice?: string;
}

/** Errors of the operating system that a wrong path or a missing right causes: what, and what to do. */
const FILE_ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['no such file or folder', 'look at the path'],
  EACCES: ['permission denied', 'use a path that you may read and write'],
  EPERM: ['not permitted', 'use a path that you may read and write'],
  EISDIR: ['is a folder, not a file', 'name a file, such as one in it'],
  ENOTDIR: ['a part of the path is no folder', 'look at the path'],
  ENAMETOOLONG: ['the name is too long', 'use a shorter one'],
  EROFS: ['the file system is read-only', 'write somewhere else'],
  ENOSPC: ['no space is left on the device', 'make room, or write somewhere else'],
  EDQUOT: ['the disk quota is used up', 'make room, or write somewhere else'],
  EFBIG: ['the file became larger than it may be', 'raise the limit (ulimit -f), or record less'],
  EIO: ['the device reports an input or output error', 'look at the disk, or use another'],
  EADDRINUSE: ['the port is in use', 'give another one'],
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
  if (error instanceof Interrupted) {
    const advice = error.advice === '' ? '' : `\n  ${error.advice}`;
    return { text: `interrupted: ${error.message}${advice}`, code: EXIT.interrupted };
  }
  if (isCoded(error)) {
    const reason = FILE_ERRORS[error.code];
    const path = (error as { path?: string }).path;
    if (reason) {
      const [what, advice] = reason;
      const place = path === undefined ? '' : `${path}: `;
      return { text: `error ${error.code}: ${place}${what}\n  ${advice}`, code: EXIT.badInput };
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
  return { text: internalText(error), code: EXIT.internal };
}

/** Where it happened is of use to us alone: it is told when asked for. */
function internalText(error: unknown): string {
  if (!(error instanceof Error)) return `internal error: ${String(error)}`;
  if (process.env.STRATA_DEBUG) return `internal error: ${error.stack}`;
  return [
    `internal error: ${error.name}: ${error.message}`,
    '  This is a mistake of Strata. Please report it with the command and what it prints when',
    '  STRATA_DEBUG=1 is set.',
  ].join('\n');
}

function isCoded(error: unknown): error is Coded {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string';
}
