import { DomainError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';

/** How the active vectors of an iteration are chosen. */
export type Sampling = 'multinomial-uniform' | 'multinomial' | 'uniform' | 'sequential' | 'top-r';

/** What a choice may depend on. */
export interface SamplingContext {
  /** Singular values by slot, as they are now. */
  readonly sigma: ArrayLike<number>;
  /** For every slot, which vector of the last decomposition is in it. */
  readonly order: ArrayLike<number>;
  /** r: how many slots are chosen. */
  readonly rank: number;
  /** Iterations since the last decomposition. */
  readonly iteration: number;
  readonly rng: Rng;
}

/** r distinct slots. */
export type Sampler = (context: SamplingContext) => Int32Array;

/**
 * The samplers, by name, of the paper's Table 6 and its default:
 * - `multinomial-uniform`: drawn one after another with p_i = ½·(1/k + σ_i/Σσ), Eq. 16
 * - `multinomial`: with p_i = σ_i/Σσ, Eq. 5; when fewer than r are positive the others are drawn uniformly
 * - `uniform`: every set of r as likely as any other
 * - `sequential`: vectors t·r … t·r + r − 1 (modulo k) of the last decomposition in iteration t of the round
 * - `top-r`: the r largest σ, the lower slot first where they are equal
 *
 * The first three raise DomainError on a σ that is negative or not finite, `top-r` on NaN.
 * @source arXiv 2405.15481, Eq. 5, 16 and Table 6
 */
export const samplers: Readonly<Record<Sampling, Sampler>> = {
  'multinomial-uniform': ({ sigma, rank, rng }) => drawDistinct(samplingProbabilities(sigma), rank, rng),
  multinomial: ({ sigma, rank, rng }) => drawBySigma(Array.from(sigma), rank, rng),
  uniform: ({ sigma, rank, rng }) => drawDistinct(new Float64Array(sigma.length).fill(1), rank, rng),
  sequential({ order, rank, iteration }) {
    const slots = Array.from(order);
    return Int32Array.from({ length: rank }, (_, i) => slots.indexOf((iteration * rank + i) % slots.length));
  },
  'top-r'({ sigma, rank }) {
    const values = Array.from(sigma);
    if (values.some(Number.isNaN)) throw new DomainError('top-r', 'a singular value is NaN');
    const falling = [...values.keys()].sort((i, j) => values[j] - values[i] || i - j);
    return Int32Array.from(falling.slice(0, rank));
  },
};

/** r slots drawn by σ alone; when too few are positive all of these, and others drawn uniformly. */
function drawBySigma(sigma: readonly number[], rank: number, rng: Rng): Int32Array {
  const positive = sigma.filter((s) => s > 0).length;
  const first = drawDistinct(sigma, Math.min(rank, positive), rng);
  if (positive >= rank) return first;
  const rest = drawDistinct(
    sigma.map((s) => (s > 0 ? 0 : 1)),
    rank - positive,
    rng,
  );
  return Int32Array.from([...first, ...rest]);
}

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
