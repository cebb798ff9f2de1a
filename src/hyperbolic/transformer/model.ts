import { concat } from '../../autograd/ops/slice.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { Embedding } from '../../nn/embedding.ts';
import {
  checkEncoderDecoder,
  EncoderDecoder,
  type EncoderDecoderSizes,
  TokenStack,
} from '../../nn/models/encoderDecoder.ts';
import { type ModelOptions, storedAs } from '../../nn/models/parts.ts';
import type { CallContext } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import type { Places } from '../../nn/positions.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { PointEmbedding } from '../embedding.ts';
import { type LorentzLinear, lorentzDense } from '../layers/lorentzLinear.ts';
import { LorentzLogits } from '../layers/lorentzLogits.ts';
import { lorentz } from '../lorentz.ts';
import {
  LorentzTransformerDecoderLayer,
  LorentzTransformerEncoderLayer,
  type LorentzTransformerLayer,
  type LorentzTransformerLayerOptions,
} from './layers.ts';

/** Sizes and settings of a Lorentz Transformer. `embedDim` counts the coordinates of a point, its time included. */
export interface LorentzTransformerConfiguration
  extends EncoderDecoderSizes,
    Pick<LorentzTransformerLayerOptions, 'activation' | 'form'> {
  /** Default `none`: the points of the logits start where the target's embedding does, and go their own way. */
  readonly tie?: 'none' | 'target' | 'all';
  /** Curvature −c. Default 1. */
  readonly c?: number;
}

/** Standard deviation of the learned positions at first. */
const positionSpread = 0.02;

/** Where values come from, and how they are stored, without whatever else a caller gave. */
const drawn = (options: ModelOptions) => ({ ...storedAs(options), rng: options.rng });

/** Points of tokens with their positions, through layers: an encoder or a decoder. */
class Stack<L extends LorentzTransformerLayer> extends TokenStack {
  readonly embed_tokens: PointEmbedding;
  readonly embed_positions: Embedding;
  readonly embed_map: LorentzLinear;
  readonly layers: readonly L[];

  constructor(
    points: PointEmbedding,
    configuration: LorentzTransformerConfiguration,
    options: ModelOptions,
    layer: () => L,
  ) {
    super('LorentzTransformer', configuration);
    const { embedDim, layers, dropout = 0.1, form = 'code', c = 1 } = configuration;
    this.embed_tokens = points;
    this.embed_positions = new Embedding(this.maxLength, embedDim, { ...drawn(options), std: positionSpread });
    this.embed_map = lorentzDense(embedDim, embedDim, { ...drawn(options), bias: false, dropout, form, c });
    this.layers = Array.from({ length: layers }, layer);
  }

  /** point(W·token + position). */
  protected embedded(tokens: Tensor, { positions }: Places, { training = false, rng }: CallContext): Tensor {
    const residual = this.embed_positions.call(positions);
    return this.embed_map.call(this.embed_tokens.call(tokens), {
      training,
      ...(rng !== undefined && { rng }),
      residual,
    });
  }
}

/** Points around the origin of which most are about 1/√c away, as many coordinates as they have. */
function pointsOf(count: number, { embedDim, c = 1 }: LorentzTransformerConfiguration, options: ModelOptions) {
  const dim = embedDim - 1;
  return new PointEmbedding(count, dim, lorentz(c), { ...drawn(options), spread: Math.sqrt(3 / (dim * c)) });
}

/** Scores of tokens by their distances from the points of an embedding, or from points that start there. */
function headOf(
  { weight }: PointEmbedding,
  { tie = 'none', c = 1 }: LorentzTransformerConfiguration,
  options: ModelOptions,
): LorentzLogits {
  const [count, n] = weight.shape;
  const { manifold } = weight;
  const points =
    tie === 'none'
      ? new Parameter(
          noGrad(() => concat([weight])),
          { manifold },
        )
      : weight;
  return new LorentzLogits(n, count, { ...drawn(options), c, points });
}

/**
 * HyboNet's encoder-decoder Transformer, whose vectors are all points of the hyperboloid of curvature −c: source [b, s] and target [b, t],
 * int32, → logits [b, t, vocabulary] of the target token after each, 2 + 2c·<h, p> + b for the point p of each token.
 *
 * Tokens are trained points, positions trained vectors that are added within a Lorentz linear layer (`embed_map`). Linear layers start as
 * those of HyboNet do. Names: `encoder` and `decoder` have `embed_tokens`, `embed_positions`, `embed_map`, `layers`; `lm_head`. Below each of the
 * Lorentz linear layers, `map` is the linear map that training methods replace: `blockLayers` names those of the layers.
 *
 * @throws DomainError when a size is not a whole number >= 1, the heads do not divide the width into points, dropout is no chance, c is not positive
 * and finite, or an option is unknown
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the Transformer in the code published with it, there for c = 1
 */
export class LorentzTransformer extends EncoderDecoder {
  readonly encoder: Stack<LorentzTransformerEncoderLayer>;
  readonly decoder: Stack<LorentzTransformerDecoderLayer>;
  readonly lm_head: LorentzLogits;
  readonly c: number;

  constructor(configuration: LorentzTransformerConfiguration, options: ModelOptions) {
    checkEncoderDecoder('LorentzTransformer', configuration, options);
    super(configuration);
    const { sourceVocabulary, vocabulary, embedDim, heads, tie = 'none', c = 1 } = configuration;
    const layer = { ...configuration, ...options };
    const source = pointsOf(sourceVocabulary, configuration, options);
    const target = tie === 'all' ? source : pointsOf(vocabulary, configuration, options);
    const encoding = (): LorentzTransformerEncoderLayer => new LorentzTransformerEncoderLayer(embedDim, heads, layer);
    const decoding = (): LorentzTransformerDecoderLayer => new LorentzTransformerDecoderLayer(embedDim, heads, layer);
    this.encoder = new Stack(source, configuration, options, encoding);
    this.decoder = new Stack(target, configuration, options, decoding);
    this.lm_head = headOf(target, configuration, options);
    this.c = c;
  }
}
