import { type ModelOptions, named } from '../../nn/models/parts.ts';
import { LorentzTransformer, type LorentzTransformerConfiguration } from './model.ts';

/** Sizes of a Lorentz Transformer but for its vocabularies. */
export type LorentzTransformerSizes = Omit<LorentzTransformerConfiguration, 'sourceVocabulary' | 'vocabulary'>;

/** Those of IWSLT'14. */
const iwslt = { heads: 4, layers: 6, dropout: 0.1, attentionDropout: 0.1 } as const;

/**
 * Sizes of Lorentz Transformers by name.
 * @source arXiv 2405.15481, Appendix E; `lorentz-transformer-tiny` is ours
 */
export const lorentzTransformerConfigurations: Readonly<
  Record<`lorentz-transformer-${'tiny' | '64' | '128' | '256'}`, LorentzTransformerSizes>
> = {
  'lorentz-transformer-tiny': { embedDim: 32, heads: 4, layers: 2, feedForward: 128 },
  'lorentz-transformer-64': { ...iwslt, embedDim: 64, feedForward: 256 },
  'lorentz-transformer-128': { ...iwslt, embedDim: 128, feedForward: 512 },
  'lorentz-transformer-256': { ...iwslt, embedDim: 256, feedForward: 1024 },
};

/** A Lorentz Transformer, by the name of its configuration. */
export type LorentzTransformerName = keyof typeof lorentzTransformerConfigurations;

/** The vocabularies, and what a named configuration may be told otherwise. */
export type LorentzTransformerOptions = ModelOptions &
  Pick<LorentzTransformerConfiguration, 'sourceVocabulary' | 'vocabulary'> &
  Partial<LorentzTransformerSizes>;

/**
 * `lorentzTransformer('lorentz-transformer-64', { sourceVocabulary, vocabulary, rng })`: the model of that configuration, with other sizes
 * where they are given. On the device `meta` it has shapes only and takes no memory.
 * @throws DomainError when there is no such name, or a size does not fit
 */
export function lorentzTransformer(
  name: LorentzTransformerName,
  options: LorentzTransformerOptions,
): LorentzTransformer {
  const sizes = named('lorentzTransformer', lorentzTransformerConfigurations, name);
  return new LorentzTransformer({ ...sizes, ...options }, options);
}
