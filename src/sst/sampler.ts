import { DomainError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';

/**
 * How likely each singular vector is to be drawn first: p_i = ½·(1/k + σ_i/Σσ), so that none is out of reach and large ones
 * come more often; uniform when all are zero. A σ that is not finite gives NaN, which `drawDistinct` refuses.
 * @source arXiv 2405.15481, Eq. 16
 */
export function samplingProbabilities(sigma: ArrayLike<number>): Float64Array {
  const k = sigma.length;
  let total = 0;
  for (let i = 0; i < k; i++) total += sigma[i];
  return Float64Array.from({ length: k }, (_, i) => (total === 0 ? 1 / k : (1 / k + sigma[i] / total) / 2));
}

/**
 * r distinct indices, drawn one after another with the given weights, each time among those that are left.
 * @throws DomainError unless 0 <= r <= the number of positive weights, and no weight is negative or not finite
 */
export function drawDistinct(weights: ArrayLike<number>, r: number, rng: Rng): Int32Array {
  const left = Float64Array.from(weights);
  if (left.some((w) => !(w >= 0 && w < Number.POSITIVE_INFINITY)))
    throw new DomainError('drawDistinct', 'weights are finite and >= 0');
  if (!Number.isInteger(r) || r < 0 || r > left.filter((w) => w > 0).length)
    throw new DomainError('drawDistinct', `r is a whole number of at most the positive weights, got ${r}`);
  return Int32Array.from({ length: r }, () => {
    const i = drawOne(left, rng);
    left[i] = 0;
    return i;
  });
}

/** One index with probability proportional to its weight. */
function drawOne(weights: Float64Array, rng: Rng): number {
  let rest = rng.uniform() * weights.reduce((sum, w) => sum + w, 0);
  let last = -1;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return last;
}
