import { add, mul } from '../autograd/ops/arithmetic.ts';
import { reshape } from '../autograd/ops/layout.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import { concat, slice } from '../autograd/ops/slice.ts';
import { noGrad } from '../autograd/scoped.ts';
import { addBias, Linear, type LinearMap } from '../nn/linear.ts';
import { Module } from '../nn/module.ts';
import { Parameter } from '../nn/parameter.ts';
import { rowsTimes } from '../nn/rows.ts';
import { indexSelectKernel } from '../tensor/cpu/gather.ts';
import { svdKernel } from '../tensor/cpu/svd.ts';
import { arange, randn, tensor, zeros } from '../tensor/create.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import { Tensor } from '../tensor/tensor.ts';
import { decayingNonNegative, freeRows, nonNegative, unitRows } from './constraint.ts';
import { normaliseRowsKernel } from './kernels.ts';
import { sparseSpectralLinear } from './linear.op.ts';

/** Options of a spectral layer. All but the rank are there for ablations. */
export interface SpectralLinearOptions {
  /** r, how many singular vectors are trained at a time; at most k = min(m, n), which it is cut to. */
  readonly rank: number;
  /** Train the vectors with the enhanced gradient instead of the derivative. Default true. */
  readonly enhanced?: boolean;
  /** Bring the vectors back to length 1 after every step. Default true. */
  readonly normalise?: boolean;
  /** Which singular values are trained: all, or those of the active vectors. Default all. */
  readonly trainedSigma?: 'all' | 'sampled';
  /** Whether weight decay acts on σ. Default false. */
  readonly decaySigma?: boolean;
  /**
   * Start from random vectors and σ = 0 beside the dense weight, W + U·diag(σ)·Vᵀ, which then stays in memory, frozen: drawn from
   * this stream. Default: none, the SVD of the weight.
   */
  readonly random?: Rng;
}

/**
 * A linear layer kept as W = U·diag(σ)·Vᵀ, the full thin SVD of its initial weight, k = min(m, n). All of σ is trained, and
 * the r *active* singular vectors of each side; the other k − r are frozen until they are sampled. `order[i]` is the rank
 * that the vector in slot i had at the last decomposition; slots 0…r−1 are active.
 * @source arXiv 2405.15481, sections 4.1 and 4.6; Tables 6 and 15 for the options
 */
export class SpectralLinear extends Module implements LinearMap {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
  readonly enhanced: boolean;
  readonly utActive: Parameter;
  readonly utFrozen: Parameter;
  readonly sigma: Parameter;
  readonly vtActive: Parameter;
  readonly vtFrozen: Parameter;
  readonly order: Tensor;
  readonly bias: Parameter | null;
  /** The dense weight beside random factors; null otherwise. */
  readonly base: Parameter | null;
  readonly #trainedSigma: 'all' | 'sampled';
  readonly #random: Rng | null;

  /**
   * The layer that computes what `linear` computes; the bias is shared with it.
   * @throws DomainError when `rank` is not a whole number >= 1
   */
  constructor(linear: Linear, options: SpectralLinearOptions) {
    super();
    const { rank, enhanced = true, normalise = true, trainedSigma = 'all', decaySigma = false, random } = options;
    if (!Number.isSafeInteger(rank) || rank < 1)
      throw new DomainError('SpectralLinear', `rank is a whole number >= 1, got ${rank}`);
    const { weight } = linear;
    const [ut, sigma, vt] = random === undefined ? svdKernel([weight], undefined) : randomFactors(weight, random);
    const k = sigma.size;
    const r = Math.min(rank, k);
    const manifold = normalise ? unitRows : freeRows;
    const part = (rows: Tensor, trainable: boolean): Parameter =>
      new Parameter(copy(slice(rows, [trainable ? [0, r] : [r, k]])), { trainable, manifold });
    this.inFeatures = linear.inFeatures;
    this.outFeatures = linear.outFeatures;
    this.rank = r;
    this.enhanced = enhanced;
    this.utActive = part(ut, true);
    this.utFrozen = part(ut, false);
    this.sigma = new Parameter(sigma, { manifold: decaySigma ? decayingNonNegative : nonNegative });
    this.vtActive = part(vt, true);
    this.vtFrozen = part(vt, false);
    this.order = arange(k, undefined, 1, { dtype: 'int32', device: sigma.device });
    this.bias = linear.bias;
    this.base = random === undefined ? null : new Parameter(copy(weight), { trainable: false });
    this.#trainedSigma = trainedSigma;
    this.#random = random ?? null;
  }

