import { div, mul, sub } from '../autograd/ops/arithmetic.ts';
import { clamp } from '../autograd/ops/extrema.ts';
import { unsqueeze } from '../autograd/ops/layout.ts';
import { matmul } from '../autograd/ops/matmul.ts';
import { asinh, cosh, sinh } from '../autograd/ops/trigonometric.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkCurvature, rootOf } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import { farthest } from './guards.ts';
import { spaceOf, timeOf } from './lorentz.op.ts';
import { inverseOrZero, rootOrZero } from './root.op.ts';
import { scaleRows, squaredNorm } from './rowDot.op.ts';

/**
 * Signed distances of points to hyperplanes of the hyperboloid, times the length of the normals: |z|/√c·arsinh(√c·α) with
 * α = cosh(√c·a)·xs·z/|z| − sinh(√c·a)·x_0. Plane k is perpendicular to the ray of z_k, a_k from the origin, and its points have α = 0.
 * √c·a is clamped to ±R (`farthest`). As c → 0 it tends to xs·z − a·|z|; a normal of 0 gives 0.
 *
 * @param x [b…, d + 1] points
 * @param normals z, [k, d]
 * @param offsets a, [k]
 * @returns [b…, k]
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Bdeir, Schwethelm & Landwehr, "Fully hyperbolic convolutional neural networks for computer vision", arXiv 2303.15919,
 * Theorem 2
 */
export function lorentzHyperplaneLogits(x: Tensor, normals: Tensor, offsets: Tensor, c: Curvature): Tensor {
  checkCurvature('lorentzHyperplaneLogits', c);
  const root = rootOf(c);
  const length = rootOrZero(squaredNorm(normals));
  const unit = scaleRows(normals, inverseOrZero(length));
  const reach = farthest(x.dtype);
  const shift = clamp(mul(offsets, root), { min: -reach, max: reach });
  const along = mul(matmul(spaceOf(x), unit, { transB: true }), cosh(shift));
  const alpha = sub(along, mul(unsqueeze(timeOf(x), -1), sinh(shift)));
  return mul(asinh(mul(alpha, root)), div(length, root));
}
