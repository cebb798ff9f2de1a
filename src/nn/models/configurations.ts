import type { DecoderOnly } from '../sequenceModel.ts';
import { Llama, type LlamaConfiguration } from './llama.ts';
import { Opt, type OptConfiguration } from './opt.ts';
import { type ModelOptions, named } from './parts.ts';
import { Transformer, type TransformerConfiguration } from './transformer.ts';

/** Sizes of a Transformer but for its vocabularies. */
export type TransformerSizes = Omit<TransformerConfiguration, 'sourceVocabulary' | 'vocabulary'>;

/** What `opt` has as published, by the name of the model. */
const opt = { vocabulary: 50_272, maxLength: 2048 } as const;

/**
 * Sizes of OPT models by name.
 * @source Zhang et al., arXiv 2205.01068, Table 1; opt-350m from its published weights; `opt-tiny` is ours
 */
export const optConfigurations: Readonly<Record<'opt-tiny' | 'opt-125m' | 'opt-350m' | 'opt-1.3b', OptConfiguration>> =
  {
    'opt-tiny': { vocabulary: 1024, embedDim: 64, heads: 4, layers: 2, feedForward: 256, maxLength: 256 },
    'opt-125m': { ...opt, embedDim: 768, heads: 12, layers: 12, feedForward: 3072 },
    'opt-350m': { ...opt, embedDim: 1024, heads: 16, layers: 24, feedForward: 4096, wordDim: 512, normFirst: false },
    'opt-1.3b': { ...opt, embedDim: 2048, heads: 32, layers: 24, feedForward: 8192 },
  };

/**
 * Sizes of LLaMA models by name.
 * @source arXiv 2405.15481, Appendix E (the sizes trained there, without `llama-tiny`, which is ours)
 */
export const llamaConfigurations: Readonly<Record<'llama-tiny' | 'llama-130m' | 'llama-1.3b', LlamaConfiguration>> = {
  'llama-tiny': { vocabulary: 1024, embedDim: 64, heads: 4, layers: 2, feedForward: 176, maxLength: 256 },
  'llama-130m': { vocabulary: 32_000, embedDim: 768, heads: 12, layers: 12, feedForward: 2048 },
  'llama-1.3b': { vocabulary: 32_000, embedDim: 2048, heads: 32, layers: 24, feedForward: 5461 },
};

/** Those of IWSLT'14. */
const iwslt = { heads: 4, layers: 6, dropout: 0, attentionDropout: 0.1 } as const;

/**
 * Sizes of encoder-decoder Transformers by name.
 * @source arXiv 2405.15481, Appendix E; `transformer-tiny` is ours
 */
export const transformerConfigurations: Readonly<
  Record<`transformer-${'tiny' | '64' | '128' | '256' | '512'}`, TransformerSizes>
> = {
  'transformer-tiny': { embedDim: 32, heads: 4, layers: 2, feedForward: 128 },
  'transformer-64': { ...iwslt, embedDim: 64, feedForward: 256 },
  'transformer-128': { ...iwslt, embedDim: 128, feedForward: 512 },
  'transformer-256': { ...iwslt, embedDim: 256, feedForward: 1024 },
  'transformer-512': { embedDim: 512, heads: 8, layers: 6, feedForward: 2048, dropout: 0.1, attentionDropout: 0.1 },
};

/** A model that continues text, by the name of its configuration. */
export type LanguageModelName = keyof typeof optConfigurations | keyof typeof llamaConfigurations;

/** A model that translates, by the name of its configuration. */
export type TranslationModelName = keyof typeof transformerConfigurations;

/** What a named configuration has, and may be told otherwise. */
export type LanguageModelOptions = ModelOptions & Partial<OptConfiguration & LlamaConfiguration>;

/** The vocabularies, and what a named configuration may be told otherwise. */
export type TranslationModelOptions = ModelOptions &
  Pick<TransformerConfiguration, 'sourceVocabulary' | 'vocabulary'> &
  Partial<TransformerSizes>;

/**
 * `languageModel('opt-125m', { rng })`: the model of that configuration, with other sizes where they are given. On the device
 * `meta` it has shapes only and takes no memory.
 * @throws DomainError when there is no such name, or a size does not fit
 */
export function languageModel(name: LanguageModelName, options: LanguageModelOptions): DecoderOnly {
  const table: Readonly<Record<string, OptConfiguration | LlamaConfiguration>> = {
    ...optConfigurations,
    ...llamaConfigurations,
  };
  const sizes = { ...named('languageModel', table, name), ...options };
  return name in optConfigurations ? new Opt(sizes, options) : new Llama(sizes, options);
}

/**
 * `translationModel('transformer-64', { sourceVocabulary, vocabulary, rng })`: the model of that configuration, with other sizes
 * where they are given. On the device `meta` it has shapes only and takes no memory.
 * @throws DomainError when there is no such name, or a size does not fit
 */
export function translationModel(name: TranslationModelName, options: TranslationModelOptions): Transformer {
  return new Transformer({ ...named('translationModel', transformerConfigurations, name), ...options }, options);
}
