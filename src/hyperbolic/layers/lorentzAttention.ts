import { div, mul } from '../../autograd/ops/arithmetic.ts';
import { scaledDotProductAttention } from '../../autograd/ops/attention.ts';
import { checkChance } from '../../autograd/ops/dropout.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { full } from '../../tensor/create.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Curvature } from '../geometry.ts';
import { lorentzNormalise } from '../lorentzNormalise.op.ts';
import { flipTime } from '../rowDot.op.ts';
import { LorentzLinear, type LorentzMapOptions, lorentzMap } from './lorentzLinear.ts';

/** Options of Lorentz attention. */
export interface LorentzAttentionOptions extends Omit<LorentzMapOptions, 'heads'> {
  /** Curvature −c. Default 1. */
  readonly c?: Curvature;
  /** The chance of a weight to be dropped in training. Default 0. */
  readonly dropout?: number;
}

/** What Lorentz attention depends on besides its queries. */
export interface LorentzAttentionContext extends CallContext {
  /** Points […, s, n]; the queries themselves by default. */
  readonly key?: Tensor;
  /** Points […, s, n]; the keys by default. */
  readonly value?: Tensor;
  /** bool, true where a query may see a key, or numbers to add to the scores; it broadcasts to […, heads, t, s]. */
  readonly mask?: Tensor;
  /** Query i sees keys 0..i only. Default false. */
  readonly causal?: boolean;
  /** Points […, t, n] to add before the last point is made: the queries, for a residual connection. */
  readonly residual?: Tensor;
}

/**
 * Attention between points of the hyperboloid. Lorentz linear layers give queries, keys and values of each head as points of n/heads
 * coordinates; the weights are softmax((2 + 2c·<q, k>)/scale), of the negative squared Lorentzian distances; each query gets the weighted
 * centroid of the values; the heads side by side go through one more Lorentz linear layer, to which `residual` is added.
 *
 * Points […, t, n] → […, t, n]. The scale starts at √n. A query that may see no key gets the origin in each head. HyboNet also adds a
 * trained bias to all scores, which the softmax cancels: it is left out.
 * @source Chen et al., arXiv 2105.14686, the attention layer, and the code published with it
 */
export class LorentzAttention extends Module {
  readonly heads: number;
  readonly dropout: number;
  readonly query: LorentzLinear;
  readonly key: LorentzLinear;
  readonly value: LorentzLinear;
  readonly output: LorentzLinear;
  readonly scale: Parameter;
  readonly c: Curvature;

  /**
   * @param n coordinates of a point
   * @throws DomainError when the heads do not divide n into points with at least one spatial coordinate, dropout is no chance, or c is
   * not positive and finite
   */
  constructor(n: number, heads: number, options: LorentzAttentionOptions) {
    super();
    const { c = 1, dropout = 0, dtype = 'float32', device } = options;
    checkCount('LorentzAttention', 'heads', heads, 1);
    checkChance('LorentzAttention', dropout, options.rng);
    if (!Number.isInteger(n) || n % heads !== 0 || n / heads < 2)
      throw new DomainError('LorentzAttention', `${n} coordinates are no points of ${heads} heads`);
    const linear = (): LorentzLinear => new LorentzLinear(lorentzMap(n, n, options), { c, heads });
    this.heads = heads;
    this.dropout = dropout;
    this.query = linear();
    this.key = linear();
    this.value = linear();
    this.output = new LorentzLinear(lorentzMap(n, n, { ...options, bias: false, heads }), { c });
    this.scale = new Parameter(full([], Math.sqrt(n), device === undefined ? { dtype } : { dtype, device }));
    this.c = c;
  }

  /** @throws ShapeError, DTypeError when operands do not fit; DomainError when dropout is due and there is no `rng` */
  call(x: Tensor, context: LorentzAttentionContext = {}): Tensor {
    const { key = x, value = key, mask, causal = false, residual, training = false, rng } = context;
    for (const t of [x, key, value])
      if (t.rank < 2) throw new ShapeError('LorentzAttention', 'needs […, t, n]', [t.shape]);
    const passed = { training, ...(rng !== undefined && { rng }) };
    const [q, k, v] = [this.query.call(x, passed), this.key.call(key, passed), this.value.call(value, passed)];
    const scaled = mul(mul(this.#flipped(q), this.c), div(2, this.scale));
    const due = training && this.dropout > 0;
    if (due) checkChance('LorentzAttention', this.dropout, rng);
    const sums = scaledDotProductAttention(scaled, k, v, {
      heads: this.heads,
      scale: 1,
      causal,
      ...(mask !== undefined && { mask }),
      ...(due && rng !== undefined && { dropout: { p: this.dropout, rng } }),
    });
    const centroids = this.#joined(lorentzNormalise(this.#cut(sums), this.c));
    return this.output.call(centroids, { ...passed, ...(residual !== undefined && { residual }) });
  }

  /** Each head's point with its time negated. */
  #flipped(x: Tensor): Tensor {
    return this.#joined(flipTime(this.#cut(x)));
  }

  /** Heads on an axis of their own. */
  #cut(x: Tensor): Tensor {
    return reshape(x, [...x.shape.slice(0, -1), this.heads, x.shape[x.rank - 1] / this.heads]);
  }

  /** Heads side by side again. */
  #joined(x: Tensor): Tensor {
    return reshape(x, [...x.shape.slice(0, -2), x.shape[x.rank - 2] * x.shape[x.rank - 1]]);
  }
}
