import { add, div, mul } from '../../autograd/ops/arithmetic.ts';
import { sqrt } from '../../autograd/ops/exponential.ts';
import { clamp } from '../../autograd/ops/extrema.ts';
import { unsqueeze } from '../../autograd/ops/layout.ts';
import { norm } from '../../autograd/ops/statistics.ts';
import { sinh } from '../../autograd/ops/trigonometric.ts';
import { Linear, type LinearMap, type LinearOptions } from '../../nn/linear.ts';
import { type CallContext, Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { eye, randn, zeros } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { rootOf } from '../curvature.ts';
import { farthest } from '../guards.ts';
import { poincare } from '../poincare.ts';
import { squaredNorm } from '../rowDot.op.ts';
import { curvatureOf, type LayerCurvature } from './curvature.ts';
import { offsetLogits } from './poincareHyperplanes.ts';

/**
 * A dense linear layer without bias whose weight starts normal with deviation 1/√(2nm), as the Poincaré layer wants it.
 * @source Shimizu et al., arXiv 2006.08210, Section 3.2
 */
export function poincareStart(inFeatures: number, outFeatures: number, options: Omit<LinearOptions, 'bias'>): Linear {
  const { rng, dtype = 'float32', device } = options;
  const draws = randn([outFeatures, inFeatures], rng, device === undefined ? { dtype } : { dtype, device });
  const weight = mul(draws, 1 / Math.sqrt(2 * inFeatures * outFeatures));
  return new Linear(inFeatures, outFeatures, { weight, bias: null });
}

/** |z_k| for every row z_k of the weight, [m]. A map that is not kept dense is applied to the unit vectors. */
function rowLengths(map: LinearMap): Tensor {
  if (map instanceof Linear) return norm(map.weight, { axis: 1 });
  const { dtype, device } = map.parameters()[0];
  return norm(map.call(eye(map.inFeatures, undefined, { dtype, device })), { axis: 0 });
}

/**
 * The fully connected layer of the Poincaré ball: v_k is the signed distance of x to the k-th hyperplane (`offsetLogits`), w_k = sinh(√c·v_k)/√c,
 * y = w/(1 + √(1 + c·|w|²)): the point whose signed distances to the planes of the axes are the v_k. It takes any linear map; the rows of its
 * weight are the normals. √c·v_k is clamped to ±R (`farthest`).
 * @source Shimizu et al., "Hyperbolic Neural Networks++", arXiv 2006.08210, Eq. 6–7
 */
export class PoincareLinear extends Module {
  linear: LinearMap;
  /** r [m]: the offsets of the hyperplanes; null: all pass through the origin. */
  readonly offsets: Parameter | null;
  curvature: LayerCurvature;

  /** @throws DomainError when the linear map has a bias: the offsets are in its place */
  constructor(
    linear: LinearMap,
    { bias = true, curvature = 1 }: { readonly bias?: boolean; readonly curvature?: LayerCurvature } = {},
  ) {
    super();
    if (linear.bias !== null) throw new DomainError('PoincareLinear', 'takes a linear map without bias');
    const { dtype, device } = linear.parameters()[0];
    this.linear = linear;
    this.offsets = bias ? new Parameter(zeros([linear.outFeatures], { dtype, device })) : null;
    this.curvature = curvature;
  }

  get inFeatures(): number {
    return this.linear.inFeatures;
  }

  get outFeatures(): number {
    return this.linear.outFeatures;
  }

  /** Points […, n] of the ball to points […, m] of the ball. @throws ShapeError when n differs */
  call(x: Tensor, context: CallContext = {}): Tensor {
    const c = curvatureOf(this.curvature);
    const root = rootOf(c);
    const reach = farthest(x.dtype);
    const products = this.linear.call(x, context);
    const offsets = this.offsets ?? zeros([this.outFeatures], { dtype: x.dtype, device: x.device });
    const distances = offsetLogits(products, rowLengths(this.linear), x, offsets, c);
    const scaled = sinh(clamp(mul(distances, root), { min: -reach, max: reach }));
    const divisor = mul(add(sqrt(add(squaredNorm(scaled), 1)), 1), root);
    return poincare(c).project(div(scaled, unsqueeze(divisor, -1)));
  }
}
