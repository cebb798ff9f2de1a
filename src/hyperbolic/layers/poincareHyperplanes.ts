import { add, div, mul, sub } from '../../autograd/ops/arithmetic.ts';
import { clamp } from '../../autograd/ops/extrema.ts';
import { unsqueeze } from '../../autograd/ops/layout.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import { asinh, cosh, sinh } from '../../autograd/ops/trigonometric.ts';
import type { LinearOptions } from '../../nn/linear.ts';
import { Module } from '../../nn/module.ts';
import { checkCount } from '../../nn/optim/schedule.ts';
import { Parameter } from '../../nn/parameter.ts';
import { rowsTimes } from '../../nn/rows.ts';
import { randn, type TensorOptions, zeros } from '../../tensor/create.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { checkCurvature, rootOf } from '../curvature.ts';
import type { Curvature } from '../geometry.ts';
import { farthest } from '../guards.ts';
import { poincare } from '../poincare.ts';
import { conformal } from '../radial.ts';
import { rowDot, squaredNorm } from '../rowDot.op.ts';
import { curvatureOf, followingManifold, type LayerCurvature } from './curvature.ts';

/** The length of a normal below which it has no direction: its square is still a normal number. */
const shortest = (x: Tensor): number => (x.dtype === 'float64' ? 2 ** -500 : 2 ** -60);

/** Factors of two vectors that need not be zero: x/max(|x|, shortest), and |x|. */
const lengthsOf = (rows: Tensor): readonly [length: Tensor, divisor: Tensor] => {
  const length = norm(rows, { axis: -1 });
  return [length, clamp(length, { min: shortest(rows) })];
};

/** c·|x|² and its conformal half factor 1/(1 − c·|x|²), as columns […, 1]. */
function atPoints(x: Tensor, c: Curvature): readonly [square: Tensor, half: Tensor] {
  const s = mul(unsqueeze(squaredNorm(x), -1), c);
  return [s, conformal(s)];
}

/**
 * Signed distances to hyperplanes of the Poincaré ball, scaled: 2·|z|/√c·asinh(λ·√c·<x, z>/|z|·cosh(2√c·r) − (λ − 1)·sinh(2√c·r)),
 * λ = 2/(1 − c·|x|²). The k-th plane is perpendicular to the ray of z at the distance 2r from the origin. 2√c·r is clamped to ±R
 * (`farthest`), beyond which a plane misses every point. As c → 0 it tends to 4·(<x, z> − r·|z|).
 *
 * @param products [b…, k] inner products <x, z_k>
 * @param lengths [k] of the normals
 * @param x [b…, n] points
 * @param offsets r, [k]
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Shimizu et al., "Hyperbolic Neural Networks++", arXiv 2006.08210, Eq. 6
 */
export function offsetLogits(products: Tensor, lengths: Tensor, x: Tensor, offsets: Tensor, c: Curvature): Tensor {
  checkCurvature('offsetLogits', c);
  const root = rootOf(c);
  const [, half] = atPoints(x, c);
  const reach = farthest(x.dtype);
  const shift = clamp(mul(mul(offsets, root), 2), { min: -reach, max: reach });
  const along = mul(mul(div(products, clamp(lengths, { min: shortest(x) })), root), mul(half, 2));
  const inner = sub(mul(along, cosh(shift)), mul(sub(mul(half, 2), 1), sinh(shift)));
  return mul(asinh(inner), div(mul(lengths, 2), root));
}

/**
 * Signed distances to hyperplanes of the Poincaré ball through points p_k, scaled: 2·|a|/√c·asinh(2√c·<−p ⊕ x, a>/(|a|·(1 − c·|−p ⊕ x|²))), a the
 * normal at the origin, which is carried to p. The Möbius sum is multiplied out: one product with all normals and one with all points.
 *
 * @param x [b…, n] points
 * @param points [k, n]
 * @param normals [k, n]
 * @throws DomainError unless c is finite and > 0; ShapeError or DTypeError when the operands do not fit
 * @source Ganea et al., "Hyperbolic Neural Networks", arXiv 1805.09112, Eq. 25
 */
