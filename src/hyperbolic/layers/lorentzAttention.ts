import { div, mul } from '../../autograd/ops/arithmetic.ts';
import { expand } from '../../autograd/ops/broadcast.ts';
import { type AttentionContext, AttentionHeads, type Projections } from '../../nn/attentionHeads.ts';
import { storedAs } from '../../nn/models/parts.ts';
import { Parameter } from '../../nn/parameter.ts';
import { full } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Curvature } from '../geometry.ts';
import { lorentzNormalise } from '../lorentzNormalise.op.ts';
import { flipTime } from '../rowDot.op.ts';
import { headsApart, headsTogether } from './heads.ts';
import { type LorentzDenseOptions, type LorentzLinear, lorentzDense } from './lorentzLinear.ts';

/** Options of Lorentz attention. */
export interface LorentzAttentionOptions
  extends Pick<LorentzDenseOptions, 'form' | 'bias' | 'dtype' | 'device' | 'rng'> {
  /** Curvature −c. Default 1. */
  readonly c?: Curvature;
  /** The chance of a weight to be dropped in training. Default 0. */
  readonly dropout?: number;
  /** The chance of a coordinate of what goes into each linear layer to be dropped in training. Default 0. */
  readonly inputDropout?: number;
}

/** What Lorentz attention depends on besides its queries. */
export interface LorentzAttentionContext extends AttentionContext {
  /** Points […, t, n] to add before the last point is made: the queries, for a residual connection. */
  readonly residual?: Tensor;
}

/**
 * Attention between points of the hyperboloid. Lorentz linear layers give queries, keys and values of each head as points of n/heads
 * coordinates; the weights are softmax((2 + 2c·<q, k>)/scale), of the negative squared Lorentzian distances; each query gets the weighted
 * centroid of the values; the heads side by side go through one more Lorentz linear layer, to which `residual` is added.
 *
 * Points […, t, n] → […, t, n]. The scale starts at √n. A query that may see no key gets the origin in each head. HyboNet also adds a
 * trained bias to all scores, which the softmax cancels, as it does the 2: they are left out.
 * @source Chen et al., arXiv 2105.14686, the attention layer, and the code published with it
 */
export class LorentzAttention extends AttentionHeads {
  readonly q_proj: LorentzLinear;
  readonly k_proj: LorentzLinear;
  readonly v_proj: LorentzLinear;
  readonly out_proj: LorentzLinear;
  readonly scale: Parameter;
  readonly c: Curvature;

  /**
   * @param n coordinates of a point
   * @throws DomainError when the heads do not divide n into points with at least one spatial coordinate, dropout is no chance, or c is
   * not positive and finite
   */
  constructor(n: number, heads: number, options: LorentzAttentionOptions) {
    const { c = 1, dropout = 0, inputDropout = 0, form = 'code', bias = true, rng } = options;
    super('LorentzAttention', n, heads, dropout, rng);
    if (n / heads < 2) throw new DomainError('LorentzAttention', `${n} coordinates are no points of ${heads} heads`);
    const place = storedAs(options);
    const common = { c, form, dropout: inputDropout, rng, ...place };
    const linear = (): LorentzLinear => lorentzDense(n, n, { ...common, bias, heads });
    this.q_proj = linear();
    this.k_proj = linear();
    this.v_proj = linear();
    this.out_proj = lorentzDense(n, n, { ...common, bias: false, inputHeads: heads });
    this.scale = new Parameter(full([], Math.sqrt(n), place));
    this.c = c;
  }

  /**
   * @param x queries, points […, t, n]
   * @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng`
   */
  override call(x: Tensor, context: LorentzAttentionContext = {}): Tensor {
    return super.call(x, context);
  }

  protected projections({ residual: _, ...context }: LorentzAttentionContext): Projections {
    return [
      (x) => this.#facing(this.q_proj.call(x, context)),
      (x) => this.k_proj.call(x, context),
      (x) => this.v_proj.call(x, context),
    ];
  }

  protected output(sums: Tensor, context: LorentzAttentionContext): Tensor {
    const centroids = headsTogether(lorentzNormalise(headsApart(sums, this.heads), this.c));
    return this.out_proj.call(centroids, context);
  }

  /** Queries whose Euclidean products with keys, divided by the root of a head's size as attention does, are 2c·<q, k>/scale. */
  #facing(q: Tensor): Tensor {
    const size = this.embedDim / this.heads;
    const factor = mul(div(2 * Math.sqrt(size), this.scale), this.c);
    return headsTogether(mul(headsApart(q, this.heads), flipTime(expand(factor, [size]))));
  }
}
