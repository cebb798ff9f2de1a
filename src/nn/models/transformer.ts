import { add, mul } from '../../autograd/ops/arithmetic.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { Embedding } from '../embedding.ts';
import { LayerNorm } from '../layerNorm.ts';
import type { LinearMap } from '../linear.ts';
import type { CallContext } from '../module.ts';
import { type Places, PositionTable } from '../positions.ts';
import { dropped } from '../residual.ts';
import { TransformerDecoderLayer, TransformerEncoderLayer } from '../transformer.ts';
import type { TransformerLayer, TransformerLayerOptions } from '../transformerLayer.ts';
import { checkEncoderDecoder, EncoderDecoder, type EncoderDecoderSizes, TokenStack } from './encoderDecoder.ts';
import { glorotLinears, type ModelOptions, storedAs, tiedHead } from './parts.ts';

/** Sizes and settings of an encoder-decoder Transformer. */
export interface TransformerConfiguration
  extends EncoderDecoderSizes,
    Pick<TransformerLayerOptions, 'activation' | 'normFirst'> {
  /** Default `target`. */
  readonly tie?: 'none' | 'target' | 'all';
}

/**
 * sin or cos of position/10000^(2i/e), at 2i and 2i + 1.
 * @source Vaswani et al., arXiv 1706.03762, Section 3.5
 */
const sinusoid =
  (embedDim: number) =>
  (position: number, i: number): number => {
    const angle = position / 10_000 ** ((i - (i % 2)) / embedDim);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  };

/** Tokens with their positions, through layers: an encoder or a decoder. */
class Stack<L extends TransformerLayer> extends TokenStack {
  embed_tokens: Embedding;
  readonly layers: readonly L[];
  norm: LayerNorm | null;
  readonly #dropout: number;
  readonly #positions: PositionTable;

  constructor(embedding: Embedding, configuration: TransformerConfiguration, options: ModelOptions, layer: () => L) {
    const { embedDim, layers, normFirst = false, dropout = 0.1 } = configuration;
    super('Transformer', configuration);
    this.embed_tokens = embedding;
    this.layers = Array.from({ length: layers }, layer);
    this.norm = normFirst ? new LayerNorm(embedDim, storedAs(options)) : null;
    this.#dropout = dropout;
    this.#positions = new PositionTable(embedDim, sinusoid(embedDim));
  }

  /** √e·embedding + position. */
  protected embedded(tokens: Tensor, places: Places, context: CallContext): Tensor {
    const words = mul(this.embed_tokens.call(tokens), Math.sqrt(this.embed_tokens.weight.shape[1]));
    return dropped('Transformer', add(words, this.#positions.at(places, words)), this.#dropout, context);
  }

  protected override finished(x: Tensor): Tensor {
    return this.norm?.call(x) ?? x;
  }
}

/**
 * The encoder-decoder Transformer: source [b, s] and target [b, t], int32, → logits [b, t, vocabulary] of the target token after each. Positions are
 * sinusoids; embeddings are multiplied by √e. Every linear map in the layers is one of its own, so that training methods replace each.
 *
 * Linear maps start uniform after Glorot with biases 0, embeddings normal with variance 1/e. Names: `encoder` and `decoder` have `embed_tokens`, `layers`
 * with PyTorch's names, and where normalisation comes first a last `norm`; `lm_head`.
 *
 * @throws DomainError when a size is not a whole number >= 1, the heads do not divide the width, dropout is no chance, or an option is unknown
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3
 */
export class Transformer extends EncoderDecoder {
  encoder: Stack<TransformerEncoderLayer>;
  decoder: Stack<TransformerDecoderLayer>;
  lm_head: LinearMap;

  constructor(configuration: TransformerConfiguration, options: ModelOptions) {
    checkEncoderDecoder('Transformer', configuration, options);
    const { sourceVocabulary, vocabulary, embedDim, heads, tie = 'target' } = configuration;
    super(configuration);
    const linear = glorotLinears(options);
    const layer = { ...configuration, ...options, linear, projections: 'separate' } as const;
    const embed = (count: number): Embedding => new Embedding(count, embedDim, { ...options, std: embedDim ** -0.5 });
    const source = embed(sourceVocabulary);
    const target = tie === 'all' ? source : embed(vocabulary);
    const encoding = (): TransformerEncoderLayer => new TransformerEncoderLayer(embedDim, heads, layer);
    const decoding = (): TransformerDecoderLayer => new TransformerDecoderLayer(embedDim, heads, layer);
    this.encoder = new Stack(source, configuration, options, encoding);
    this.decoder = new Stack(target, configuration, options, decoding);
    this.lm_head = tie === 'none' ? glorotLinears({ ...options, bias: false })(embedDim, vocabulary) : tiedHead(target);
  }
}
