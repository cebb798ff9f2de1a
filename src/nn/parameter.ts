import { isFloat } from '../tensor/dtype.ts';
import { DTypeError } from '../tensor/errors.ts';
import { Tensor } from '../tensor/tensor.ts';
import { euclidean, type Manifold } from './manifold.ts';

/** How a parameter is trained. */
export interface ParameterOptions {
  /** The set its updates stay in. Default Euclidean space. */
  readonly manifold?: Manifold;
  /** False freezes it: no gradient, no optimizer state. Default true. */
  readonly trainable?: boolean;
}

/**
 * A tensor that a module owns and an optimizer updates. Its name is the path of fields that leads to it from the model
 * (`encoder.0.weight`). Freeze and thaw it through `requiresGrad`.
 */
export class Parameter extends Tensor {
  readonly manifold: Manifold;

  /**
   * @param value initial values; the storage is shared, not copied
   * @throws DTypeError when a trainable parameter is not float32 or float64
   */
  constructor(value: Tensor, { manifold = euclidean, trainable = true }: ParameterOptions = {}) {
    super(value.storage, value.shape, value.dtype, value.device, value.offset);
    if (trainable && !isFloat(value.dtype)) throw new DTypeError('Parameter', `${value.dtype} cannot be trained`);
    this.manifold = manifold;
    this.requiresGrad = trainable;
  }
}
