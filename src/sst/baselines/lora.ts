import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { addBias, Linear, type LinearMap, uniform } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { rowsTimes } from '../../nn/rows.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Method } from '../method.ts';

/** Settings of a low-rank adapter. */
export interface LoraOptions {
  /** r: inner size of the adapter, at most min(m, n). */
  readonly rank: number;
  /** The adapter is scaled by alpha/r. Default r: a scale of 1. */
  readonly alpha?: number;
  /** Where A gets its initial values. */
  readonly rng: Rng;
}

/** What an adapter starts from: its factors, and the weight beside them. */
export interface AdapterStart {
  /** [r, n] */
  readonly a: Tensor;
  /** [m, r] */
  readonly b: Tensor;
  /** [m, n], frozen */
  readonly rest: Tensor;
}

/** Options of a layer with an adapter: r and alpha as LoRA's, and where it starts: as LoRA does, from `rng`, or elsewhere. */
export type LoraLinearOptions = Pick<LoraOptions, 'rank' | 'alpha'> &
  ({ readonly rng: Rng } | { start(weight: Tensor, rank: number): AdapterStart });

/** LoRA's start: A Kaiming-uniform, B zero, all of the weight beside them. */
const randomStart =
  (rng: Rng) =>
  (weight: Tensor, rank: number): AdapterStart => ({
    a: initialA(weight, rank, rng),
    b: initialB(weight, rank),
    rest: weight,
  });

/**
 * y = x·W0ᵀ + (alpha/r)·x·Aᵀ·Bᵀ + b: W0 [m, n] frozen, A [r, n] and B [m, r] trained. A starts Kaiming-uniform (±1/√n), B at
 * zero, so the layer starts as the one it replaces.
 * @source Hu et al., "LoRA", arXiv 2106.09685, Eq. 3
 */
export class LoraLinear extends Module implements LinearMap {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly rank: number;
  readonly scaling: number;
  readonly weight: Parameter;
  readonly loraA: Parameter;
  readonly loraB: Parameter;
  readonly bias: Parameter | null;

  /** @throws DomainError when `rank` is not a whole number >= 1, or alpha is not finite */
  constructor(linear: Linear, options: LoraLinearOptions) {
    super();
    const { rank, alpha } = options;
    const start = 'start' in options ? options.start : randomStart(options.rng);
    const { inFeatures, outFeatures, weight, bias } = linear;
    if (!Number.isSafeInteger(rank) || rank < 1 || (alpha !== undefined && !Number.isFinite(alpha)))
      throw new DomainError('LoraLinear', `rank is a whole number >= 1 and alpha finite, got ${rank} and ${alpha}`);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.rank = Math.min(rank, inFeatures, outFeatures);
    this.scaling = (alpha ?? this.rank) / this.rank;
    const { a, b, rest } = start(weight, this.rank);
    this.weight = new Parameter(rest, { trainable: false });
    this.loraA = new Parameter(a);
    this.loraB = new Parameter(b);
    this.bias = bias;
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  call(x: Tensor): Tensor {
    const dense = rowsTimes(x, this.weight, { transB: true });
    const low = rowsTimes(rowsTimes(x, this.loraA, { transB: true }), this.loraB, { transB: true });
    return addBias(add(dense, this.scaling === 1 ? low : mul(low, this.scaling)), this.bias);
  }

  /** What the adapter adds to the weight, (alpha/r)·B·A, [m, n]. */
  deltaWeight(): Tensor {
    return mul(matmul(this.loraB, this.loraA), this.scaling);
  }

  /** A dense layer with the adapter folded in. */
  merge(): Linear {
    const weight = noGrad(() => add(this.weight, this.deltaWeight()));
    return new Linear(this.inFeatures, this.outFeatures, { weight, bias: this.bias });
  }

  /** Fold the adapter into the frozen weight and start a new one; the layer's function does not change. */
  restart(rng: Rng): void {
    noGrad(() => {
      this.weight.assign_(add(this.weight, this.deltaWeight()));
      this.loraA.assign_(initialA(this.weight, this.rank, rng));
      this.loraB.assign_(initialB(this.weight, this.rank));
    });
  }
}

/** A [r, n], Kaiming-uniform. */
function initialA({ dtype, device, shape: [, n] }: Tensor, rank: number, rng: Rng): Tensor {
  return uniform([rank, n], 1 / Math.sqrt(n), { rng, dtype, device });
}

/** B [m, r], zero. */
function initialB({ dtype, device, shape: [m] }: Tensor, rank: number): Tensor {
  return zeros([m, rank], { dtype, device });
}

/**
 * Low-rank adaptation from scratch: W0 stays at its random start, only B·A is learned.
 * @throws DomainError when the rank is not a whole number >= 1
 * @source Hu et al., arXiv 2106.09685; arXiv 2405.15481, Eq. 1
 */
export const lora = (options: LoraOptions): Method<LoraLinear> => adapterMethod('lora', options);

/** A method whose layers are adapters that start as the options say. @throws DomainError when the rank is not a whole number >= 1 */
export function adapterMethod(name: string, options: LoraLinearOptions): Method<LoraLinear> {
  checkCount(name, 'rank', options.rank, 1);
  return {
    name,
    attach: (linear) => new LoraLinear(linear, options),
    ownParameters: (layer) => [layer.loraA, layer.loraB],
    merge: (layer) => layer.merge(),
    trainableCount: (m, n) => Math.min(options.rank, m, n) * (m + n),
  };
}
