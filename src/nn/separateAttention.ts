import type { Tensor } from '../tensor/tensor.ts';
import { type AttentionContext, AttentionHeads, type Projections } from './attentionHeads.ts';
import { Linear, type LinearMap, type LinearOptions } from './linear.ts';

/** Makes the linear maps of a model, n → m features, all in one manner. */
export type LinearMaker = (inFeatures: number, outFeatures: number) => LinearMap;

/** Options of attention over separate projections. */
export interface SeparateAttentionOptions extends LinearOptions {
  /** The chance of a weight to be dropped in training. Default 0. */
  readonly dropout?: number;
  /** How each of the four projections is made. Default: `new Linear(…)` with these options. */
  readonly linear?: LinearMaker;
}

/** Linear maps as such options ask for them. */
export const makerOf = (options: SeparateAttentionOptions): LinearMaker =>
  options.linear ?? ((n, m) => new Linear(n, m, options));

/** Attention whose queries, keys and values have a linear map each, under the names that OPT and LLaMA have in common. */
export abstract class SeparateHeads extends AttentionHeads {
  q_proj: LinearMap;
  k_proj: LinearMap;
  v_proj: LinearMap;

  /** @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or dropout is no chance */
  constructor(op: string, embedDim: number, heads: number, options: SeparateAttentionOptions) {
    super(op, embedDim, heads, options.dropout ?? 0, options.rng);
    const linear = makerOf(options);
    this.q_proj = linear(embedDim, embedDim);
    this.k_proj = linear(embedDim, embedDim);
    this.v_proj = linear(embedDim, embedDim);
  }

  protected projections(context: AttentionContext): Projections {
    return [
      (x) => this.q_proj.call(x, context),
      (x) => this.k_proj.call(x, context),
      (x) => this.v_proj.call(x, context),
    ];
  }
}

/**
 * Attention with several heads whose projections of queries, keys, values and joined heads are four linear maps, `q_proj`, `k_proj`,
 * `v_proj` and `out_proj`, each e → e: a training method (`convert`) replaces each of them. Otherwise it is `MultiheadAttention`.
 *
 * @throws DomainError when a count is not a whole number >= 1, the heads do not divide the width, or dropout is no chance
 * @source Vaswani et al., "Attention Is All You Need", arXiv 1706.03762, Section 3.2.2
 */
export class SeparateAttention extends SeparateHeads {
  out_proj: LinearMap;

  constructor(embedDim: number, heads: number, options: SeparateAttentionOptions) {
    super('SeparateAttention', embedDim, heads, options);
    this.out_proj = makerOf(options)(embedDim, embedDim);
  }

  protected output(joined: Tensor, context: AttentionContext): Tensor {
    return this.out_proj.call(joined, context);
  }
}
