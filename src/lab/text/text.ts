/** What the readers, the tokenizer and the batches of text give, and what commands that train on text are written against. */
import type { Tensor } from '../../tensor/tensor.ts';

/** The numbers of the tokens that stand for no text. */
export interface SpecialIds {
  /** `<pad>`: fills what is shorter than its batch. */
  readonly pad: number;
  /** `<s>`: opens what a decoder reads. */
  readonly start: number;
  /** `</s>`: ends a sentence or a document. */
  readonly end: number;
  /** `<unk>`: what has no token. A byte-level vocabulary never gives it. */
  readonly unknown: number;
}

/** Text to numbers and back. */
export interface Tokenizer {
  /** How many tokens there are; ids are 0..size−1. */
  readonly size: number;
  readonly special: SpecialIds;
  /** The ids of a text, special tokens never among them: neither added, nor read out of the text where it spells their names. */
  encode(text: string): Int32Array;
  /** The text of some ids; special tokens give none. Bytes that are not UTF-8 together become U+FFFD. */
  decode(ids: Iterable<number>): string;
  /** How the vocabulary file writes a token. @throws DomainError when there is no such id */
  token(id: number): string;
}

/** Sentences and their translations: line i of both belong together. */
export interface Pairs {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

/** Three parts, none of which has anything of another. */
export interface Parts<T> {
  readonly train: T;
  readonly val: T;
  readonly test: T;
}

/** A corpus of translations. */
export interface ParallelText extends Parts<Pairs> {
  /** In words, such as `messages of typescript 6.0.3, de-en`. */
  readonly name: string;
}

/** A corpus for language models; each text is one document. */
export interface PlainText extends Parts<readonly string[]> {
  /** In words. */
  readonly name: string;
}

/** Where a source of batches stands: with the same data, options and seed, the batches that follow are the same. Plain JSON. */
export interface BatchState {
  /** Epochs completed. */
  readonly epoch: number;
  /** Batches taken of this epoch. */
  readonly taken: number;
}

/** Batches without end that can be left and taken up again. */
export interface BatchSource<B> extends Iterable<B> {
  /** Batches of each epoch. */
  readonly perEpoch: number;
  /** Read it to keep it; set it to go on from there. @throws DomainError when there is no such place */
  state: BatchState;
  next(): B;
}

/** Sentence pairs as tensors. Padding stands at the end of rows. */
export interface TranslationBatch {
  /** [b]: which pairs these are. */
  readonly pairs: Int32Array;
  /** int32 [b, s]: the source, then `</s>`, then padding: never an empty row. */
  readonly source: Tensor;
  /** bool [b, s]: false at padding, as the `mask` of an encoder. */
  readonly sourceMask: Tensor;
  /** int32 [b, t]: `<s>`, then the target: what the decoder reads. */
  readonly input: Tensor;
  /** bool [b, t]: false at padding. */
  readonly inputMask: Tensor;
  /** int32 [b, t]: the target, then `</s>`: what the decoder is to say. −100 at padding, which `crossEntropy` ignores. */
  readonly target: Tensor;
  /** [b]: tokens of each source, `</s>` included. */
  readonly sourceLengths: Int32Array;
  /** [b]: tokens of each target, `</s>` included. */
  readonly targetLengths: Int32Array;
  /** Tokens of all sources and targets, without padding: what speed is counted in. */
  readonly tokens: number;
}

/** A piece of running text as tensors, all rows equally long. */
export interface BlockBatch {
  /** int32 [b, t] */
  readonly input: Tensor;
  /** int32 [b, t]: the token after each of `input`; −100, which `crossEntropy` ignores, where there is none. */
  readonly target: Tensor;
  /** Targets that count. */
  readonly tokens: number;
}
