import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { untilSettled } from '../../backends/await-state.ts';
import { faultsOf, unavailable } from '../../backends/fault-table.ts';
import type { Observation } from '../../engine/contract.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const seen = (state: string): Observation => ({ kind: 'thing', entity: 'a', state });

function looks(...states: string[]) {
  let count = 0;
  const look = async () => seen(states[Math.min(count++, states.length - 1)]);
  return { look, count: () => count };
}

it('looks at once, then now and then, and returns what it was waiting for', async () => {
  const { look, count } = looks('off', 'booting', 'up');
  const done = untilSettled(look, ({ state }) => state === 'up', 2, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(3_999);
  expect(count()).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(await done).toEqual(seen('up'));
  expect(vi.getTimerCount()).toBe(0);
});

it('ends with whatever a look throws', async () => {
  const failing = async () => {
    throw new Error('lost');
  };
  const { signal } = new AbortController();
  await expect(untilSettled(failing, () => true, 1, signal)).rejects.toThrow('lost');
});

it('tells that the act may have happened when it cannot look any more', async () => {
  const lost = unavailable('nobody answers', 'Look at it.');
  const failing = async () => {
    throw faultsOf({ LOST: lost })('LOST', 'the system');
  };
  const { signal } = new AbortController();
  const done = untilSettled(failing, () => true, 1, signal);
  await expect(done).rejects.toMatchObject({ fault: { code: 'LOST', effect: 'unknown' } });
});

it('ends soon after it is given up, and leaves no timer', async () => {
  const abort = new AbortController();
  const { look, count } = looks('off');
  const done = untilSettled(look, () => false, 60, abort.signal);
  const ended = expect(done).rejects.toThrow('given up');
  await vi.advanceTimersByTimeAsync(1_000);
  abort.abort();
  await ended;
  expect(count()).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not look at all when it was given up before', async () => {
  const { look, count } = looks('up');
  const done = untilSettled(look, () => true, 1, AbortSignal.abort());
  await expect(done).rejects.toThrow('given up');
  expect(count()).toBe(0);
});
