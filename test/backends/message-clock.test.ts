import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MessageClock } from '../../backends/message-clock.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('ends what does not end, counted from its beginning and not from its last bytes', () => {
  const ended: number[] = [];
  const clock = new MessageClock(10, (limit_s) => ended.push(limit_s));
  for (let i = 0; i < 9; i++) {
    clock.follow(true);
    vi.advanceTimersByTime(1_000);
  }
  clock.follow(true);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(ended).toEqual([10]);
});

it('never ends a message that is whole in time', () => {
  const message = fc.integer({ min: 1, max: 9_999 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), fc.boolean(), (messages_ms, pauses) => {
      const tooSlow = vi.fn();
      const clock = new MessageClock(10, tooSlow);
      for (const duration_ms of messages_ms) {
        clock.follow(true);
        vi.advanceTimersByTime(duration_ms);
        clock.stop();
        if (pauses) vi.advanceTimersByTime(60_000);
      }
      clock.follow(false);
      vi.advanceTimersByTime(60_000);
      expect(tooSlow).not.toHaveBeenCalled();
    }),
  );
});
