import { mul } from '../autograd/ops/arithmetic.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import { reshape, transpose } from '../autograd/ops/layout.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import { noGrad } from '../autograd/scoped.ts';
import { addBias, Linear, type LinearMap } from '../nn/linear.ts';
import { Module, replaceModule } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import { rowsTimes } from '../nn/rows.ts';
import { windowKernel } from '../tensor/cpu/layout.ts';
import { svdKernel } from '../tensor/cpu/svd.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { type Selection, select } from './select.ts';

/**
 * A linear layer of low rank, W = up·down: x […, n], down [r, n], up [m, r], b [m] → y = (x·downᵀ)·upᵀ + b […, m]. It has
 * r·(m + n) parameters beside the bias.
 */
export class FactoredLinear extends Module implements LinearMap {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
  readonly down: Parameter;
  readonly up: Parameter;
  readonly bias: Parameter | null;

  constructor(up: Tensor, down: Tensor, bias: Parameter | null) {
    super();
    this.inFeatures = down.shape[1];
    this.outFeatures = up.shape[0];
    this.rank = down.shape[0];
    this.down = new Parameter(down);
    this.up = new Parameter(up);
    this.bias = bias;
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  call(x: Tensor): Tensor {
    const low = rowsTimes(x, this.down, { transB: true });
    return addBias(rowsTimes(low, this.up, { transB: true }), this.bias);
  }

  /** A dense layer with the product as its weight. */
  merge(): Linear {
    const weight = noGrad(() => matmul(this.up, this.down));
    return new Linear(this.inFeatures, this.outFeatures, { weight, bias: this.bias });
  }
}

/** A layer whose smallest singular values were left out. */
export interface Reduced {
  readonly layer: FactoredLinear | Linear;
  /** Singular values that are left. */
  readonly rank: number;
  /** Parameters of the layer, exact, the bias among them. */
  readonly parameters: number;
  /** The share of the singular values that was left out, in [0, 1). */
  readonly removed: number;
  /** ‖W − W_r‖_F = √Σ_{i > r} σ_i². */
  readonly error: number;
}

/** What a reduced layer is made of: two factors, a dense weight, or, `smaller`, whichever has fewer parameters. Default `smaller`. */
export interface ReduceOptions {
  readonly form?: 'smaller' | 'factored' | 'dense';
}

/** How far layers are reduced: to a share of the sum of their singular values, or to a rank. */
export type Extent = { readonly keep: number } | { readonly rank: number };

/** A layer with a dense weight, or one that can be folded into such a layer. */
export type Reducible = Linear | (LinearMap & { merge(): Linear });

/**
 * The best approximation of a layer by one of rank `rank`: its largest singular values and their vectors.
 * @throws DomainError when `rank` is not a whole number >= 1, or the form is unknown
 * @source Eckart & Young 1936; arXiv 2405.15481, Eq. 2
 */
export function truncate(layer: Reducible, rank: number, options: ReduceOptions = {}): Reduced {
  return reduce('truncate', layer, { ...options, rank });
}

/**
 * Leave out the smallest singular values of a layer, as many as can go while the others still sum to `keep` times the sum of all;
 * one always stays.
 * @throws DomainError when `keep` is not in (0, 1], or the form is unknown
 * @source arXiv 2405.15481, appendix on singular value pruning
 */
export function prune(layer: Reducible, options: ReduceOptions & { readonly keep: number }): Reduced {
  return reduce('prune', layer, options);
}

/** How many singular values stay. @throws DomainError when the extent or the form is none */
function rankFor(op: string, options: ReduceOptions & Extent): (sigma: ArrayLike<number>) => number {
  const { form = 'smaller' } = options;
  if (!['smaller', 'factored', 'dense'].includes(form)) throw new DomainError(op, `there is no form '${String(form)}'`);
  if ('keep' in options) {
    const { keep } = options;
    if (!(keep > 0 && keep <= 1)) throw new DomainError(op, `keep is in (0, 1], got ${keep}`);
    return (sigma) => ranksKept(sigma, keep);
  }
  const { rank } = options;
  if (!Number.isSafeInteger(rank) || rank < 1) throw new DomainError(op, `rank is a whole number >= 1, got ${rank}`);
  return () => rank;
}

/** The least r whose first r values sum to `keep` times the whole. */
function ranksKept(sigma: ArrayLike<number>, keep: number): number {
  const values = Array.from(sigma);
  const enough = values.reduce((sum, s) => sum + s, 0) * keep;
  let sum = 0;
  const last = values.findIndex((s) => {
    sum += s;
    return sum >= enough;
  });
  return last < 0 ? values.length : last + 1;
}

function reduce(op: string, layer: Reducible, options: ReduceOptions & Extent): Reduced {
  const rankOf = rankFor(op, options);
  return cut(decompose(layer), rankOf, options);
}

/** The singular values and vectors of a layer, as rows: what every rank of it is cut from. */
interface Decomposed {
  readonly ut: Tensor;
  readonly sigma: Tensor;
  readonly vt: Tensor;
  readonly bias: Parameter | null;
}

function decompose(layer: Reducible): Decomposed {
  const { weight, bias } = layer instanceof Linear ? layer : layer.merge();
  const [ut, sigma, vt] = svdKernel([weight], undefined);
  return { ut, sigma, vt, bias };
}

function cut(
  { ut, sigma, vt, bias }: Decomposed,
  rankOf: (sigma: ArrayLike<number>) => number,
  { form = 'smaller' }: ReduceOptions,
): Reduced {
  const [m, n] = [ut.shape[1], vt.shape[1]];
  const rank = Math.min(rankOf(sigma.data), sigma.size);
  const made = noGrad(() => factored(ut, sigma, vt, rank, bias));
  const dense = form === 'dense' || (form === 'smaller' && rank * (m + n) >= m * n);
  const reduced = dense ? made.merge() : made;
  const left = Array.from(sigma.data.subarray(rank));
  return {
    layer: reduced,
    rank,
    parameters: reduced.parameters().reduce((sum, p) => sum + p.size, 0),
    removed: left.length / sigma.size,
    error: Math.hypot(...left),
  };
}

/** up = U_r·√Σ_r and down = √Σ_r·V_rᵀ: factors of one size. */
function factored(ut: Tensor, sigma: Tensor, vt: Tensor, rank: number, bias: Parameter | null): FactoredLinear {
  const first = (rows: Tensor): Tensor => windowKernel([rows], { start: [0, 0], shape: [rank, rows.shape[1]] });
  const roots = reshape(sqrt(windowKernel([sigma], { start: [0], shape: [rank] })), [rank, 1]);
  const up = transpose(mul(first(ut), roots));
  return new FactoredLinear(up, mul(first(vt), roots), bias);
}

/** What became of each layer of a model. */
export interface ReducedModel {
  readonly layers: readonly (Reduced & { readonly path: string })[];
  /** Parameters of the model after, exact. */
  readonly parameters: number;
  /** The share of all singular values that was left out. */
  readonly removed: number;
}

/** The linear layers of a model, ready to be reduced to any extent. */
export interface Reducer {
  /**
   * Put layers of this extent into the model, in place of those that it has there now: always cut from the layers that there were at first.
   * @throws DomainError when a setting is out of range; the model is then as it was
   */
  reduce(options: ReduceOptions & Extent): ReducedModel;
}

/**
 * Decompose the linear layers of a model, dense ones and those of a training method, once for all that is to be cut from them.
 * @throws DomainError when nothing is selected
 */
export function reducer(model: Module, selection: Selection): Reducer {
  const found = select(model, selection, isReducible).map(({ path, module }) => ({ path, parts: decompose(module) }));
  if (found.length === 0) throw new DomainError('reduceModel', 'no linear layer is selected');
  const all = found.reduce((n, { parts }) => n + parts.sigma.size, 0);
  return {
    reduce(options) {
      const rankOf = rankFor('reduceModel', options);
      const layers = found.map(({ path, parts }) => ({ path, ...cut(parts, rankOf, options) }));
      for (const { path, layer } of layers) replaceModule(model, path, layer);
      return {
        layers,
        parameters: model.parameters().reduce((n, p) => n + p.size, 0),
        removed: 1 - layers.reduce((n, { rank }) => n + rank, 0) / all,
      };
    },
  };
}

/**
 * Prune, or truncate, the linear layers of a model in place: dense ones, and those of a training method.
 * @throws DomainError when a setting is out of range, or nothing is selected
 */
export function reduceModel(model: Module, options: ReduceOptions & Selection & Extent): ReducedModel {
  return reducer(model, options).reduce(options);
}

const isReducible = (module: Module): module is Reducible =>
  module instanceof Linear || ('merge' in module && 'inFeatures' in module);
