import { layerNorm } from '../autograd/ops/layerNorm.ts';
import { ones, type TensorOptions, zeros } from '../tensor/create.ts';
import { DomainError, type Shape } from '../tensor/errors.ts';
import { checkShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';

/** Options of layer normalisation. */
export interface LayerNormOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Added to the variance, >= 0. Default 1e-5. */
  readonly eps?: number;
  /** Whether there are a weight and a bias. Default true. */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight. Default true. */
  readonly bias?: boolean;
}

/**
 * (x − mean)/√(variance + eps)·weight + bias over the last axes (`layerNorm`). The weight starts as 1, the bias as 0; both
 * have the normalised shape.
 * @source Ba, Kiros & Hinton, "Layer Normalization", arXiv 1607.06450
 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;

  /**
   * @param normalizedShape sizes of the last axes of every input; a number is one axis
   * @throws DomainError when there is no axis, a size is not a whole number >= 0, or eps is negative or not finite
   */
  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const { eps = 1e-5, affine = true, bias = true, dtype = 'float32', device } = options;
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape;
    if (!Array.isArray(shape) || shape.length === 0) throw new DomainError('LayerNorm', 'normalises one axis or more');
    if (!(Number.isFinite(eps) && eps >= 0)) throw new DomainError('LayerNorm', `eps is a number >= 0, got ${eps}`);
    const made = device === undefined ? { dtype } : { dtype, device };
    this.normalizedShape = [...checkShape('LayerNorm', shape)];
    this.eps = eps;
    this.weight = affine ? new Parameter(ones(shape, made)) : null;
    this.bias = affine && bias ? new Parameter(zeros(shape, made)) : null;
  }

  /** @throws ShapeError when the normalised shape does not end the shape of x; DTypeError when the dtypes differ */
  call(x: Tensor): Tensor {
    const { normalizedShape, eps, weight, bias } = this;
    return layerNorm(x, {
      normalizedShape,
      eps,
      ...(weight === null ? {} : { weight }),
      ...(bias === null ? {} : { bias }),
    });
  }
}
