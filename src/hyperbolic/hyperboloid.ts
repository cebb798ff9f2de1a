import { add, div, mul, sub } from '../autograd/ops/arithmetic.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { concat } from '../autograd/ops/slice.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature } from './curvature.ts';
import { gapChord, gapDistance, gapSquaredDistance } from './gap.ts';
import type { Curvature } from './geometry.ts';
import { lift, lorentzGap, spaceOf, tangentInner, timeAt, timeOf } from './lorentz.op.ts';
import { lorentzNormalise } from './lorentzNormalise.op.ts';
import { asinhcRoot, coshRoot, sinhcRoot, spaceClip } from './radial.ts';
import { rootOrZero } from './root.op.ts';
import { rowDot, scaleRows, squaredNorm, together } from './rowDot.op.ts';

/** Space coordinates drawn back to a radius of R (`farthest`) where they are beyond it. */
const clipped = (s: Tensor, c: Curvature): Tensor => scaleRows(s, spaceClip(mul(squaredNorm(s), c)));

/** (xs·us/x_0, us): the tangent at x with space coordinates us. */
export function liftTangent(x: Tensor, us: Tensor): Tensor {
  const [at, u] = together('liftTangent', spaceOf(x), us);
  return concat([unsqueeze(div(rowDot(at, u), timeOf(x)), -1), u], { axis: -1 });
}

/**
 * The point with the space coordinates of x, drawn back to a radius of R (`farthest`) where they are beyond it: […, d + 1].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzProject(x: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzProject', c);
  return lift(clipped(spaceOf(x), c), c);
}

/**
 * u + c·<x, u>·x: the part of u that is tangent at x.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzProjectTangent(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzProjectTangent', c);
  const normal = mul(rowDot(x, u, { minkowski: true }), c);
  return liftTangent(x, spaceOf(add(u, scaleRows(x, normal))));
}

/**
 * <u, v> = −u_0·v_0 + us·vs of tangents at x, without the last axis.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzInner(x: Tensor, u: Tensor, v: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzInner', c);
  const [at, a, b] = together('lorentzInner', x, u, v);
  return tangentInner(at, a, b, c);
}

/**
 * √<u, u>, without the last axis; its gradient at u = 0 is 0.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzNorm(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzNorm', c);
  return rootOrZero(lorentzInner(x, u, u, c));
}

/**
 * exp_x(u) = cosh(√s)·x + sinh(√s)/√s·u with s = c·<u, u>; √s is held at R, and so is the radius of the result (`farthest`).
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Nickel & Kiela, "Learning continuous hierarchies in the Lorentz model", arXiv 1806.03417, Eq. 9
 */
export function lorentzExp(x: Tensor, u: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzExp', c);
  const s = mul(lorentzInner(x, u, u, c), c);
  return lift(clipped(add(scaleRows(spaceOf(x), coshRoot(s)), scaleRows(spaceOf(u), sinhcRoot(s))), c), c);
}

/**
 * log_x(y) = √c·d/sinh(√c·d)·((y − x) − 2q·x) with q = sinh²(√c·d/2): the tangent at x that `lorentzExp` takes to y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzLog(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzLog', c);
  const q = lorentzGap(x, y, c);
  const xs = spaceOf(x);
  const chord = sub(sub(spaceOf(y), xs), scaleRows(xs, mul(q, 2)));
  return liftTangent(x, scaleRows(chord, gapChord(q)));
}

/**
 * exp at the origin of a tangent with space coordinates u: (…, sinh(√s)/√s·u), s = c·|u|²; […, d] → […, d + 1].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzExpOrigin(u: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzExpOrigin', c);
  return lift(scaleRows(u, sinhcRoot(mul(squaredNorm(u), c))), c);
}

/**
 * Space coordinates of the log at the origin: arsinh(√s)/√s·ys, s = c·|ys|²; […, d + 1] → […, d].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzLogOrigin(y: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzLogOrigin', c);
  const ys = spaceOf(y);
  return scaleRows(ys, asinhcRoot(mul(squaredNorm(ys), c)));
}

/**
 * d(x, y) = arcosh(−c·<x, y>)/√c, computed by `lorentzGap`; the gradient at x = y is 0.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzDistance', c);
  return gapDistance(lorentzGap(x, y, c), c);
}

/**
 * d(x, y)², smooth at x = y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzSquaredDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzSquaredDistance', c);
  return gapSquaredDistance(lorentzGap(x, y, c), c);
}

/**
 * Distances of all pairs: x [m, n], y [p, n] → [m, p].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzPairwiseDistance(x: Tensor, y: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzPairwiseDistance', c);
  return gapDistance(lorentzGap(x, y, c, { pairwise: true }), c);
}

/**
 * v + c·<y, v>/(1 − c·<x, y>)·(x + y): the tangent v at x carried along the geodesic to y.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzTransport(x: Tensor, y: Tensor, v: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzTransport', c);
  const q = lorentzGap(x, y, c);
  const share = div(mul(rowDot(sub(y, x), v, { minkowski: true }), c), mul(add(q, 1), 2));
  return liftTangent(y, add(spaceOf(v), scaleRows(add(spaceOf(x), spaceOf(y)), share)));
}

/**
 * The Riemannian gradient at x of a function with Euclidean gradient g: the tangent r with <r, v> = g·v for all tangents v.
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 */
export function lorentzGradient(x: Tensor, g: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzGradient', c);
  const xs = spaceOf(x);
  // In space coordinates the metric is 1 − xs·xsᵀ/x_0², and its inverse 1 + c·xs·xsᵀ.
  const e = add(spaceOf(g), scaleRows(xs, div(timeOf(g), timeAt(xs, c))));
  return liftTangent(x, add(e, scaleRows(xs, mul(rowDot(xs, e), c))));
}

/**
 * The centroid Σ_i w_i·x_i, scaled back to the hyperboloid: x […, k, n], weights […, k] (equal when left out) → […, n].
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Law et al., "Lorentzian distance learning for hyperbolic representations", ICML 2019, Theorem 3.3
 */
export function lorentzCentroid(x: Tensor, c: Curvature, weights?: Tensor): Tensor {
  checkCurvature('lorentzCentroid', c);
  const weighted = weights === undefined ? x : scaleRows(x, weights);
  return lorentzNormalise(sum(weighted, { axis: -2 }), c);
}
