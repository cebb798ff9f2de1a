import { add, div, mul, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature, rootOf } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import { liftTangent } from './hyperboloid.ts';
import { lift, spaceOf, timeOf } from './lorentz.op.ts';
import { ballClip, conformal } from './radial.ts';
import { rowDot, scaleRows, squaredNorm } from './rowDot.op.ts';

/**
 * The isometry from the hyperboloid to the Poincaré ball, xs/(1 + √c·x_0): […, d + 1] → […, d]; kept inside the ball (`edge`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function toPoincare(x: Tensor, c: Curvature): Tensor {
  checkCurvature('toPoincare', c);
  const p = div(spaceOf(x), unsqueeze(add(mul(timeOf(x), rootOf(c)), 1), -1));
  return scaleRows(p, ballClip(mul(squaredNorm(p), c)));
}

/**
 * Its inverse: the point with space coordinates 2p/(1 − c·|p|²), […, d] → […, d + 1].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function toLorentz(p: Tensor, c: Curvature): Tensor {
  checkCurvature('toLorentz', c);
  return lift(scaleRows(p, mul(conformal(mul(squaredNorm(p), c)), 2)), c);
}

/**
 * What the isometry makes of a tangent u at x: us/(1 + √c·x_0) − √c·u_0·xs/(1 + √c·x_0)². A tangent at the origin is halved.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function tangentToPoincare(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('tangentToPoincare', c);
  const below = add(mul(timeOf(x), rootOf(c)), 1);
  const rise = div(mul(timeOf(u), rootOf(c)), below);
  return div(sub(spaceOf(u), scaleRows(spaceOf(x), rise)), unsqueeze(below, -1));
}

/**
 * What its inverse makes of a tangent v at p, with h = 1/(1 − c·|p|²): space coordinates 2h·v + 4c·h²·(p·v)·p.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function tangentToLorentz(p: Tensor, v: Tensor, c: Curvature): Tensor {
  checkCurvature('tangentToLorentz', c);
  const h = mul(conformal(mul(squaredNorm(p), c)), 2);
  const us = add(scaleRows(v, h), scaleRows(p, mul(mul(h, h), mul(rowDot(p, v), c))));
  return liftTangent(toLorentz(p, c), us);
}
