import { scaledDotProductAttention } from '../autograd/ops/attention.ts';
import { where } from '../autograd/ops/compare.ts';
import { checkChance } from '../autograd/ops/dropout.ts';
import { reshape, transpose } from '../autograd/ops/layout.ts';
import { logicalAnd } from '../autograd/ops/logic.ts';
import { split } from '../autograd/ops/split.ts';
import { zeros } from '../tensor/create.ts';
import { DomainError, DTypeError, ShapeError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { addBias, Linear, type LinearMap, type LinearOptions, uniform } from './linear.ts';
import { type CallContext, Module } from './module.ts';
import { checkCount } from './optim/schedule.ts';
import { Parameter } from './parameter.ts';
import { rowsTimes } from './rows.ts';

/** Options of multi-head attention. */
export interface MultiheadAttentionOptions extends LinearOptions {
  /** The chance of a weight to be dropped in training. Default 0. */
  readonly dropout?: number;
  /** […, t, e], the sequence after the batch (default), or [t, b, e], which is PyTorch's default. */
  readonly batchFirst?: boolean;
}

/** What attention depends on besides its queries. */
export interface AttentionContext extends CallContext {
  /** […, s, e]; the queries themselves by default. */
  readonly key?: Tensor;
  /** […, s, e]; the keys by default. */
  readonly value?: Tensor;
  /**
   * bool, true where a query may see a key, or numbers to add to the scores; it broadcasts to […, heads, t, s]. (A bool mask
   * of PyTorch's module says the opposite.)
   */
  readonly mask?: Tensor;
  /** bool […, s]: which keys there are to see; false is padding. */
  readonly keyMask?: Tensor;
  /** Query i sees keys 0..i only. Default false. */
  readonly causal?: boolean;
}

/**
 * Attention with several heads: queries, keys and values are projected, cut into heads of e/heads, attended to
 * (`scaledDotProductAttention`), joined and projected again. Parameters have PyTorch's names: `in_proj_weight` [3e, e] holds the
 * projections of queries, keys and values one below the other, `in_proj_bias` [3e], `out_proj`.
 *
 * The first weight starts uniform on ±√(6/4e) (Glorot), the last as in `Linear`, the biases as 0.
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.2.2
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly heads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly in_proj_weight: Parameter;
  readonly in_proj_bias: Parameter | null;
  out_proj: LinearMap;

  /** @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or dropout is no chance */
  constructor(embedDim: number, heads: number, options: MultiheadAttentionOptions) {
    super();
    const { rng, bias = true, dropout = 0, batchFirst = true, dtype = 'float32', device } = options;
    const op = 'MultiheadAttention';
    checkCount(op, 'embedDim', embedDim, 1);
    checkCount(op, 'heads', heads, 1);
    if (embedDim % heads !== 0) throw new DomainError(op, `${heads} heads do not divide ${embedDim}`);
    checkChance(op, dropout, rng);
    this.embedDim = embedDim;
    this.heads = heads;
    this.dropout = dropout;
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
  call(x: Tensor, context: AttentionContext = {}): Tensor {
    const { key = x, value = key, training = false, rng, causal = false } = context;
    for (const [name, t] of Object.entries({ query: x, key, value }))
      if (t.rank < 2 || t.shape[t.rank - 1] !== this.embedDim)
        throw new ShapeError('MultiheadAttention', `${name} is not [… t ${this.embedDim}]`, [t.shape]);
    const [q, k, v] = this.#projected([x, key, value].map((t) => this.#ordered(t)));
    const mask = maskOf(context);
    const attrs = { causal, heads: this.heads, ...(mask === undefined ? {} : { mask }) };
    if (training && this.dropout > 0) checkChance('MultiheadAttention', this.dropout, rng);
    const dropped =
      training && this.dropout > 0 && rng !== undefined ? { ...attrs, dropout: { p: this.dropout, rng } } : attrs;
    return this.#ordered(this.out_proj.call(scaledDotProductAttention(q, k, v, dropped), context));
  }

  /** Batch first, whatever the caller's order is; the same again undoes it. */
  #ordered(x: Tensor): Tensor {
    return this.batchFirst || x.rank < 3 ? x : transpose(x, 0, 1);
  }

  /** Queries, keys and values, each with its heads side by side. */
  #projected(xs: readonly Tensor[]): readonly Tensor[] {
    const { in_proj_weight: weight, in_proj_bias: bias, embedDim: size } = this;
    const weights = split(weight, { size });
    const biases = bias === null ? null : split(bias, { size });
    return xs.map((x, i) => addBias(rowsTimes(x, weights[i], { transB: true }), biases === null ? null : biases[i]));
  }
}

/** The two masks as one. */
function maskOf({ mask, keyMask }: AttentionContext): Tensor | undefined {
  if (keyMask === undefined) return mask;
  if (keyMask.dtype !== 'bool' || keyMask.rank === 0)
    throw new DTypeError('MultiheadAttention', `keyMask is a bool for each key, got ${keyMask.dtype}`);
  const keys = reshape(keyMask, [...keyMask.shape.slice(0, -1), 1, 1, ...keyMask.shape.slice(-1)]);
  if (mask === undefined) return keys;
  return mask.dtype === 'bool' ? logicalAnd(mask, keys) : where(keys, mask, -Infinity);
}
