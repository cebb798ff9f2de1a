import { checkCount, linearWarmup } from '../nn/optim/schedule.ts';
import type { Data } from '../tensor/dtype.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Rng, RngState } from '../tensor/rng.ts';
import { scope } from '../tensor/scope.ts';
import type { MethodEvent } from './events.ts';
import { SpectralLinear, type SpectralLinearOptions } from './linear.ts';
import type { Method } from './method.ts';
import { type Sampling, samplers } from './sampler.ts';
import { type Clock, positionOf } from './schedule.ts';

/** Settings of Sparse Spectral Training, with the paper's names for them; those of the layers among them. */
export interface SstOptions extends Omit<SpectralLinearOptions, 'random'> {
  /** Where the sampling gets its randomness. */
  readonly rng: Rng;
  /** T3: steps between two samplings. Default 200. */
  readonly stepsPerIteration?: number;
  /** T2: samplings between two decompositions. Default the largest ⌈k/r⌉ over the layers: one clock for the model. */
  readonly iterationsPerRound?: number;
  /** Steps over which the learning rate rises at the start of every iteration. Default 20. */
  readonly warmup?: number;
  /** How the active vectors are chosen. Default `multinomial-uniform`. */
  readonly sampling?: Sampling;
  /** What the layers start from: the SVD of their weight, or random vectors beside it (ReLoRA*-like). Default `svd`. */
  readonly initialisation?: 'svd' | 'random';
  /** Whether a round begins with a decomposition; with random vectors, with new ones. Default true. */
  readonly redecompose?: boolean;
}

/**
 * Sparse Spectral Training. Every layer is its full SVD. In each *step* all singular values and the r active vectors of each
 * side are updated by the optimizer, then σ is clamped at 0 and the vectors normalised (`nonNegative`, `unitRows`). Each
 * *iteration* of T3 steps begins by drawing the active vectors, by forgetting the optimizer state of all three, and by a
 * warm-up. Each *round* of T2 iterations begins by decomposing W anew.
 * @throws DomainError when a count is out of range, or an option unknown
 * @source arXiv 2405.15481, Algorithm 2 and appendix E.1
 */
export function sst(options: SstOptions): Method<SpectralLinear> {
  const { rng, stepsPerIteration = 200, warmup = 20, sampling = 'multinomial-uniform', redecompose = true } = options;
  const { rank, initialisation = 'svd', iterationsPerRound, ...layerOptions } = options;
  check(options);
  const ramp = linearWarmup(warmup);
  const start = initialisation === 'random' ? { random: rng } : {};
  return {
    name: 'sst',
    attach: (linear) => new SpectralLinear(linear, { ...layerOptions, ...start, rank }),
    ownParameters: (layer) => layer.spectral,
    schedule: (step) => ramp(step % stepsPerIteration),
    onStep(step, layers, optimizer): readonly MethodEvent[] | Promise<readonly MethodEvent[]> {
      const clock: Clock = { stepsPerIteration, iterationsPerRound: iterationsPerRound ?? longestSweep(layers) };
      const at = positionOf(step, clock);
      if (at.step !== 0) return [];
      const decompose = redecompose && at.iteration === 0 && step > 0;
      if (decompose) for (const layer of layers) scope(() => layer.decompose());
      return withSpectra(layers, (spectra): readonly MethodEvent[] => {
        const active = layers.map((layer, i) => {
          const slots = samplers[sampling]({ ...spectra[i], rank: layer.rank, iteration: at.iteration, rng });
          const from = scope(() => layer.activate(slots));
          return Array.from(from.subarray(0, layer.rank), (slot) => spectra[i].order[slot]);
        });
        const cleared = optimizer.reset(layers.flatMap((layer) => layer.spectral));
        return [
          ...(decompose ? [{ type: 'decompose' as const, step }] : []),
          { type: 'resample', step, active, cleared },
        ];
      });
    },
    merge: (layer) => layer.merge(),
    state: () => ({ rng: rng.state }),
    loadState: (state) => {
      rng.state = state.rng as RngState;
    },
    trainableCount: (m, n) => Math.min(rank, m, n) * (m + n) + Math.min(m, n),
  };
}

/** @throws DomainError when a setting is out of range */
function check({ rank, stepsPerIteration = 1, warmup = 0, iterationsPerRound = 1, ...options }: SstOptions): void {
  checkCount('sst', 'rank', rank, 1);
  checkCount('sst', 'stepsPerIteration', stepsPerIteration, 1);
  checkCount('sst', 'warmup', warmup, 0);
  checkCount('sst', 'iterationsPerRound', iterationsPerRound, 1);
  const { sampling = 'uniform', initialisation = 'svd', trainedSigma = 'all' } = options;
  const known = {
    sampling: Object.keys(samplers),
    initialisation: ['svd', 'random'],
    trainedSigma: ['all', 'sampled'],
  };
  for (const [name, value] of Object.entries({ sampling, initialisation, trainedSigma }))
    if (!known[name as keyof typeof known].includes(value))
      throw new DomainError('sst', `${name} is one of ${known[name as keyof typeof known].join(', ')}, got '${value}'`);
}

/** ⌈k/r⌉ of the layer that needs most iterations to draw as many vectors as it has. */
const longestSweep = (layers: readonly SpectralLinear[]): number =>
  Math.max(1, ...layers.map((layer) => Math.ceil(layer.sigma.size / layer.rank)));

/** What sampling looks at: singular values, and what each vector was called at the last decomposition. */
interface Spectrum {
  readonly sigma: Data;
  readonly order: Data;
}

/** Go on with the spectra of layers: at once where the host has them, and otherwise when their device has sent them. */
function withSpectra<T>(layers: readonly SpectralLinear[], then: (spectra: readonly Spectrum[]) => T): T | Promise<T> {
  if (layers.every(({ sigma, order }) => sigma.onHost && order.onHost))
    return then(layers.map(({ sigma, order }) => ({ sigma: sigma.data, order: order.data.slice() })));
  const sent = layers.map(async ({ sigma, order }) => ({ sigma: await sigma.read(), order: await order.read() }));
  return Promise.all(sent).then(then);
}
