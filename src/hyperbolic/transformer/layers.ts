import type { AttentionContext } from '../../nn/attentionHeads.ts';
import { storedAs } from '../../nn/models/parts.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { acrossContext, type DecoderLayerContext } from '../../nn/transformer.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { LorentzAttention, type LorentzAttentionOptions } from '../layers/lorentzAttention.ts';
import { type LorentzLinear, lorentzDense } from '../layers/lorentzLinear.ts';
import type { ActivationChoice } from '../layers/tangent.ts';

/** Options of a layer of a Lorentz Transformer. */
export interface LorentzTransformerLayerOptions
  extends Omit<LorentzAttentionOptions, 'bias' | 'dropout' | 'inputDropout'> {
  /** Coordinates of the points between the two linear layers. Default 2048. */
  readonly feedForward?: number;
  /** The chance of a coordinate of what goes into a linear layer to be dropped in training. Default 0.1. */
  readonly dropout?: number;
  /** The chance of an attention weight to be dropped in training. Default: `dropout`. */
  readonly attentionDropout?: number;
  /** Of what goes into the second linear layer. Default `relu`. */
  readonly activation?: ActivationChoice;
}

/** What layers of encoder and decoder have in common: attention to themselves, and a feed-forward part. */
export abstract class LorentzTransformerLayer extends Module {
  readonly self_attn: LorentzAttention;
  readonly linear1: LorentzLinear;
  readonly linear2: LorentzLinear;

  /**
   * @param n coordinates of a point
   * @throws DomainError when the heads do not divide n into points, dropout is no chance, c is not positive and finite, or an option is unknown
   */
  constructor(n: number, heads: number, options: LorentzTransformerLayerOptions) {
    super();
    const { feedForward = 2048, dropout = 0.1, activation = 'relu' } = options;
    const common = { ...commonOf(options), dropout };
    this.self_attn = attentionOf(n, heads, options);
    this.linear1 = lorentzDense(n, feedForward, common);
    this.linear2 = lorentzDense(feedForward, n, { ...common, activation });
  }

  /** point(W₂·f(point(W₁·x)) + x), biases and dropout aside. */
  protected fedForward(x: Tensor, { training = false, rng }: CallContext): Tensor {
    const passed = { training, ...(rng !== undefined && { rng }) };
    return this.linear2.call(this.linear1.call(x, passed), { ...passed, residual: x });
  }
}

/** The space of a layer, and where its values come from and go. */
const commonOf = ({ c = 1, form = 'code', ...options }: LorentzTransformerLayerOptions) => ({
  c,
  form,
  rng: options.rng,
  ...storedAs(options),
});

/** The attention of a layer. */
function attentionOf(n: number, heads: number, options: LorentzTransformerLayerOptions): LorentzAttention {
  const { dropout = 0.1, attentionDropout = dropout } = options;
  return new LorentzAttention(n, heads, { ...commonOf(options), dropout: attentionDropout, inputDropout: dropout });
}

/**
 * One layer of a Lorentz Transformer's encoder, points […, t, n] → […, t, n]: attention, then two Lorentz linear layers; around each of both the
 * input is added to what the last map gives, before a point is made of that. There is no normalisation. Layers have the names of
 * `TransformerEncoderLayer`; below each Lorentz linear layer, `map` is what a training method replaces.
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the Transformer in the code published with it
 */
export class LorentzTransformerEncoderLayer extends LorentzTransformerLayer {
  /**
   * @param x points […, t, n]
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: Omit<AttentionContext, 'key' | 'value'> = {}): Tensor {
    return this.fedForward(this.self_attn.call(x, { ...context, residual: x }), context);
  }
}

/**
 * One layer of a Lorentz Transformer's decoder: attention to itself, `multihead_attn` to the encoder's memory, which holds points, and two Lorentz
 * linear layers, each with its way around as in `LorentzTransformerEncoderLayer`. The context says whether attention to itself is causal.
 * @source Chen et al., "Fully Hyperbolic Neural Networks", arXiv 2105.14686, the Transformer in the code published with it
 */
export class LorentzTransformerDecoderLayer extends LorentzTransformerLayer {
  readonly multihead_attn: LorentzAttention;

  /**
   * @param n coordinates of a point
   * @throws DomainError when the heads do not divide n into points, dropout is no chance, c is not positive and finite, or an option is unknown
   */
  constructor(n: number, heads: number, options: LorentzTransformerLayerOptions) {
    super(n, heads, options);
    this.multihead_attn = attentionOf(n, heads, options);
  }

  /**
   * @param x points […, t, n]
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: DecoderLayerContext): Tensor {
    const y = this.self_attn.call(x, { ...context, residual: x });
    const z = this.multihead_attn.call(y, { ...acrossContext(context), residual: y });
    return this.fedForward(z, context);
  }
}
