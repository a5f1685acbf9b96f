/**
 * Standard normal variates by the ziggurat method: exact, and in 98.8 % of all draws one
 * multiplication and one comparison. Marsaglia and Tsang, "The Ziggurat Method for Generating Random
 * Variables", 2000, in the form of Doornik, "An Improved Ziggurat Method to Generate Normal Random
 * Samples", 2005: the layer and the place within it come from different random bits.
 */
import type { Stream } from './random.ts';

const LAYERS = 128;
/** Where the tail begins, and the area of each layer (Doornik, table 1). */
const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

const density = (x: number) => Math.exp(-0.5 * x * x);

/** Right ends of the layers, from the base upward, and each one's ratio to the next. */
const ENDS = ends();
const RATIOS = Float64Array.from({ length: LAYERS }, (_, i) => ENDS[i + 1] / ENDS[i]);

function ends(): Float64Array {
  const x = new Float64Array(LAYERS + 1);
  let f = density(TAIL);
  x[0] = AREA / f;
  x[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    x[i] = Math.sqrt(-2 * Math.log(AREA / x[i - 1] + f));
    f = density(x[i]);
  }
  x[LAYERS] = 0;
  return x;
}

/** Draws one value of mean 0 and variance 1. */
export function standardNormal(stream: Stream): number {
  for (;;) {
    const u = 2 * stream.next() - 1;
    const layer = stream.spare7();
    if (Math.abs(u) < RATIOS[layer]) return u * ENDS[layer];
    if (layer === 0) return tail(stream, u < 0);
    const x = u * ENDS[layer];
    const below = density(ENDS[layer]);
    if (below + stream.next() * (density(ENDS[layer + 1]) - below) < density(x)) return x;
  }
}

/** A value beyond the base: Marsaglia, "Generating a variable from the tail of the normal", 1964. */
function tail(stream: Stream, isNegative: boolean): number {
  for (;;) {
    const x = -Math.log(1 - stream.next()) / TAIL;
    const y = -Math.log(1 - stream.next());
    if (2 * y >= x * x) return isNegative ? -TAIL - x : TAIL + x;
  }
}
