/**
 * Plays a trace: which CPU demand each task, and so each host, has from moment to moment.
 *
 * Pure bookkeeping without a clock. The caller starts a task on a host, schedules a callback after
 * the delay it gets, calls `advance` then, and so on until TRACE_ENDED. Nothing is allocated after
 * construction. A task is never slowed down by a host that is too busy: what does not fit is the
 * business of the power meter (demand above capacity), as in OpenDC's default policy.
 */
import { TraceError } from './errors.ts';
import type { Trace } from './trace.ts';

/** Returned instead of a delay when a task has played its last fragment. */
export const TRACE_ENDED = -1;

const NOWHERE = -1;

export interface PlaybackOptions {
  /**
   * Play successive fragments of equal demand as one (default: true). The demand over time is the
   * same with fewer callbacks: half of them in the SURF trace.
   */
  readonly mergeEqual?: boolean;
}

export class TracePlayback {
  readonly trace: Trace;
  /** Demand of each task now; 0 while it is not running. */
  readonly demand_mhz: Float64Array;
  /** Demand of all running tasks of each host now. */
  readonly hostDemand_mhz: Float64Array;
  /** How many tasks run on each host now. */
  readonly hostTasks: Int32Array;
  /** Host that each task runs on, -1 while it runs nowhere. */
  readonly hostOf: Int32Array;
  /** Fragment that each running task comes to next. */
  private readonly cursor: Int32Array;
  private readonly mergeEqual: boolean;

  /** @param hostCount hosts are numbered 0 to hostCount - 1 */
  constructor(trace: Trace, hostCount: number, options: PlaybackOptions = {}) {
    const taskCount = trace.tasks.id.length;
    this.trace = trace;
    this.demand_mhz = new Float64Array(taskCount);
    this.hostDemand_mhz = new Float64Array(hostCount);
    this.hostTasks = new Int32Array(hostCount);
    this.hostOf = new Int32Array(taskCount).fill(NOWHERE);
    this.cursor = new Int32Array(taskCount);
    this.mergeEqual = options.mergeEqual ?? true;
  }

  /**
   * Starts a task on a host, from its first fragment (also when it ran and was stopped before).
   *
   * @returns seconds until `advance` is due, or TRACE_ENDED if all its fragments are empty
   * @throws {TraceError} TRACE_PLAYBACK: no such task or host, or the task runs already
   */
  start(task: number, host: number): number {
    if (!(task >= 0 && task < this.hostOf.length)) {
      throw new TraceError(
        'TRACE_PLAYBACK',
        `no task ${task}: the trace has ${this.hostOf.length}`,
      );
    }
    this.requireHost(host);
    if (this.hostOf[task] !== NOWHERE) {
      throw new TraceError(
        'TRACE_PLAYBACK',
        `task ${task} runs on host ${this.hostOf[task]}; stop it before starting it again`,
      );
    }
    this.hostOf[task] = host;
    this.hostTasks[host]++;
    this.cursor[task] = this.trace.fragments.taskStart[task];
    return this.advance(task);
  }

  /**
   * Goes on to the task's next fragment: its demand and its host's are changed at once. After the
   * last one the task has left its host.
   *
   * @returns seconds until the next call is due, or TRACE_ENDED
   * @throws {TraceError} TRACE_PLAYBACK: the task is not running
   */
  advance(task: number): number {
    const { duration_s, cpu_usage_mhz, taskStart } = this.trace.fragments;
    const host = this.requireRunning(task);
    const end = taskStart[task + 1];
    let next = this.cursor[task];
    while (next < end && duration_s[next] === 0) next++;
    if (next === end) {
      this.stop(task);
      return TRACE_ENDED;
    }
    const demand = cpu_usage_mhz[next];
    let delay = duration_s[next++];
    if (this.mergeEqual) {
      while (next < end && cpu_usage_mhz[next] === demand) delay += duration_s[next++];
    }
    this.cursor[task] = next;
    this.hostDemand_mhz[host] += demand - this.demand_mhz[task];
    this.demand_mhz[task] = demand;
    return delay;
  }

  /**
   * Takes a task off its host, at its end or before. A callback that is still scheduled for it
   * must be cancelled.
   *
   * @throws {TraceError} TRACE_PLAYBACK: the task is not running
   */
  stop(task: number): void {
    const host = this.requireRunning(task);
    this.leave(task, host);
    this.demand_mhz[task] = 0;
    this.hostOf[task] = NOWHERE;
  }

  /**
   * Moves a running task to another host in the middle of a fragment; what is scheduled stays.
   *
   * @throws {TraceError} TRACE_PLAYBACK: the task is not running, or no such host
   */
  move(task: number, host: number): void {
    const from = this.requireRunning(task);
    this.requireHost(host);
    this.leave(task, from);
    this.hostTasks[host]++;
    this.hostDemand_mhz[host] += this.demand_mhz[task];
    this.hostOf[task] = host;
  }

  private leave(task: number, host: number): void {
    this.hostTasks[host]--;
    // An empty host has no demand at all, whatever rounding its sum has collected.
    if (this.hostTasks[host] === 0) this.hostDemand_mhz[host] = 0;
    else this.hostDemand_mhz[host] -= this.demand_mhz[task];
  }

  private requireHost(host: number): void {
    if (host >= 0 && host < this.hostTasks.length) return;
    throw new TraceError('TRACE_PLAYBACK', `no host ${host}: there are ${this.hostTasks.length}`);
  }

  private requireRunning(task: number): number {
    const host = this.hostOf[task] ?? NOWHERE;
    if (host !== NOWHERE) return host;
    throw new TraceError('TRACE_PLAYBACK', `task ${task} is not running; start it first`);
  }
}