  /** The parameters that this form of the weight consists of and that are trained: not the bias. */
  get spectral(): readonly Parameter[] {
    return [this.utActive, this.sigma, this.vtActive];
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  call(x: Tensor): Tensor {
    const { utActive, utFrozen, vtActive, vtFrozen, enhanced, base } = this;
    const y = sparseSpectralLinear(x, utActive, utFrozen, this.#sigma(), vtActive, vtFrozen, { enhanced });
    return addBias(base === null ? y : add(rowsTimes(x, base, { transB: true }), y), this.bias);
  }

  /** σ, no gradient reaching the entries that are not trained. */
  #sigma(): Tensor {
    const { sigma, rank } = this;
    return this.#trainedSigma === 'all' ? sigma : concat([slice(sigma, [[0, rank]]), slice(sigma, [[rank]]).detach()]);
  }

  /** The dense weight W = U·diag(σ)·Vᵀ, [m, n], and beside random factors the weight they were added to. */
  weight(): Tensor {
    const ut = concat([this.utActive, this.utFrozen]);
    const vt = concat([this.vtActive, this.vtFrozen]);
    const w = matmul(mul(ut, reshape(this.sigma, [this.sigma.size, 1])), vt, { transA: true });
    return this.base === null ? w : add(this.base, w);
  }

  /** A dense layer with this layer's weight and bias. */
  merge(): Linear {
    const weight = noGrad(() => this.weight());
    return new Linear(this.inFeatures, this.outFeatures, { weight, bias: this.bias });
  }

  /**
   * Make the vectors in `slots` the active ones: each that is frozen changes places with an active one that was not chosen
   * again, its singular value moves along, and vectors chosen twice stay where they are. W does not change.
   * @param slots r distinct slots
   * @returns for every slot, the one that its vector was in
   * @throws DomainError unless there are r distinct slots in 0…k−1
   */
  activate(slots: ArrayLike<number>): Int32Array {
    const k = this.sigma.size;
    const chosen = new Set(Array.from(slots));
    const known = (slot: number): boolean => Number.isInteger(slot) && slot >= 0 && slot < k;
    if (chosen.size !== this.rank || slots.length !== this.rank || ![...chosen].every(known))
      throw new DomainError(
        'SpectralLinear.activate',
        `needs ${this.rank} distinct slots in 0..${k - 1}, got ${Array.from(slots)}`,
      );
    const leaving = Array.from({ length: this.rank }, (_, slot) => slot).filter((slot) => !chosen.has(slot));
    const entering = [...chosen].filter((slot) => slot >= this.rank).sort((a, b) => a - b);
    const source = Int32Array.from({ length: k }, (_, slot) => slot);
    for (const [i, slot] of leaving.entries()) [source[slot], source[entering[i]]] = [entering[i], slot];
    this.#rearrange(source);
    return source;
  }

  /**
   * Replace the factors by the SVD of what they now represent: vectors orthonormal again, σ falling, W unchanged up to
   * rounding. Random factors are added to the weight beside them, and drawn anew with σ = 0.
   */
  decompose(): void {
    noGrad(() => {
      const weight = this.weight();
      this.base?.assign_(weight);
      const [ut, sigma, vt] =
        this.#random === null ? svdKernel([weight], undefined) : randomFactors(weight, this.#random);
      this.#store(ut, sigma, vt);
      this.order.assign_(arange(sigma.size, undefined, 1, { dtype: 'int32', device: sigma.device }));
    });
  }

  /** Slot i takes what is in slot source[i], on both sides, with its singular value and its name. */
  #rearrange(source: Int32Array): void {
    const index = tensor(source, { device: this.sigma.device });
    const pickRows = (rows: Tensor): Tensor => indexSelectKernel([rows, index], 0);
    noGrad(() => {
      const ut = concat([this.utActive, this.utFrozen]);
      const vt = concat([this.vtActive, this.vtFrozen]);
      this.#store(pickRows(ut), pickRows(this.sigma), pickRows(vt));
      this.order.assign_(pickRows(this.order));
    });
  }

  #store(ut: Tensor, sigma: Tensor, vt: Tensor): void {
    const r = this.rank;
    this.utActive.assign_(slice(ut, [[0, r]]));
    this.utFrozen.assign_(slice(ut, [[r]]));
    this.sigma.assign_(sigma);
    this.vtActive.assign_(slice(vt, [[0, r]]));
    this.vtFrozen.assign_(slice(vt, [[r]]));
  }
}

/** k random directions on each side of an m×n weight, as rows of length 1, and σ = 0. */
function randomFactors({ shape: [m, n], dtype, device }: Tensor, rng: Rng): readonly [Tensor, Tensor, Tensor] {
  const k = Math.min(m, n);
  const rows = (width: number): Tensor => {
    const x = randn([k, width], rng, { dtype, device });
    return normaliseRowsKernel([x, x], undefined);
  };
  return [rows(m), zeros([k], { dtype, device }), rows(n)];
}

/** The same values in storage of their own. */
const copy = (x: Tensor): Tensor => Tensor.allocate(x.shape, x.dtype, x.device).assign_(x);
