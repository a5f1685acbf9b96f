import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LastingConnection } from '../../backends/lasting-connection.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

/** A connection that ends when it is told to. */
class Line {
  lose!: () => void;
  readonly ended = new Promise<void>((resolve) => {
    this.lose = resolve;
  });
}

function lasting(open: (signal: AbortSignal) => Promise<Line>) {
  return new LastingConnection<Line>({
    open,
    ended: (line) => line.ended,
    hangUp: async (line) => line.lose(),
    closed: () => new Error('closed'),
    backoff: { first_s: 1, max_s: 4 },
    random: () => 1,
  });
}

const pass_s = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe('a connection that lasts', () => {
  it('is made once, and again when it was lost', async () => {
    const lines: Line[] = [];
    const connection = lasting(async () => {
      lines.push(new Line());
      return lines[lines.length - 1];
    });
    expect(lines).toHaveLength(0);
    const [one, same] = [connection.get(), connection.get()];
    await pass_s(0);
    expect(await one).toBe(await same);
    lines[0].lose();
    await pass_s(10);
    expect(await connection.get()).toBe(lines[1]);
    await connection.close();
    await lines[1].ended;
  });

  it('waits longer after each attempt that failed; who asks gets the fault of the next', async () => {
    const at: number[] = [];
    const began = Date.now();
    const connection = lasting(async () => {
      at.push((Date.now() - began) / 1000);
      if (at.length < 4) throw new Error(`attempt ${at.length}`);
      return new Line();
    });
    const first = expect(connection.get()).rejects.toThrow('attempt 1');
    await pass_s(0);
    await first;
    const next = expect(connection.get()).rejects.toThrow('attempt 2');
    await pass_s(20);
    await next;
    const waits = at.slice(1).map((time, i) => time - at[i]);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(Math.max(...waits)).toBeLessThanOrEqual(4);
    expect(await connection.get()).toBeInstanceOf(Line);
    await connection.close();
  });

  it('lets who gives up go, and goes on for the others', async () => {
    let opened!: (line: Line) => void;
    const connection = lasting(
      () =>
        new Promise((resolve) => {
          opened = resolve;
        }),
    );
    const patient = connection.get();
    const abort = new AbortController();
    const hasty = expect(connection.get(abort.signal)).rejects.toThrow('closed');
    await pass_s(0);
    abort.abort();
    await hasty;
    const line = new Line();
    opened(line);
    expect(await patient).toBe(line);
    await connection.close();
  });

  it('that is closed hangs up, even what is only being made, and lets nobody in', async () => {
    const line = new Line();
    let heard = false;
    const connection = lasting(async (signal) => {
      signal.addEventListener('abort', () => {
        heard = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return line;
    });
    const asked = connection.get();
    await pass_s(1);
    const closed = connection.close();
    await pass_s(5);
    await closed;
    expect(heard).toBe(true);
    expect(await asked).toBe(line);
    await line.ended;
    await expect(connection.get()).rejects.toThrow('closed');
    await connection.close();
  });

  it('and does not try again while it waits to', async () => {
    let attempts = 0;
    const connection = lasting(async () => {
      attempts++;
      throw new Error('nobody');
    });
    const asked = expect(connection.get()).rejects.toThrow('nobody');
    await pass_s(0);
    await asked;
    await connection.close();
    await pass_s(100);
    expect(attempts).toBe(1);
  });
});
