import { transpose } from '../autograd/ops/layout.ts';
import { split } from '../autograd/ops/split.ts';
import { zeros } from '../tensor/create.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type AttentionContext, AttentionHeads, type Projections } from './attentionHeads.ts';
import { addBias, Linear, type LinearMap, type LinearOptions, uniform } from './linear.ts';
import { Parameter } from './parameter.ts';
import { rowsTimes } from './rows.ts';

/** Options of multi-head attention. */
export interface MultiheadAttentionOptions extends LinearOptions {
  /** The chance of a weight to be dropped in training. Default 0. */
  readonly dropout?: number;
  /** […, t, e], the sequence after the batch (default), or [t, b, e], which is PyTorch's default. */
  readonly batchFirst?: boolean;
}

/**
 * Attention with several heads, its projections of queries, keys and values in one parameter. Parameters have
 * PyTorch's names: `in_proj_weight` [3e, e] holds the projections of queries, keys and values one below the other, `in_proj_bias` [3e],
 * `out_proj`. `SeparateAttention` has a linear map for each, which training methods can replace.
 *
 * The first weight starts uniform on ±√(6/4e) (Glorot), the last as in `Linear`, the biases as 0.
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.2.2
 */
export class MultiheadAttention extends AttentionHeads {
  readonly batchFirst: boolean;
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | null;
  out_proj: LinearMap;

  /** @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or dropout is no chance */
  constructor(embedDim: number, heads: number, options: MultiheadAttentionOptions) {
    const { rng, bias = true, dropout = 0, batchFirst = true, dtype = 'float32', device } = options;
    super('MultiheadAttention', embedDim, heads, dropout, rng);
    this.batchFirst = batchFirst;
    const none = (size: number): Tensor | null =>
      bias ? zeros([size], device === undefined ? { dtype } : { dtype, device }) : null;
    const first = none(3 * embedDim);
    this.in_proj_weight = new Parameter(uniform([3 * embedDim, embedDim], Math.sqrt(6 / (4 * embedDim)), options));
    this.in_proj_bias = first === null ? null : new Parameter(first);
    const weight = uniform([embedDim, embedDim], 1 / Math.sqrt(embedDim), options);
    this.out_proj = new Linear(embedDim, embedDim, { weight, bias: none(embedDim) });
  }

  /**
   * @param x queries […, t, e], or [t, b, e] where the sequence is first
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  override call(x: Tensor, context: AttentionContext = {}): Tensor {
    if (this.batchFirst) return super.call(x, context);
    const { key, value } = context;
    const ordered = {
      ...context,
      ...(key !== undefined && { key: turned(key) }),
      ...(value !== undefined && { value: turned(value) }),
    };
    return turned(super.call(turned(x), ordered));
  }

  protected projections(): Projections {
    const { in_proj_weight: weight, in_proj_bias: bias, embedDim: size } = this;
    const weights = split(weight, { size });
    const biases = bias === null ? null : split(bias, { size });
    const map =
      (i: number) =>
      (x: Tensor): Tensor =>
        addBias(rowsTimes(x, weights[i], { transB: true }), biases === null ? null : biases[i]);
    return [map(0), map(1), map(2)];
  }

  protected output(joined: Tensor, context: AttentionContext): Tensor {
    return this.out_proj.call(joined, context);
  }
}

/** Batch and sequence exchanged. */
const turned = (x: Tensor): Tensor => (x.rank < 3 ? x : transpose(x, 0, 1));
