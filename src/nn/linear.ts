import { add, mul, sub } from '../autograd/ops/arithmetic.ts';
import { rand, type TensorOptions } from '../tensor/create.ts';
import { DomainError, type Shape, ShapeError } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import { sameShape } from '../tensor/shape.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Module } from './module.ts';
import { Parameter } from './parameter.ts';
import { rowsTimes } from './rows.ts';

/**
 * A linear map with parameters, x -> xWᵀ + b, whatever form W is kept in: dense, factored, adapted. Layers and models take
 * one, so a training method can put its own in the place of another.
 */
export interface LinearMap extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly bias: Parameter | null;
}

/** Options of a dense linear layer. */
export interface LinearOptions extends Pick<TensorOptions, 'dtype' | 'device'> {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean;
  /** Where the initial values come from. */
  readonly rng: Rng;
}

/** A layer around values that exist already. */
export interface LinearValues {
  readonly weight: Tensor;
  /** A parameter is taken as it is, and stays tied to wherever else it is used. */
  readonly bias: Tensor | null;
}

function initialValues(inFeatures: number, outFeatures: number, options: LinearOptions): LinearValues {
  const bound = 1 / Math.sqrt(inFeatures);
  const weight = uniform([outFeatures, inFeatures], bound, options);
  return { weight, bias: options.bias === false ? null : uniform([outFeatures], bound, options) };
}

/** Numbers uniform on [−bound, bound). */
export function uniform(shape: Shape, bound: number, { rng, dtype = 'float32', device }: LinearOptions): Tensor {
  const options = device === undefined ? { dtype } : { dtype, device };
  return mul(sub(mul(rand(shape, rng, options), 2), 1), bound);
}

/**
 * The dense linear layer y = xWᵀ + b: x […, n], W [m, n], b [m], y […, m].
 *
 * W and b start uniform on ±1/√n, which is Kaiming-uniform with slope √5, the default of PyTorch.
 * @source He et al., "Delving Deep into Rectifiers", arXiv 1502.01852, Eq. 14
 */
export class Linear extends Module implements LinearMap {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  /**
   * @throws DomainError when a size is not a whole number >= 1; ShapeError when given values do not fit
   */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions | LinearValues) {
    super();
    for (const n of [inFeatures, outFeatures])
      if (!Number.isSafeInteger(n) || n < 1) throw new DomainError('Linear', `sizes are whole numbers >= 1, got ${n}`);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    const { weight, bias } = 'weight' in options ? options : initialValues(inFeatures, outFeatures, options);
    if (!sameShape(weight.shape, [outFeatures, inFeatures]))
      throw new ShapeError('Linear', `weight is not [${outFeatures},${inFeatures}]`, [weight.shape]);
    if (bias !== null && !sameShape(bias.shape, [outFeatures]))
      throw new ShapeError('Linear', `bias is not [${outFeatures}]`, [bias.shape]);
    this.weight = new Parameter(weight);
    this.bias = bias === null || bias instanceof Parameter ? bias : new Parameter(bias);
  }

  /** @throws ShapeError when the last axis of x is not `inFeatures` */
  call(x: Tensor): Tensor {
    return addBias(rowsTimes(x, this.weight, { transB: true }), this.bias);
  }
}

/** y + b, or y where there is no bias. */
export const addBias = (y: Tensor, bias: Tensor | null): Tensor => (bias === null ? y : add(y, bias));
