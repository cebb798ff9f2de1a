import { add, div, mul, square } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { maximum } from '../../autograd/ops/extrema.ts';
import { reshape } from '../../autograd/ops/layout.ts';
import { sum } from '../../autograd/ops/reduce.ts';
import { noGrad } from '../../autograd/scoped.ts';
import { addBias, Linear } from '../../nn/linear.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { rowsTimes } from '../../nn/rows.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Method } from '../method.ts';
import { LoraLinear, type LoraOptions } from './lora.ts';

/** Settings of DoRA. */
export interface DoraOptions extends LoraOptions {
  /** What has a magnitude of its own: the columns of W, one for each input, as the paper writes, or its rows, as PEFT does. Default columns. */
  readonly along?: 'columns' | 'rows';
  /** Whether ‖D‖ counts as a constant when gradients are taken, which saves memory. Default true. */
  readonly constantNorm?: boolean;
}

/** A norm below this divides nothing. */
const smallest = 1e-12;

/**
 * y = x·W'ᵀ + b with W' = D·diag(μ/‖D‖), D = W0 + (alpha/r)·B·A: a direction, adapted as in LoRA, and a magnitude μ for each column (or
 * row) of it, both trained. By default ‖D‖ counts as a constant when gradients are taken. μ starts as the norms of W0, B at zero.
 * @source Liu et al., "DoRA", arXiv 2402.09353, Eq. 5 and 11
 */
export class DoraLinear extends LoraLinear {
  /** μ: [n] for columns, [m] for rows. */
  readonly magnitude: Parameter;
  readonly along: 'columns' | 'rows';
  readonly constantNorm: boolean;

  /** @throws DomainError when the rank is not a whole number >= 1, or alpha is not finite */
  constructor(linear: Linear, { along = 'columns', constantNorm = true, ...options }: DoraOptions) {
    super(linear, options);
    this.along = along;
    this.constantNorm = constantNorm;
    this.magnitude = new Parameter(noGrad(() => norms(linear.weight, along)));
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  override call(x: Tensor): Tensor {
    const scale = this.#scale();
    const seen = this.along === 'columns' ? mul(x, scale) : x;
    const dense = rowsTimes(seen, this.weight, { transB: true });
    const low = rowsTimes(rowsTimes(seen, this.loraA, { transB: true }), this.loraB, { transB: true });
    const y = add(dense, this.scaling === 1 ? low : mul(low, this.scaling));
    return addBias(this.along === 'columns' ? y : mul(y, scale), this.bias);
  }

  /** μ/‖D‖. */
  #scale(): Tensor {
    const size = this.constantNorm ? noGrad(() => this.#norms()) : this.#norms();
    return div(this.magnitude, maximum(size, smallest));
  }

  #norms(): Tensor {
    return norms(add(this.weight, this.deltaWeight()), this.along);
  }

  /** A dense layer with the weight W'. */
  override merge(): Linear {
    const weight = noGrad(() => {
      const scale = this.#scale();
      const along = this.along === 'columns' ? scale : reshape(scale, [this.outFeatures, 1]);
      return mul(add(this.weight, this.deltaWeight()), along);
    });
    return new Linear(this.inFeatures, this.outFeatures, { weight, bias: this.bias });
  }
}

/** Euclidean lengths of the columns or rows of a matrix. */
const norms = (w: Tensor, along: 'columns' | 'rows'): Tensor =>
  sqrt(sum(square(w), { axis: along === 'columns' ? 0 : 1 }));

/**
 * Weight-decomposed low-rank adaptation: LoRA on the direction of the weight, and its magnitude beside.
 * @throws DomainError when the rank is not a whole number >= 1, or `along` is unknown
 * @source Liu et al., "DoRA", arXiv 2402.09353
 */
export function dora(options: DoraOptions): Method<DoraLinear> {
  const { rank, along = 'columns' } = options;
  checkCount('dora', 'rank', rank, 1);
  if (along !== 'columns' && along !== 'rows')
    throw new DomainError('dora', `along is 'columns' or 'rows', got '${String(along)}'`);
  return {
    name: 'dora',
    attach: (linear) => new DoraLinear(linear, options),
    ownParameters: (layer) => [layer.loraA, layer.loraB, layer.magnitude],
    merge: (layer) => layer.merge(),
    trainableCount: (m, n) => Math.min(rank, m, n) * (m + n) + (along === 'columns' ? n : m),
  };
}
