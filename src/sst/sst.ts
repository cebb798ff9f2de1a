import { checkCount, linearWarmup } from '../nn/optim/schedule.ts';
import type { Rng } from '../tensor/rng.ts';
import { SpectralLinear } from './linear.ts';
import type { Method, MethodEvent } from './method.ts';
import { drawDistinct, samplingProbabilities } from './sampler.ts';
import { type Clock, positionOf } from './schedule.ts';

/** Settings of Sparse Spectral Training, with the paper's names for them. */
export interface SstOptions {
  /** r: singular vectors trained at a time. */
  readonly rank: number;
  /** Where the sampling gets its randomness. */
  readonly rng: Rng;
  /** T3: steps between two samplings. Default 200. */
  readonly stepsPerIteration?: number;
  /** T2: samplings between two decompositions. Default the largest ⌈k/r⌉ over the layers: one clock for the model. */
  readonly iterationsPerRound?: number;
  /** Steps over which the learning rate rises at the start of every iteration. Default 20. */
  readonly warmup?: number;
  /** The enhanced gradient for singular vectors, or the derivative. Default true. */
  readonly enhanced?: boolean;
}

/**
 * Sparse Spectral Training. Every layer is its full SVD. In each *step* all singular values and the r active vectors of each
 * side are updated by the optimizer, then σ is clamped at 0 and the vectors normalised (`nonNegative`, `unitRows`). Each
 * *iteration* of T3 steps begins by drawing the active vectors, by forgetting the optimizer state of all three, and by a
 * warm-up. Each *round* of T2 iterations begins by decomposing W anew.
 * @throws DomainError when a count is out of range
 * @source arXiv 2405.15481, Algorithm 2 and appendix E.1
 */
export function sst(options: SstOptions): Method<SpectralLinear> {
  const { rank, rng, stepsPerIteration = 200, warmup = 20, enhanced = true, iterationsPerRound } = options;
  checkCount('sst', 'rank', rank, 1);
  checkCount('sst', 'stepsPerIteration', stepsPerIteration, 1);
  checkCount('sst', 'warmup', warmup, 0);
  if (iterationsPerRound !== undefined) checkCount('sst', 'iterationsPerRound', iterationsPerRound, 1);
  const ramp = linearWarmup(warmup);
  return {
    name: 'sst',
    attach: (linear) => new SpectralLinear(linear, { rank, enhanced }),
    ownParameters: (layer) => layer.spectral,
    schedule: (step) => ramp(step % stepsPerIteration),
    onStep(step, layers, optimizer): readonly MethodEvent[] {
      const clock: Clock = { stepsPerIteration, iterationsPerRound: iterationsPerRound ?? longestSweep(layers) };
      const at = positionOf(step, clock);
      if (at.step !== 0) return [];
      const decompose = at.iteration === 0 && step > 0;
      if (decompose) for (const layer of layers) layer.decompose();
      const active = layers.map((layer) => resample(layer, rng));
      const cleared = optimizer.reset(layers.flatMap((layer) => layer.spectral));
      return [
        ...(decompose ? [{ type: 'decompose' as const, step }] : []),
        { type: 'resample', step, active, cleared },
      ];
    },
    merge: (layer) => layer.merge(),
    trainableCount: (m, n) => Math.min(rank, m, n) * (m + n) + Math.min(m, n),
  };
}

/** ⌈k/r⌉ of the layer that needs most iterations to draw as many vectors as it has. */
const longestSweep = (layers: readonly SpectralLinear[]): number =>
  Math.max(1, ...layers.map((layer) => Math.ceil(layer.sigma.size / layer.rank)));

/** Draw a layer's next active vectors from its present σ; their names come back. */
function resample(layer: SpectralLinear, rng: Rng): readonly number[] {
  layer.activate(drawDistinct(samplingProbabilities(layer.sigma.data), layer.rank, rng));
  return Array.from(layer.order.data.subarray(0, layer.rank));
}
