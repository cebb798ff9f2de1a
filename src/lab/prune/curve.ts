import { blockLayers } from '../../nn/models/parts.ts';
import type { Module } from '../../nn/module.ts';
import { reducer } from '../../sst/prune.ts';
import type { Perplexity } from '../metrics/perplexity.ts';

/** A model with some of its singular values left out. */
export interface PrunePoint {
  /** The share of each layer's sum of singular values that stays at least. */
  readonly keep: number;
  /** The share of all singular values of the blocks that is left out. */
  readonly removed: number;
  /** Parameters of the model, each layer in the smaller of its two forms: dense, or two factors. */
  readonly parameters: number;
  readonly test: Perplexity;
}

/** The shares of the paper. @source arXiv 2405.15481, appendix on singular value pruning */
export const paperKeeps: readonly number[] = [1, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.9];

/**
 * What a model with plain weights is worth when the smallest singular values of every layer of its blocks are left out: first the whole model, then, for
 * each share below 1 from the largest on, what is left of it. The layers are decomposed once. At the end the model is the last one.
 * @param model on the host
 * @param keeps in (0, 1]
 * @param measure the model as it is, on whatever device it takes it to
 */
export async function* pruneCurve(
  model: Module,
  keeps: readonly number[],
  measure: () => Promise<Perplexity>,
): AsyncGenerator<PrunePoint, void, void> {
  const whole = model.parameters().reduce((sum, { size }) => sum + size, 0);
  yield { keep: 1, removed: 0, parameters: whole, test: await measure() };
  await model.cpu();
  const layers = reducer(model, blockLayers);
  for (const keep of [...new Set(keeps)].filter((share) => share < 1).sort((a, b) => b - a)) {
    const { parameters, removed } = layers.reduce({ keep });
    yield { keep, removed, parameters, test: await measure() };
    await model.cpu();
  }
}
