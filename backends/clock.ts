/** Time as a live run has it. Tests give a clock of their own. */
export interface LiveClock {
  /** Seconds since the run began; never goes back. */
  now_s(): number;
  /** Calls once, `in_s` seconds from now or a little later; the returned function takes it back. */
  wake(in_s: number, call: () => void): () => void;
}

/** The longest a timer can wait (2^31 - 1 ms); whoever waits longer is woken early and asks again. */
const TIMER_S_MAX = 2_147_483;

/** The machine's own monotonic clock, beginning now. */
export function wallClock(): LiveClock {
  const began_ms = performance.now();
  return {
    now_s: () => (performance.now() - began_ms) / 1000,
    wake(in_s, call) {
      const timer = setTimeout(call, Math.min(in_s, TIMER_S_MAX) * 1000);
      return () => clearTimeout(timer);
    },
  };
}
