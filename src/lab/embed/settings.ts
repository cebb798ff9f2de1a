import { type Lorentz, lorentz } from '../../hyperbolic/lorentz.ts';
import { type Poincare, poincare } from '../../hyperbolic/poincare.ts';

/** Models of hyperbolic space that an embedding can be computed in. */
export const spaceNames = ['poincare', 'lorentz'] as const;

/** The name of a model on the command line. */
export type SpaceName = (typeof spaceNames)[number];

/** Names for readers. */
export const spaceLabels: Readonly<Record<SpaceName, string>> = { poincare: 'Poincaré ball', lorentz: 'Lorentz model' };

/** The space of curvature −c in this model. */
export const spaceOf = (model: SpaceName, c: number): Poincare | Lorentz =>
  model === 'poincare' ? poincare(c) : lorentz(c);

/** Everything that determines an embedding of a WordNet tree. */
export interface EmbedSettings {
  /** The noun whose hyponyms are embedded. */
  readonly root: string;
  readonly dim: number;
  readonly model: SpaceName;
  /** Minus the curvature. */
  readonly c: number;
  /** Passes over all pairs. */
  readonly epochs: number;
  readonly learningRate: number;
  /** Unrelated nouns drawn for each pair. */
  readonly negatives: number;
  /** First epochs, at a tenth of the learning rate. */
  readonly burnIn: number;
  /** Pairs per step. */
  readonly batchSize: number;
  readonly seed: number;
  readonly dtype: 'float32' | 'float64';
}

/**
 * As in Nickel & Kiela (50 negatives; 10 epochs of burn-in, at lr/10), but for larger batches with a rate that fits them: a mean over 128 pairs
 * moves a point that one of them holds by 1/128 of what that pair alone would.
 * @source arXiv 1705.08039, section 3 and 4.1
 */
export const defaults: EmbedSettings = {
  root: 'mammal',
  dim: 5,
  model: 'poincare',
  c: 1,
  epochs: 100,
  learningRate: 10,
  negatives: 50,
  burnIn: 10,
  batchSize: 128,
  seed: 1,
  dtype: 'float32',
};

/**
 * The settings of a command that gives no others. In the plane a tree needs room far from the origin, where float32 has none left (R of
 * `farthest` is 12), and several times the epochs.
 */
export const defaultsFor = (dim: number): EmbedSettings => ({
  ...defaults,
  dim,
  ...(dim <= 2 && { dtype: 'float64', epochs: 300 }),
});

/** What the learning rate is divided by in the burn-in. */
export const burnInFactor = 10;
