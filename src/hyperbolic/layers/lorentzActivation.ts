import { add, mul } from '../../autograd/ops/arithmetic.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature } from '../curvature.ts';
import type { Curvature } from '../geometry.ts';
import { lift, spaceOf } from '../lorentz.op.ts';
import { lorentzNormalise } from '../lorentzNormalise.op.ts';
import { type ActivationChoice, activationOf, dropTangent } from './tangent.ts';

/** An activation for points: f of the spatial coordinates, and the time that follows. Points […, n] → […, n] where f keeps the shape. */
export class LorentzActivation extends Module {
  readonly fn: (x: Tensor) => Tensor;
  readonly c: Curvature;

  /** @throws DomainError when there is no such activation, or c is not positive and finite */
  constructor(fn: ActivationChoice, c: Curvature = 1) {
    super();
    this.fn = activationOf('LorentzActivation', fn);
    this.c = checkCurvature('LorentzActivation', c);
  }

  call(x: Tensor): Tensor {
    return lift(this.fn(spaceOf(x)), this.c);
  }
}

/** Dropout for points: of the spatial coordinates in training, and the time that follows. Points […, n] → […, n]. */
export class LorentzDropout extends Module {
  readonly p: number;
  readonly c: Curvature;

  /** @throws DomainError unless p is a chance, and c positive and finite */
  constructor(p: number, c: Curvature = 1) {
    super();
    if (!(p >= 0 && p <= 1)) throw new DomainError('LorentzDropout', `p is a chance in 0..1, got ${String(p)}`);
    this.p = p;
    this.c = checkCurvature('LorentzDropout', c);
  }

  /** @throws DomainError when dropout is due and there is no `rng` */
  call(x: Tensor, context: CallContext = {}): Tensor {
    if (!context.training || this.p === 0) return x;
    return lift(dropTangent('LorentzDropout', spaceOf(x), this.p, context), this.c);
  }
}

/**
 * A residual connection between points: the weighted centroid (x + weight·y)/√(−c<·, ·>) of x and y, both […, n].
 * @param weight of y beside 1 for x, >= 0; default 1, the midpoint
 * @throws ShapeError, DTypeError when x and y do not fit; DomainError unless c is positive and finite
 * @source Law et al., ICML 2019, the centroid
 */
export const lorentzResidual = (x: Tensor, y: Tensor, c: Curvature = 1, weight: Tensor | number = 1): Tensor =>
  lorentzNormalise(add(x, weight === 1 ? y : mul(y, weight)), c);
