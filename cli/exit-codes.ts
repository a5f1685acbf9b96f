/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** An objective or an invariant was violated, an operation failed, or two recordings differ. */
  violated: 1,
  /** The command line, a scenario or a file is not usable as it is. */
  badInput: 2,
  /** A mistake of ours. */
  internal: 3,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
