import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { matmul } from '../../autograd/ops/matmul.ts';
import { stack } from '../../autograd/ops/slice.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { addBias, Linear, type LinearMap, uniform } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { rowsTimes } from '../../nn/rows.ts';
import { full, zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Method } from '../method.ts';

/** Settings of VeRA. */
export interface VeraOptions {
  /** r: rows of the shared A, columns of the shared B. It may exceed min(m, n): only vectors are trained. */
  readonly rank: number;
  /** Where the shared matrices get their values. It is forked, not advanced. */
  readonly rng: Rng;
  /** What d starts from. Default 0.1. */
  readonly initialD?: number;
}

/** The frozen matrices that layers share. */
interface Shared {
  readonly a: Parameter;
  readonly b: Parameter;
}

/**
 * y = x·(W0 + diag(b)·B·diag(d)·A)ᵀ + bias: W0 [m, n], A [r, n] and B [m, r] frozen, d [r] and b [m] trained. b starts at zero, so
 * the layer starts as the one it replaces.
 * @source Kopiczko, Blankevoort & Asano, "VeRA", arXiv 2310.11454, Eq. 2
 */
export class VeraLinear extends Module implements LinearMap {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly weight: Parameter;
  readonly sharedA: Parameter;
  readonly sharedB: Parameter;
  readonly d: Parameter;
  readonly b: Parameter;
  readonly bias: Parameter | null;

  constructor(linear: Linear, shared: Shared, initialD: number) {
    super();
    const { weight, inFeatures, outFeatures, bias } = linear;
    const options = { dtype: weight.dtype, device: weight.device };
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = new Parameter(weight, { trainable: false });
    this.sharedA = shared.a;
    this.sharedB = shared.b;
    this.d = new Parameter(full([shared.a.shape[0]], initialD, options));
    this.b = new Parameter(zeros([outFeatures], options));
    this.bias = bias;
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  call(x: Tensor): Tensor {
    const dense = rowsTimes(x, this.weight, { transB: true });
    const seen = mul(rowsTimes(x, this.sharedA, { transB: true }), this.d);
    const low = mul(rowsTimes(seen, this.sharedB, { transB: true }), this.b);
    return addBias(add(dense, low), this.bias);
  }

  /** What the adapter adds to the weight, diag(b)·B·diag(d)·A, [m, n]. */
  deltaWeight(): Tensor {
    return mul(matmul(mul(this.sharedB, this.d), this.sharedA), reshape(this.b, [this.outFeatures, 1]));
  }

  /** A dense layer with the adapter folded in. */
  merge(): Linear {
    const weight = noGrad(() => add(this.weight, this.deltaWeight()));
    return new Linear(this.inFeatures, this.outFeatures, { weight, bias: this.bias });
  }
}

/**
 * Vector-based random matrix adaptation. Layers of one shape share their A and B; those of another number of inputs or outputs see more or
 * fewer columns of the same A and rows of the same B, each scaled Kaiming-uniform for its own fan-in, ±√(6/fan-in).
 * @throws DomainError when the rank is not a whole number >= 1, or the start of d is not finite
 * @source Kopiczko, Blankevoort & Asano, "VeRA", arXiv 2310.11454
 */
export function vera({ rank, rng, initialD = 0.1 }: VeraOptions): Method<VeraLinear> {
  checkCount('vera', 'rank', rank, 1);
  if (!Number.isFinite(initialD)) throw new DomainError('vera', `initialD is finite, got ${initialD}`);
  const stream = rng.fork('vera');
  const made = new Map<string, Parameter>();
  /** `count` vectors of the given length, vector i being the beginning of a stream of its own. */
  const frozen = (name: string, count: number, length: number, fanIn: number, { dtype, device }: Tensor): Parameter => {
    const key = [name, count, length, dtype, device.name].join();
    const before = made.get(key);
    if (before !== undefined) return before;
    const bound = Math.sqrt(6 / fanIn);
    const rows = Array.from({ length: count }, (_, i) =>
      uniform([length], bound, { rng: stream.fork(`${name} ${i}`), dtype, device }),
    );
    const matrix = new Parameter(stack(rows), { trainable: false });
    made.set(key, matrix);
    return matrix;
  };
  return {
    name: 'vera',
    attach(linear) {
      const { inFeatures: n, outFeatures: m, weight } = linear;
      return new VeraLinear(
        linear,
        { a: frozen('a', rank, n, n, weight), b: frozen('b', m, rank, rank, weight) },
        initialD,
      );
    },
    ownParameters: (layer) => [layer.d, layer.b],
    merge: (layer) => layer.merge(),
    trainableCount: (m) => m + rank,
  };
}