export function pointLogits(x: Tensor, points: Tensor, normals: Tensor, c: Curvature): Tensor {
  checkCurvature('pointLogits', c);
  const root = rootOf(c);
  const [square, half] = atPoints(x, c);
  const [length, divisor] = lengthsOf(normals);
  const unit = div(normals, unsqueeze(divisor, -1));
  const rows = { transB: true };
  const pull = mul(rowDot(points, unit), conformal(mul(squaredNorm(points), c)));
  const ratio = add(sub(1, mul(mul(rowsTimes(x, points, rows), c), 2)), square);
  const inner = mul(mul(mul(half, 2), root), sub(rowsTimes(x, unit, rows), mul(ratio, pull)));
  return mul(asinh(inner), div(mul(length, 2), root));
}

/** Options of hyperplanes of the ball. */
export interface HyperplaneOptions extends Omit<LinearOptions, 'bias'> {
  /** Default 1. */
  readonly curvature?: LayerCurvature;
}

const like = ({ dtype = 'float32', device }: HyperplaneOptions): TensorOptions =>
  device === undefined ? { dtype } : { dtype, device };

/**
 * Multinomial logistic regression on the Poincaré ball: a score for each class is the signed distance to its hyperplane
 * (`offsetLogits`). The normals start normal with deviation 1/√n, the offsets at 0: planes through the origin. All parameters are
 * Euclidean, so a trained curvature leaves no point behind.
 * @source Shimizu et al., arXiv 2006.08210, Eq. 6
 */
export class PoincareHyperplanes extends Module {
  readonly normals: Parameter;
  readonly offsets: Parameter;
  curvature: LayerCurvature;

  /** @throws DomainError unless sizes are whole numbers >= 1 */
  constructor(inFeatures: number, classes: number, options: HyperplaneOptions) {
    super();
    checkCount('PoincareHyperplanes', 'inFeatures', inFeatures, 1);
    checkCount('PoincareHyperplanes', 'classes', classes, 1);
    const start = randn([classes, inFeatures], options.rng, like(options));
    this.normals = new Parameter(mul(start, 1 / Math.sqrt(inFeatures)));
    this.offsets = new Parameter(zeros([classes], like(options)));
    this.curvature = options.curvature ?? 1;
  }

  /** Points [b…, n] to scores [b…, classes]. @throws ShapeError when n differs */
  call(x: Tensor): Tensor {
    const products = rowsTimes(x, this.normals, { transB: true });
    return offsetLogits(products, lengthsOf(this.normals)[0], x, this.offsets, curvatureOf(this.curvature));
  }
}

/**
 * The same with planes through trained points of the ball (`pointLogits`), which start at the origin and are moved by the optimizer on the
 * ball. Where the curvature is trained, `reprojection` keeps them in it.
 * @source Ganea et al., arXiv 1805.09112, Eq. 25
 */
export class PoincarePointHyperplanes extends Module {
  readonly points: Parameter;
  readonly normals: Parameter;
  curvature: LayerCurvature;

  /** @throws DomainError unless sizes are whole numbers >= 1 */
  constructor(inFeatures: number, classes: number, options: HyperplaneOptions) {
    super();
    checkCount('PoincarePointHyperplanes', 'inFeatures', inFeatures, 1);
    checkCount('PoincarePointHyperplanes', 'classes', classes, 1);
    const { curvature = 1, rng } = options;
    const shape = [classes, inFeatures];
    this.points = new Parameter(zeros(shape, like(options)), { manifold: followingManifold(poincare, curvature) });
    this.normals = new Parameter(mul(randn(shape, rng, like(options)), 1 / Math.sqrt(inFeatures)));
    this.curvature = curvature;
  }

  /** Points [b…, n] to scores [b…, classes]. @throws ShapeError when n differs */
  call(x: Tensor): Tensor {
    return pointLogits(x, this.points, this.normals, curvatureOf(this.curvature));
  }
}
