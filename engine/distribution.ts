/** Sampling of the distributions that timing profiles and workloads are written in. */
import type { Distribution } from '../model/scenario.ts';
import { standardNormal } from './normal.ts';
import type { Stream } from './random.ts';

/** Every parameter that a distribution may have, in the order that all of them are laid out in. */
const PARAMETERS = {
  type: '',
  value: 0,
  min: 0,
  max: 0,
  mean: 0,
  median: 0,
  sigma: 0,
  scale: 0,
  shape: 0,
  values: undefined,
};

/**
 * The same distribution as an object of the one layout that all of them share, for where many are
 * sampled in one place: reading a parameter is a look-up when objects are laid out in several ways.
 */
export function laidOut(d: Distribution): Distribution {
  return { ...PARAMETERS, ...d } as Distribution;
}

/** Draws one value; never negative, so that it can be a duration in seconds. */
export function sample(d: Distribution, stream: Stream): number {
  switch (d.type) {
    case 'constant':
      return d.value;
    case 'uniform':
      return d.min + (d.max - d.min) * stream.next();
    case 'exponential':
      return stream.exponential(d.mean);
    case 'lognormal':
      return d.median * Math.exp(d.sigma * standardNormal(stream));
    case 'weibull':
      return d.scale * (-Math.log(1 - stream.next())) ** (1 / d.shape);
    case 'gamma':
      return d.scale * standardGamma(d.shape, stream);
    case 'empirical':
      return empirical(d.values, stream.next());
  }
}

/** The mean of a distribution, in closed form. Used for capacity estimates and by tests. */
export function mean(d: Distribution): number {
  switch (d.type) {
    case 'constant':
      return d.value;
    case 'uniform':
      return (d.min + d.max) / 2;
    case 'exponential':
      return d.mean;
    case 'lognormal':
      return d.median * Math.exp((d.sigma * d.sigma) / 2);
    case 'weibull':
      return d.scale * gammaFunction(1 + 1 / d.shape);
    case 'gamma':
      return d.shape * d.scale;
    case 'empirical':
      return empiricalMean(d.values);
  }
}

/** Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
function standardGamma(shape: number, stream: Stream): number {
  if (shape < 1) {
    const boost = (1 - stream.next()) ** (1 / shape);
    return standardGamma(shape + 1, stream) * boost;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = standardNormal(stream);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - stream.next();
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

function empirical(values: readonly number[], u: number): number {
  const position = u * (values.length - 1);
  const index = Math.floor(position);
  const low = values[index];
  return index + 1 < values.length ? low + (values[index + 1] - low) * (position - index) : low;
}

function empiricalMean(values: readonly number[]): number {
  if (values.length === 1) return values[0];
  let sum = 0;
  for (let i = 0; i + 1 < values.length; i++) sum += (values[i] + values[i + 1]) / 2;
  return sum / (values.length - 1);
}

/** Lanczos approximation, g = 7 (relative error below 1e-13 for x > 0.5). */
function gammaFunction(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
    -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
    1.5056327351493116e-7,
  ];
  const t = x + 6.5;
  let sum = c[0];
  for (let i = 1; i < c.length; i++) sum += c[i] / (x - 1 + i);
  return Math.sqrt(2 * Math.PI) * t ** (x - 0.5) * Math.exp(-t) * sum;
}
