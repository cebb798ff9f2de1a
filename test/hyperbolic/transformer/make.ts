/** Lorentz Transformers of few tokens and narrow layers, with every option that changes what is computed. */
import { LorentzTransformer, type LorentzTransformerConfiguration } from '../../../src/hyperbolic/index.ts';
import { Rng } from '../../../src/index.ts';
import { type Making, vocabulary } from '../../nn/models/make.ts';

const sizes = {
  sourceVocabulary: vocabulary,
  vocabulary,
  embedDim: 8,
  heads: 2,
  layers: 2,
  feedForward: 12,
  maxLength: 24,
};

const model =
  (more: Partial<LorentzTransformerConfiguration>) =>
  ({ seed, dtype, device, dropout = 0 }: Making): LorentzTransformer =>
    new LorentzTransformer(
      { ...sizes, dropout, ...more },
      { rng: new Rng(seed), dtype, ...(device !== undefined && { device }) },
    );

/** Lorentz Transformers by name. */
export const lorentzTransformers: Readonly<Record<string, (making: Making) => LorentzTransformer>> = {
  'lorentz transformer': model({}),
  'lorentz transformer, one table, flatter': model({ tie: 'all', c: 0.25 }),
  'lorentz transformer, paper form': model({ tie: 'target', form: 'paper', activation: 'tanh' }),
};
