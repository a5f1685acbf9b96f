/**
 * Wakes when something changes. The all-watcher says that something did (Client.WatchAll, then
 * AllWatcher.Next); what it is now is asked by FullStatus, since only that knows which agents are
 * lost and how relations are. Where a controller has no all-watcher, there is only the asking.
 */
import { FaultError } from '../fault.ts';
import { Poller, type PollPlan, pause_s } from '../poller.ts';
import type { Controller } from './controller.ts';
import type { View } from './view.ts';

export interface WatchPlan {
  /** Looks this often where there is no all-watcher, seconds. */
  readonly poll_s: number;
  /** Looks this often besides, for what the all-watcher does not tell: presence. */
  readonly presence_s: number;
  /** Changes within this time are looked at together. */
  readonly settle_s: number;
  readonly failed: PollPlan['failed'];
}

export const WATCH_PLAN: WatchPlan = {
  poll_s: 2,
  presence_s: 10,
  settle_s: 0.1,
  failed: { first_s: 0.5, max_s: 30 },
};

interface AllWatcher {
  /** Resolves when something has changed since the last time. */
  changed(): Promise<void>;
  stop(): void;
}

export class Watcher {
  readonly #controller: Controller;
  readonly #view: View;
  readonly #plan: WatchPlan;
  readonly #poller: Poller;
  /** `none`: this controller has no all-watcher. */
  #all: AllWatcher | 'none' | undefined;
  #stop = new AbortController();

  constructor(controller: Controller, view: View, plan: WatchPlan) {
    this.#controller = controller;
    this.#view = view;
    this.#plan = plan;
    const { failed, settle_s } = plan;
    this.#poller = new Poller((signal) => this.#look(signal), { every_s: settle_s, failed });
  }

  start(): void {
    if (this.#stop.signal.aborted) this.#stop = new AbortController();
    this.#poller.start();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    if (this.#all !== 'none') this.#all?.stop();
    this.#all = undefined;
    await this.#poller.stop();
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      if (this.#all) await this.#wake(this.#all, signal);
      else this.#all = await this.#watchAll(this.#stop.signal);
      if (signal.aborted) return;
      await this.#view.read();
      // Without a model there is nothing to watch; it may come.
      if (!this.#all) await pause_s(this.#plan.poll_s, signal);
    } catch (thrown) {
      this.#all = undefined;
      throw thrown;
    }
  }

  async #wake(all: AllWatcher | 'none', signal: AbortSignal): Promise<void> {
    const { poll_s, presence_s } = this.#plan;
    if (all === 'none') return pause_s(poll_s, signal);
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      await Promise.race([all.changed(), pause_s(presence_s, either)]);
    } finally {
      over.abort();
    }
  }

  async #watchAll(signal: AbortSignal): Promise<AllWatcher | 'none' | undefined> {
    try {
      const session = await this.#controller.model();
      if (!(await session.has('AllWatcher'))) return 'none';
      const client = await session.facade('Client', { about: 'watch the model', signal });
      const { 'watcher-id': id } = await client.watchAll({});
      const call = { about: 'changes of the model', signal, answer_s: Number.POSITIVE_INFINITY };
      const facade = await session.facade('AllWatcher', call);
      const stopping = await session.facade('AllWatcher', { about: 'stop watching' });
      let next: Promise<void> | undefined;
      return {
        changed: () => {
          next ??= facade.next({ id }).then(() => {
            next = undefined;
          });
          return next;
        },
        // It ends with its connection in any case.
        stop: () => void stopping.stop({ id }).catch(() => {}),
      };
    } catch (thrown) {
      const code = thrown instanceof FaultError ? thrown.fault.code : '';
      if (code === 'JUJU_UNSUPPORTED') return 'none';
      if (code === 'JUJU_UNKNOWN' || code === 'JUJU_BAD_CONFIG') return undefined;
      throw thrown;
    }
  }
}
