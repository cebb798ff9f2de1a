import { gelu, relu } from '../autograd/ops/activation.ts';
import { add } from '../autograd/ops/arithmetic.ts';
import { checkChance, dropout } from '../autograd/ops/dropout.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AttentionContext, MultiheadAttention } from './attention.ts';
import { LayerNorm } from './layerNorm.ts';
import { Linear, type LinearMap, type LinearOptions } from './linear.ts';
import { type CallContext, Module } from './module.ts';

/** Options of a transformer layer. */
export interface TransformerEncoderLayerOptions extends LinearOptions {
  /** Default 2048. */
  readonly feedForward?: number;
  /** The chance of an element to be dropped in training, in all four places. Default 0.1. */
  readonly dropout?: number;
  /** Between the two linear maps; default `relu`. */
  readonly activation?: 'relu' | 'gelu' | ((x: Tensor) => Tensor);
  /** Normalise what goes into attention and feed-forward, instead of what comes out. Default false. */
  readonly normFirst?: boolean;
  /** Of the two normalisations. Default 1e-5. */
  readonly eps?: number;
  /** […, t, e] (default), or [t, b, e], which is PyTorch's default. */
  readonly batchFirst?: boolean;
}

const activations: ReadonlyMap<unknown, (x: Tensor) => Tensor> = new Map<unknown, (x: Tensor) => Tensor>([
  ['relu', relu],
  ['gelu', (x) => gelu(x)],
]);

/**
 * One layer of a transformer encoder: y = norm1(x + attention(x)), z = norm2(y + linear2(f(linear1(y)))), or with the
 * normalisations first, y = x + attention(norm1(x)), z = y + linear2(f(linear1(norm2(y)))). Parameters have PyTorch's names.
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.1; Xiong et al., "On layer normalization in
 * the transformer architecture", arXiv 2002.04745, for the normalisations first
 */
export class TransformerEncoderLayer extends Module {
  self_attn: MultiheadAttention;
  linear1: LinearMap;
  linear2: LinearMap;
  norm1: LayerNorm;
  norm2: LayerNorm;
  readonly dropout: number;
  readonly normFirst: boolean;
  readonly activation: (x: Tensor) => Tensor;

  /** @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or an option is unknown */
  constructor(embedDim: number, heads: number, options: TransformerEncoderLayerOptions) {
    super();
    const { feedForward = 2048, dropout: p = 0.1, activation = 'relu', normFirst = false, eps = 1e-5 } = options;
    checkChance('TransformerEncoderLayer', p, options.rng);
    const known = typeof activation === 'function' ? activation : activations.get(activation);
    if (typeof known !== 'function')
      throw new DomainError(
        'TransformerEncoderLayer',
        `activation is relu, gelu or a function, got ${String(activation)}`,
      );
    const norm = { ...options, eps, bias: options.bias ?? true };
    this.self_attn = new MultiheadAttention(embedDim, heads, { ...options, dropout: p });
    this.linear1 = new Linear(embedDim, feedForward, options);
    this.linear2 = new Linear(feedForward, embedDim, options);
    this.norm1 = new LayerNorm(embedDim, norm);
    this.norm2 = new LayerNorm(embedDim, norm);
    this.dropout = p;
    this.normFirst = normFirst;
    this.activation = known;
  }

  /**
   * @param x […, t, e], or [t, b, e] where the sequence is first
   * @param context `mask`, `keyMask` and `causal` as in `MultiheadAttention`
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: Omit<AttentionContext, 'key' | 'value'> = {}): Tensor {
    const { self_attn, norm1, norm2, normFirst } = this;
    const attend = (t: Tensor): Tensor => this.#dropped(self_attn.call(t, context), context);
    if (normFirst) {
      const y = add(x, attend(norm1.call(x)));
      return add(y, this.#feedForward(norm2.call(y), context));
    }
    const y = norm1.call(add(x, attend(x)));
    return norm2.call(add(y, this.#feedForward(y, context)));
  }

  #feedForward(x: Tensor, context: CallContext): Tensor {
    const inner = this.#dropped(this.activation(this.linear1.call(x, context)), context);
    return this.#dropped(this.linear2.call(inner, context), context);
  }

  #dropped(x: Tensor, { training = false, rng }: CallContext): Tensor {
    if (!training || this.dropout === 0) return x;
    checkChance('TransformerEncoderLayer', this.dropout, rng);
    return rng === undefined ? x : dropout(x, { p: this.dropout, rng });
  }
}
