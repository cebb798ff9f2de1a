import { rmsNorm } from '../autograd/ops/layerNorm.ts';
import { ones, type TensorOptions } from '../tensor/create.ts';
import { DomainError } from '../tensor/errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { checkCount } from './optim/schedule.ts';
import { Parameter } from './parameter.ts';

/** Options of root-mean-square normalisation. */
export interface RMSNormOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Added to the mean square, >= 0. Default 1e-6, LLaMA's. */
  readonly eps?: number;
}

/**
 * x/√(mean x² + eps)·weight over the last axis, of `width` numbers (`rmsNorm`). The weight starts as 1.
 *
 * @throws DomainError when the width is not a whole number >= 1, or eps is negative or not finite
 * @source Zhang & Sennrich, "Root Mean Square Layer Normalization", arXiv 1910.07467
 */
export class RMSNorm extends Module {
  readonly eps: number;
  readonly weight: Parameter;

  constructor(width: number, { eps = 1e-6, dtype = 'float32', device }: RMSNormOptions = {}) {
    super();
    checkCount('RMSNorm', 'width', width, 1);
    if (!(Number.isFinite(eps) && eps >= 0)) throw new DomainError('RMSNorm', `eps is a number >= 0, got ${eps}`);
    this.eps = eps;
    this.weight = new Parameter(ones([width], device === undefined ? { dtype } : { dtype, device }));
  }

  /** @throws ShapeError when the last axis of x is not of that width; DTypeError when the dtypes differ */
  call(x: Tensor): Tensor {
    return rmsNorm(x, { weight: this.weight, eps: this.eps });
  }
}
