import { relu, sigmoid, tanh } from '../../autograd/ops/activation.ts';
import { checkChance, dropout } from '../../autograd/ops/dropout.ts';
import type { CallContext } from '../../nn/module.ts';
import { Module } from '../../nn/module.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Rng } from '../../tensor/rng.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { poincare } from '../poincare.ts';
import { geometryAt, type LayerCurvature, type Space } from './curvature.ts';

/** What a layer does to each coordinate of a tangent: a name, or a function of one's own. */
export type ActivationChoice = 'relu' | 'tanh' | 'sigmoid' | 'none' | ((x: Tensor) => Tensor);

const activations: ReadonlyMap<unknown, (x: Tensor) => Tensor> = new Map<unknown, (x: Tensor) => Tensor>([
  ['relu', relu],
  ['tanh', tanh],
  ['sigmoid', sigmoid],
  ['none', (x) => x],
]);

/** @throws DomainError naming `op` unless it is a function, or relu, tanh, sigmoid or none */
export function activationOf(op: string, choice: ActivationChoice): (x: Tensor) => Tensor {
  const known = typeof choice === 'function' ? choice : activations.get(choice);
  if (known === undefined)
    throw new DomainError(op, `activation is relu, tanh, sigmoid, none or a function, got ${String(choice)}`);
  return known;
}

/** Where points are, and where they go. */
export interface TangentOptions {
  /** Default `poincare`. */
  readonly space?: Space;
  /** c of the points that come in. Default 1. */
  readonly curvature?: LayerCurvature;
}

/**
 * Dropout of tangents, in training alone.
 * @throws DomainError naming `op` when it is due and there is no `rng`
 */
export function dropTangent(op: string, u: Tensor, p: number, { training = false, rng }: CallContext = {}): Tensor {
  if (!training || p === 0) return u;
  checkChance(op, p, rng);
  return dropout(u, { p, rng: rng as Rng });
}

/**
 * A function of Euclidean coordinates made one of points, through the tangent space of the origin, and on to a space of another
 * curvature: y = exp₀(f(log₀(x))), log by c, exp by `curvatureOut`. A function with f(0) = 0 keeps the origin.
 * @source Chami et al., "Hyperbolic Graph Convolutional Neural Networks", arXiv 1910.12933, Section 4.4
 */
export class TangentActivation extends Module {
  readonly activation: (x: Tensor) => Tensor;
  readonly space: Space;
  curvature: LayerCurvature;
  curvatureOut: LayerCurvature;

  /** @throws DomainError when there is no such activation */
  constructor(
    activation: ActivationChoice,
    options: TangentOptions & {
      /** c of the points that go out. Default: that of those that come in. */
      readonly curvatureOut?: LayerCurvature;
    } = {},
  ) {
    super();
    const { space = poincare, curvature = 1, curvatureOut = curvature } = options;
    this.activation = activationOf('TangentActivation', activation);
    this.space = space;
    this.curvature = curvature;
    this.curvatureOut = curvatureOut;
  }

  /** Points […, n] of the first curvature to points […, n] of the second. */
  call(x: Tensor): Tensor {
    const u = geometryAt(this.space, this.curvature).logOrigin(x);
    return geometryAt(this.space, this.curvatureOut).expOrigin(this.activation(u));
  }
}

/**
 * Dropout of points: of the coordinates of their tangents at the origin, exp₀(dropout(log₀(x))). The origin stays; the length of
 * the tangent stays in the mean.
 * @source Srivastava et al., "Dropout", JMLR 15 (2014), in the tangent space
 */
export class TangentDropout extends Module {
  readonly p: number;
  readonly space: Space;
  curvature: LayerCurvature;

  /** @throws DomainError unless p is in 0..1 */
  constructor(p: number, { space = poincare, curvature = 1 }: TangentOptions = {}) {
    super();
    if (!(p >= 0 && p <= 1)) throw new DomainError('TangentDropout', `p is a chance in 0..1, got ${p}`);
    this.p = p;
    this.space = space;
    this.curvature = curvature;
  }

  /** @throws DomainError in training without an `rng` */
  call(x: Tensor, context: CallContext = {}): Tensor {
    if (!context.training || this.p === 0) return x;
    const geometry = geometryAt(this.space, this.curvature);
    return geometry.expOrigin(dropTangent('TangentDropout', geometry.logOrigin(x), this.p, context));
  }
}
