import type { Operand } from '../autograd/define.ts';
import { div, mul, sub } from '../autograd/ops/arithmetic.ts';
import { expand } from '../autograd/ops/broadcast.ts';
import { log } from '../autograd/ops/exponential.ts';
import { sum } from '../autograd/ops/reduce.ts';
import { zeros } from '../tensor/create.ts';
import type { Rng } from '../tensor/rng.ts';
import { Tensor } from '../tensor/tensor.ts';
import { toLorentz } from './convert.ts';
import type { Geometry } from './geometry.ts';
import { lorentzLog, lorentzTransport } from './hyperboloid.ts';
import { lift, spaceOf } from './lorentz.op.ts';
import type { Lorentz } from './lorentz.ts';
import type { Poincare } from './poincare.ts';
import { sinhcRoot } from './radial.ts';
import { squaredNorm } from './rowDot.op.ts';

/**
 * Points of the wrapped normal distribution: a tangent at the origin, normal with deviation `std` in each direction, is carried to
 * the mean and exp taken there. mean […, n] → […, n]; std is a number, or broadcasts to the tangents […, d]. Gradients reach both.
 * @source Nagano et al., "A wrapped normal distribution on hyperbolic space", arXiv 1902.02992, Algorithm 1
 */
export function wrappedNormal(geometry: Geometry, mean: Tensor, std: Operand, rng: Rng): Tensor {
  const { dtype, device } = mean;
  const d = geometry.logOrigin(mean.detach()).shape[mean.rank - 1];
  const options = { dtype, device };
  const standard = geometry.random(d, mean.shape.slice(0, -1), { ...options, rng });
  const origin = geometry.origin(d, [], options);
  const tangent = geometry.log(origin, geometry.expOrigin(mul(geometry.logOrigin(standard), std)));
  return geometry.exp(mean, geometry.transport(origin, mean, tangent));
}

/**
 * ln of the density of that distribution at x, with respect to the volume of the space: that of the tangent v at the origin, less
 * (d − 1)·ln(sinh(√c·|v|)/(√c·|v|)). x, mean […, n] → […].
 * @source arXiv 1902.02992, Algorithm 2 and Eq. 13
 */
export function wrappedNormalLogDensity(space: Lorentz | Poincare, x: Tensor, mean: Tensor, std: Operand): Tensor {
  const { c } = space;
  const [at, centre] = space.name === 'poincare' ? [toLorentz(x, c), toLorentz(mean, c)] : [x, mean];
  const tangent = lorentzLog(centre, at, c);
  const d = tangent.shape[tangent.rank - 1] - 1;
  const origin = lift(zeros([d], { dtype: x.dtype, device: x.device }), c);
  const v = spaceOf(lorentzTransport(centre, origin, tangent, c));
  const spread = std instanceof Tensor ? sum(log(expand(std, v.shape)), { axis: -1 }) : d * Math.log(std);
  const normal = sub(mul(squaredNorm(div(v, std)), -0.5), spread);
  const bend = mul(log(sinhcRoot(mul(squaredNorm(v), c))), d - 1);
  return sub(sub(normal, bend), (d / 2) * Math.log(2 * Math.PI));
}
