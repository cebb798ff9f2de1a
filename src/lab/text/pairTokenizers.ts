import { type BytePairTokenizer, bytePairTokenizer } from './bytePair.ts';
import type { Pairs, Tokenizer } from './text.ts';
import { trainVocabulary, type VocabularyOptions } from './trainVocabulary.ts';

/** How both sides of a translation are read; the same tokenizer twice where they share a vocabulary. */
export interface PairTokenizers<T extends Tokenizer = Tokenizer> {
  readonly source: T;
  readonly target: T;
}

/** How the vocabularies of a translation are made. */
export interface PairVocabularyOptions extends VocabularyOptions {
  /** One vocabulary of both sides, so that embeddings may be shared too; else one of `size` tokens for each. Default true. */
  readonly joint?: boolean;
}

/** Pairs as ids, without special tokens, and the special ids of both sides. */
export interface SentencePairs {
  readonly source: readonly Int32Array[];
  readonly target: readonly Int32Array[];
  readonly tokenizers: PairTokenizers;
}

/**
 * Vocabularies for translation, trained on some pairs: those of the training set alone.
 * @throws DomainError as `trainVocabulary` does
 */
export function trainPairTokenizers(
  { source, target }: Pairs,
  { joint = true, ...options }: PairVocabularyOptions = {},
): PairTokenizers<BytePairTokenizer> {
  const trained = (texts: readonly string[]): BytePairTokenizer => bytePairTokenizer(trainVocabulary(texts, options));
  if (!joint) return { source: trained(source), target: trained(target) };
  const both = trained([...source, ...target]);
  return { source: both, target: both };
}

/** Both sides of some pairs as ids. */
export function encodePairs({ source, target }: Pairs, tokenizers: PairTokenizers): SentencePairs {
  return {
    source: source.map((text) => tokenizers.source.encode(text)),
    target: target.map((text) => tokenizers.target.encode(text)),
    tokenizers,
  };
}
