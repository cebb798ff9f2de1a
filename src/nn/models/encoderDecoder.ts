import { checkChance } from '../../autograd/ops/dropout.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { DecodingCache } from '../decodingCache.ts';
import { type CallContext, Module } from '../module.ts';
import { type Places, placesOf } from '../positions.ts';
import type { EncoderContext, MemoryContext, Seq2Seq, TranslationContext } from '../sequenceModel.ts';
import { checkSizes, lastOf, type ModelOptions } from './parts.ts';

/** Sizes that every encoder-decoder model has. */
export interface EncoderDecoderSizes {
  readonly sourceVocabulary: number;
  readonly vocabulary: number;
  /** Width of the layers. */
  readonly embedDim: number;
  readonly heads: number;
  /** Of the encoder, and as many of the decoder. */
  readonly layers: number;
  readonly feedForward: number;
  /** The chance of an element to be dropped in training. Default 0.1. */
  readonly dropout?: number;
  /** The chance of an attention weight to be dropped in training. Default: `dropout`. */
  readonly attentionDropout?: number;
  /**
   * Which tables are one parameter: `target` the target's embedding and what logits are made with, `all` the source's embedding too (one
   * vocabulary for both), `none` none.
   */
  readonly tie?: 'none' | 'target' | 'all';
  /** The most positions of a source or a target. Default 1024. */
  readonly maxLength?: number;
}

/** @throws DomainError naming the first size that is none, or an option that there is not */
export function checkEncoderDecoder(op: string, sizes: EncoderDecoderSizes, { rng }: ModelOptions): void {
  const { sourceVocabulary, vocabulary, embedDim, heads, layers, feedForward } = sizes;
  const { maxLength = 1024, dropout = 0.1, tie = 'none' } = sizes;
  checkSizes(op, { sourceVocabulary, vocabulary, embedDim, heads, layers, feedForward, maxLength });
  checkChance(op, dropout, rng);
  if (!['none', 'target', 'all'].includes(tie))
    throw new DomainError(op, `tie is none, target or all, got ${String(tie)}`);
  if (tie === 'all' && sourceVocabulary !== vocabulary)
    throw new DomainError(op, `one table for vocabularies of ${sourceVocabulary} and ${vocabulary} tokens`);
}

/** What the layers of an encoder or a decoder depend on besides their input. */
export interface StackContext extends CallContext {
  /** bool [b, length + t]: which tokens of this call and of those before are no padding. None: all. */
  readonly keyMask?: Tensor;
  readonly cache?: DecodingCache;
  /** Position i sees tokens 0..i only. Default false. */
  readonly causal?: boolean;
  /** A decoder's: what the encoder gives, [b, s, e]. */
  readonly memory?: Tensor;
  /** bool [b, s]: which places of the memory there are. Default: all. */
  readonly memoryMask?: Tensor;
}

/** What encoder and decoder depend on besides their tokens. */
export type TokenContext = Omit<StackContext, 'keyMask'> & Pick<MemoryContext, 'mask' | 'last'>;

/** A layer of a stack: [b, t, e] → [b, t, e]. */
export interface StackLayer extends Module {
  call(x: Tensor, context: StackContext): Tensor;
}

/** Tokens with their places, through layers: an encoder, or a decoder. A subclass says how tokens are embedded. */
export abstract class TokenStack extends Module {
  readonly #op: string;
  abstract readonly layers: readonly Module[];
  readonly maxLength: number;

  /** @param op the name that errors give */
  constructor(op: string, { maxLength = 1024 }: EncoderDecoderSizes) {
    super();
    this.#op = op;
    this.maxLength = maxLength;
  }

  /** Tokens [b, t] at their places → [b, t, e]. */
  protected abstract embedded(tokens: Tensor, places: Places, context: CallContext): Tensor;

  /** What comes after the last layer, place by place. */
  protected finished(x: Tensor, _context: CallContext): Tensor {
    return x;
  }

  /**
   * @param tokens [b, t] int32, which follow those that the cache has seen
   * @returns [b, t, e], or the last place alone, [b, 1, e]
   * @throws ShapeError unless tokens are [b, t] and the mask too; DomainError when there are more than `maxLength` positions, or a token is none
   */
  call(tokens: Tensor, { mask, last = false, ...context }: TokenContext = {}): Tensor {
    const { cache } = context;
    const known = { ...(mask !== undefined && { mask }), ...(cache !== undefined && { cache }) };
    const places = placesOf(this, this.#op, tokens, known, this.maxLength);
    const seen = { ...context, ...(places.keyMask !== undefined && { keyMask: places.keyMask }) };
    const layers = this.layers as readonly StackLayer[];
    const x = layers.reduce((t, layer) => layer.call(t, seen), this.embedded(tokens, places, context));
    cache?.advance(tokens.shape[1]);
    return this.finished(lastOf(x, { last }), context);
  }
}

/** A model of an encoder, a decoder and a head that makes logits: what a subclass puts there, in whatever space. */
export abstract class EncoderDecoder extends Module implements Seq2Seq {
  abstract readonly encoder: TokenStack;
  abstract readonly decoder: TokenStack;
  abstract readonly lm_head: Module;
  readonly sourceVocabulary: number;
  readonly vocabulary: number;
  readonly maxLength: number;

  constructor({ sourceVocabulary, vocabulary, maxLength = 1024 }: EncoderDecoderSizes) {
    super();
    this.sourceVocabulary = sourceVocabulary;
    this.vocabulary = vocabulary;
    this.maxLength = maxLength;
  }

  /** @throws ShapeError unless source and mask are [b, s]; DomainError when there are more than `maxLength` positions, or a token is none */
  encode(source: Tensor, context: EncoderContext = {}): Tensor {
    return this.encoder.call(source, context);
  }

  /** @throws ShapeError unless the target is [b, t] and fits the memory; DomainError when there are more than `maxLength` positions */
  decode(target: Tensor, memory: Tensor, context: MemoryContext = {}): Tensor {
    const x = this.decoder.call(target, { ...context, memory, causal: true });
    return this.lm_head.call(x, context);
  }

  /** @throws as `encode` and `decode` */
  call(source: Tensor, { target, mask, ...context }: TranslationContext): Tensor {
    const memory = this.encode(source, { ...context, ...(mask !== undefined && { mask }) });
    return this.decode(target, memory, { ...context, ...(mask !== undefined && { memoryMask: mask }) });
  }
}
