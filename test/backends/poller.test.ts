import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Poller, pause_s } from '../../backends/poller.ts';

const PLAN = { every_s: 10, failed: { first_s: 1, max_s: 4 }, random: () => 0.5 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a poller', () => {
  it('looks at once, and again each time after a look has ended', async () => {
    const at: number[] = [];
    const began = Date.now();
    const poller = new Poller(async () => {
      at.push((Date.now() - began) / 1000);
      await pause_s(2);
    }, PLAN);
    poller.start();
    poller.start();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(at).toEqual([0, 12, 24]);
    await Promise.all([poller.stop(), vi.advanceTimersByTimeAsync(2_000)]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(at).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits longer after each look that failed, until one succeeds', async () => {
    const at: number[] = [];
    const began = Date.now();
    const poller = new Poller(async () => {
      at.push((Date.now() - began) / 1000);
      if (at.length < 5) throw new Error('down');
    }, PLAN);
    poller.start();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(at).toEqual([0, 0.75, 2.25, 5.25, 8.25, 18.25]);
    await poller.stop();
  });

  it('tells the look under way that it is given up, and waits for it', async () => {
    let given = false;
    const poller = new Poller(async (signal) => {
      await pause_s(100, signal);
      given = signal.aborted;
    }, PLAN);
    poller.start();
    await vi.advanceTimersByTimeAsync(1);
    await poller.stop();
    expect(given).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never looks twice at a time, however it is stopped and started', async () => {
    let looking = 0;
    let most = 0;
    const poller = new Poller(async () => {
      most = Math.max(most, ++looking);
      await pause_s(3); // deaf to the signal
      looking--;
    }, PLAN);
    for (let i = 0; i < 20; i++) {
      poller.start();
      await vi.advanceTimersByTimeAsync(500);
      void poller.stop();
      await vi.advanceTimersByTimeAsync(i % 3 === 0 ? 0 : 100);
    }
    poller.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(most).toBe(1);
    await Promise.all([poller.stop(), vi.advanceTimersByTimeAsync(5_000)]);
    expect(looking).toBe(0);
  });
});

describe('a pause', () => {
  it('ends at its time, or when it is given up, and leaves no timer', async () => {
    const abort = new AbortController();
    const ended: string[] = [];
    void pause_s(5, abort.signal).then(() => ended.push('long'));
    void pause_s(1, abort.signal).then(() => ended.push('short'));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual(['short']);
    abort.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual(['short', 'long']);
    await pause_s(5, abort.signal);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of more than a timer holds does not end at once', async () => {
    let isOver = false;
    const abort = new AbortController();
    void pause_s(Number.POSITIVE_INFINITY, abort.signal).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(100_000);
    expect(isOver).toBe(false);
    abort.abort();
  });
});
