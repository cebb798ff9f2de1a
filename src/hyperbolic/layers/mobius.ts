import { Linear, type LinearMap, type LinearOptions, uniform } from '../../nn/linear.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { zeros } from '../../tensor/create.ts';
import { DomainError, ShapeError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { Curvature, Geometry } from '../geometry.ts';
import { mobiusAdd } from '../mobius.ts';
import { poincare } from '../poincare.ts';
import { geometryAt, type LayerCurvature, type Space } from './curvature.ts';
import { type ActivationChoice, activationOf, dropTangent, type TangentOptions } from './tangent.ts';

/**
 * Every point moved by one tangent: exp at x of b carried from the origin to x. On the ball it is the Möbius sum x ⊕ exp₀(b), on the
 * hyperboloid the same by the isometry. As a function of b it is an isometry; as one of x it is none.
 *
 * @param x points […, n]
 * @param b [d], spatial coordinates of a tangent at the origin
 * @source Ganea et al., arXiv 1805.09112, Eq. 28; Chami et al., arXiv 1910.12933, Section 4.2
 */
export function translate(geometry: Geometry, x: Tensor, b: Tensor): Tensor {
  if (isBall(geometry)) return mobiusAdd(x, geometry.expOrigin(b), geometry.c);
  const origin = geometry.origin(b.shape[b.rank - 1], [], { dtype: x.dtype, device: x.device });
  const tangent = geometry.log(origin, geometry.expOrigin(b));
  return geometry.exp(x, geometry.transport(origin, x, tangent));
}

/** Whether there is the closed form of Möbius addition. */
const isBall = (geometry: Geometry): geometry is Geometry & { readonly c: Curvature } => geometry.name === 'poincare';

/**
 * A dense linear layer without bias that starts uniform on ±gain·√(6/(n + m)).
 * @throws DomainError unless sizes are whole numbers >= 1
 * @source Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, Eq. 16
 */
export function glorotLinear(
  inFeatures: number,
  outFeatures: number,
  options: Omit<LinearOptions, 'bias'>,
  gain: number = Math.SQRT2,
): Linear {
  checkCount('glorotLinear', 'inFeatures', inFeatures, 1);
  checkCount('glorotLinear', 'outFeatures', outFeatures, 1);
  const bound = gain * Math.sqrt(6 / (inFeatures + outFeatures));
  return new Linear(inFeatures, outFeatures, {
    weight: uniform([outFeatures, inFeatures], bound, options),
    bias: null,
  });
}

/** Options of a Möbius layer. */
export interface MobiusOptions extends TangentOptions {
  /** Whether a trained bias is added to the result, which starts at the origin. Default true. */
  readonly bias?: boolean;
  /** The chance of a coordinate of the incoming tangent to be dropped in training. Default 0. */
  readonly dropout?: number;
}

/**
 * x ⊕ exp₀(b) with a trained b. The bias is kept as the tangent b [d] at the origin, an ordinary parameter, so that a trained
 * curvature leaves no point behind.
 * @source Ganea et al., arXiv 1805.09112, Eq. 28
 */
export class MobiusBias extends Module {
  readonly bias: Parameter;
  readonly space: Space;
  curvature: LayerCurvature;

  /** @param bias [d] values to start from; a parameter is taken as it is. @throws ShapeError unless it is a vector */
  constructor(bias: Tensor, { space = poincare, curvature = 1 }: TangentOptions = {}) {
    super();
    if (bias.rank !== 1) throw new ShapeError('MobiusBias', 'the bias is a vector', [bias.shape]);
    this.bias = bias instanceof Parameter ? bias : new Parameter(bias);
    this.space = space;
    this.curvature = curvature;
  }

  /** Points […, n] to points […, n]. */
  call(x: Tensor): Tensor {
    return translate(geometryAt(this.space, this.curvature), x, this.bias);
  }
}

/**
 * The Möbius linear layer y = exp₀(W·log₀(x)) ⊕ exp₀(b), for any linear map W: dense, spectral, adapted. W acts on tangents at the
 * origin, by their d spatial coordinates, on the ball and on the hyperboloid alike. A bias of the linear map itself is added to
 * the tangent.
 * @source Ganea et al., arXiv 1805.09112, Eq. 27; Chami et al., arXiv 1910.12933, Section 4.2, for the hyperboloid
 */
export class MobiusLinear extends Module {
  linear: LinearMap;
  readonly bias: Parameter | null;
  readonly space: Space;
  curvature: LayerCurvature;
  readonly dropout: number;

  /** @throws DomainError unless dropout is in 0..1 */
  constructor(linear: LinearMap, options: MobiusOptions = {}) {
    super();
    const { space = poincare, curvature = 1, bias = true, dropout = 0 } = options;
    if (!(dropout >= 0 && dropout <= 1))
      throw new DomainError('MobiusLinear', `dropout is a chance in 0..1, got ${dropout}`);
    const { dtype, device } = linear.parameters()[0];
    this.linear = linear;
    this.bias = bias ? new Parameter(zeros([linear.outFeatures], { dtype, device })) : null;
    this.space = space;
    this.curvature = curvature;
    this.dropout = dropout;
  }

  get inFeatures(): number {
    return this.linear.inFeatures;
  }

  get outFeatures(): number {
    return this.linear.outFeatures;
  }

  /**
   * Points […, n] of the space of the map's `inFeatures` to points of that of its `outFeatures`.
   * @throws ShapeError when the points have other coordinates; DomainError when dropout is due and there is no `rng`
   */
  call(x: Tensor, context: CallContext = {}): Tensor {
    return this.fromTangent(geometryAt(this.space, this.curvature).logOrigin(x), context);
  }

  /** The same of the point exp₀(u), given by its tangent u […, d]: log₀(exp₀(u)) is not computed. */
  fromTangent(u: Tensor, context: CallContext = {}): Tensor {
    const geometry = geometryAt(this.space, this.curvature);
    const y = geometry.expOrigin(this.linear.call(dropTangent('MobiusLinear', u, this.dropout, context), context));
    return this.bias === null ? y : translate(geometry, y, this.bias);
  }
}

/**
 * A layer of a hyperbolic neural network: a Möbius linear layer, and an activation in the tangent space of the origin.
 * @source Ganea et al., arXiv 1805.09112, Section 3.2
 */
export class MobiusLayer extends Module {
  linear: MobiusLinear;
  readonly activation: (x: Tensor) => Tensor;

  /** @throws DomainError when there is no such activation, or dropout is no chance */
  constructor(linear: LinearMap, options: MobiusOptions & { readonly activation?: ActivationChoice } = {}) {
    super();
    this.linear = new MobiusLinear(linear, options);
    this.activation = activationOf('MobiusLayer', options.activation ?? 'none');
  }

  /** Points […, n] to points […, m]. */
  call(x: Tensor, context: CallContext = {}): Tensor {
    const { space, curvature } = this.linear;
    return this.fromTangent(geometryAt(space, curvature).logOrigin(x), context);
  }

  /** The same of the point exp₀(u), given by its tangent. */
  fromTangent(u: Tensor, context: CallContext = {}): Tensor {
    const { space, curvature } = this.linear;
    const geometry = geometryAt(space, curvature);
    const y = this.linear.fromTangent(u, context);
    return geometry.expOrigin(this.activation(geometry.logOrigin(y)));
  }
}
