import type { Tensor } from '../tensor/tensor.ts';
import type { DecodingCache } from './decodingCache.ts';
import type { CallContext, Module } from './module.ts';

/** What a decoder depends on besides its tokens. */
export interface DecoderContext extends CallContext {
  /** bool [b, t]: which of these tokens there are; false is padding, on either side. Default: all. */
  readonly mask?: Tensor;
  /** Keys and values of the tokens of earlier calls, which these tokens follow. Default: there were none. */
  readonly cache?: DecodingCache;
  /** Logits of the last position alone, [b, 1, v]. Default false. */
  readonly last?: boolean;
}

/**
 * A model that continues text: tokens [b, t] int32 → logits [b, t, v] of the token after each. Position i sees tokens 0..i only.
 */
export interface DecoderOnly extends Module {
  /** v: how many tokens there are. */
  readonly vocabulary: number;
  /** The most positions of a sequence. */
  readonly maxLength: number;
  call(tokens: Tensor, context?: DecoderContext): Tensor;
}

/** What an encoder depends on besides its tokens. */
export interface EncoderContext extends CallContext {
  /** bool [b, s]: which tokens there are; false is padding. Default: all. */
  readonly mask?: Tensor;
}

/** What the decoder of a translation depends on besides tokens and memory. */
export interface MemoryContext extends DecoderContext {
  /** bool [b, s]: the mask that the memory was encoded with. Default: all of it is seen. */
  readonly memoryMask?: Tensor;
}

/** A whole translation as one call. */
export interface TranslationContext extends CallContext {
  /** int32 [b, t]: what the decoder has seen before each place, beginning with the token that opens a sentence. */
  readonly target: Tensor;
  /** bool [b, s]: which tokens of the source there are. */
  readonly mask?: Tensor;
}

/**
 * A model that turns one sequence into another: an encoder reads the source once, a decoder writes the target token by token. In Euclidean
 * space the memory holds vectors [b, s, e], in hyperbolic space points; only the model itself looks into it.
 */
export interface Seq2Seq extends Module {
  readonly sourceVocabulary: number;
  /** v: how many tokens the target may have. */
  readonly vocabulary: number;
  /** The most positions of a source or a target. */
  readonly maxLength: number;
  /** Source [b, s] int32 → memory [b, s, e]. */
  encode(source: Tensor, context?: EncoderContext): Tensor;
  /** Target [b, t] int32 and memory [b, s, e] → logits [b, t, v] of the token after each. Position i sees target 0..i only. */
  decode(target: Tensor, memory: Tensor, context?: MemoryContext): Tensor;
  /** Both: source [b, s] int32 → logits [b, t, v]. What training calls. */
  call(source: Tensor, context: TranslationContext): Tensor;
}
