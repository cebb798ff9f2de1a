import { add, div, mul, square, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { toLorentz, toPoincare } from './convert.ts';
import { checkCurvature } from './curvature.ts';
import { gapChord, gapDistance, gapSquaredDistance } from './gap.ts';
import type { Curvature } from './geometry.ts';
import { lorentzCentroid } from './hyperboloid.ts';
import { gyration } from './mobius.ts';
import { pairwiseSquares } from './pairs.op.ts';
import { artanhcRoot, ballClip, conformal, coshRoot, tanhcRoot } from './radial.ts';
import { rootOrZero } from './root.op.ts';
import { rowDot, scaleRows, squaredNorm } from './rowDot.op.ts';

/**
 * 1/(1 − c·|x|²), half of the conformal factor λ; held at the edge (`conformal`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function halfConformal(x: Tensor, c: Curvature): Tensor {
  checkCurvature('halfConformal', c);
  return conformal(mul(squaredNorm(x), c));
}

/**
 * x, drawn back to tanh(R/2)/√c along its ray where it is beyond (`edge`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareProject(x: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareProject', c);
  return scaleRows(x, ballClip(mul(squaredNorm(x), c)));
}

/**
 * <u, v> = λ²·u·v at x, λ = 2/(1 − c·|x|²), without the last axis.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareInner(x: Tensor, u: Tensor, v: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareInner', c);
  return mul(mul(square(halfConformal(x, c)), 4), rowDot(u, v));
}

/**
 * λ·|u|, without the last axis; its gradient at u = 0 is 0.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareNorm(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareNorm', c);
  return mul(mul(halfConformal(x, c), 2), rootOrZero(squaredNorm(u)));
}

/**
 * The Riemannian gradient g/λ² at x of a function with Euclidean gradient g.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareGradient(x: Tensor, g: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareGradient', c);
  return div(g, unsqueeze(mul(square(halfConformal(x, c)), 4), -1));
}

/**
 * q = sinh²(√c·d/2) = c·|x − y|²/((1 − c·|x|²)·(1 − c·|y|²)). Leading axes broadcast.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareGap(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareGap', c);
  return mul(mul(squaredNorm(sub(x, y)), c), mul(halfConformal(x, c), halfConformal(y, c)));
}

/**
 * d(x, y) = 2/√c·arsinh √q with q of `poincareGap`, which is 2/√c·artanh(√c·|−x ⊕ y|) without its rounding near the edge. The
 * gradient at x = y is 0.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareDistance', c);
  return gapDistance(poincareGap(x, y, c), c);
}

/**
 * d(x, y)², smooth at x = y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareSquaredDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareSquaredDistance', c);
  return gapSquaredDistance(poincareGap(x, y, c), c);
}

/**
 * Distances of all pairs: x [m, n], y [p, n] → [m, p].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincarePairwiseDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincarePairwiseDistance', c);
  const halves = mul(unsqueeze(halfConformal(x, c), -1), halfConformal(y, c));
  return gapDistance(mul(mul(pairwiseSquares(x, y), c), halves), c);
}

/**
 * exp_x(u) = x ⊕ tanh(√s)/√s·(λ/2)·u with s = c·(λ/2)²·|u|²; √s is held at R/2, and the result inside the ball (`edge`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Ganea, Bécigneul & Hofmann, "Hyperbolic neural networks", arXiv 1805.09112, Lemma 2
 */
export function poincareExp(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareExp', c);
  const half = halfConformal(x, c);
  const step = scaleRows(u, half);
  const s = mul(squaredNorm(step), c);
  const v = scaleRows(step, tanhcRoot(s));
  // 1/(1 − c·|v|²) is cosh²√s, which need not be computed from what is left of 1.
  const far = square(coshRoot(s));
  const chord = add(x, v);
  const q = mul(mul(squaredNorm(chord), c), mul(half, far));
  const sum = add(scaleRows(chord, far), scaleRows(x, q));
  return poincareProject(div(sum, unsqueeze(add(q, 1), -1)), c);
}

/**
 * log_x(y) = √c·d/sinh(√c·d)·(1 − c·|x|²)·(hy·(y − x) − q·x), hy = 1/(1 − c·|y|²): the tangent that exp takes to y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareLog(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareLog', c);
  const [near, far] = [halfConformal(x, c), halfConformal(y, c)];
  const apart = sub(y, x);
  const q = mul(mul(squaredNorm(apart), c), mul(near, far));
  const chord = sub(scaleRows(apart, far), scaleRows(x, q));
  return scaleRows(chord, div(gapChord(q), near));
}

/**
 * exp at the origin, tanh(√s)/√s·u with s = c·|u|². A tangent u at the origin has length 2·|u|.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareExpOrigin(u: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareExpOrigin', c);
  return scaleRows(u, tanhcRoot(mul(squaredNorm(u), c)));
}

/**
 * log at the origin, artanh(√s)/√s·y with s = c·|y|².
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareLogOrigin(y: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareLogOrigin', c);
  return scaleRows(y, artanhcRoot(mul(squaredNorm(y), c)));
}

/**
 * (λ_x/λ_y)·gyr[y, −x]v: the tangent v at x carried along the geodesic to y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function poincareTransport(x: Tensor, y: Tensor, v: Tensor, c: Curvature): Tensor {
  checkCurvature('poincareTransport', c);
  const turned = gyration(y, mul(x, -1), v, c);
  return scaleRows(turned, div(halfConformal(x, c), halfConformal(y, c)));
}

/**
 * The weighted gyromidpoint: x […, k, n], weights […, k] (equal when left out) → […, n]. It is the Einstein midpoint of the
 * Klein model and the centroid of the hyperboloid, and computed there.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Ungar, "A gyrovector space approach to hyperbolic geometry", 2009; Gulcehre et al., arXiv 1805.09786, Eq. 2
 */
export function poincareMidpoint(x: Tensor, c: Curvature, weights?: Tensor): Tensor {
  checkCurvature('poincareMidpoint', c);
  return toPoincare(lorentzCentroid(toLorentz(x, c), c, weights), c);
}
