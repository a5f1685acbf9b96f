import type { LabReport } from './report.ts';

/**
 * One real system that the lab can run. A system brings what is its own (packages, things to
 * build, how its daemons start); installing, remembering, stopping and reporting are shared.
 *
 * The rule that makes stopping exact: every process a system starts runs in mount namespaces of
 * the system's own, and `start` hands each daemon to `LabRun.daemon`, so that what is in those
 * namespaces is the system's, and nothing else is.
 */
export interface LabSystem {
  /** As in `npm run lab:up NAME`, and the folder's name. */
  readonly name: string;
  /** One line for `lab:status`. */
  readonly describes: string;
  /** Debian packages to install. */
  readonly packages: readonly string[];
  /** Builds what can be kept between runs. Called each time; quick when it is there already. */
  prepare(report: LabReport): Promise<void>;
  /** Starts the daemons and returns when they serve. */
  start(run: LabRun): Promise<void>;
  /** Whether the system answers now; a reason when it does not. */
  probe(): Promise<Probe>;
  /** Takes away what ended processes leave behind, such as cgroups; after the last has ended. */
  cleanUp?(): Promise<void>;
  /** What a user needs to reach it, such as a URI; shown by `lab:up` and `lab:status`. */
  endpoint(): Readonly<Record<string, string>>;
  /** A command that tries it. */
  example(): string;
}

export type Probe =
  | { readonly ok: true; readonly says: string }
  | { readonly ok: false; readonly why: string };

/** What `start` is given: the way to start daemons that `lab:down` will find again. */
export interface LabRun {
  readonly report: LabReport;
  /**
   * Starts a daemon that outlives this program; its output goes to `log/NAME.log` in the system's
   * folder. `command` sets the daemon's namespaces up and then replaces itself by `becomes` (by
   * `exec`: the pid stays), which must stay in the foreground. Returns the pid once it has.
   */
  daemon(name: string, becomes: string, command: readonly string[]): Promise<number>;
}
