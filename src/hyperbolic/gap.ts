import { add, div, mul, square } from '../autograd/ops/arithmetic.ts';
import { sqrt } from '../autograd/ops/exponential.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inverseOf, rootOf } from './curvature.ts';
import type { Curvature } from './geometry.ts';
import { asinhcRoot } from './radial.ts';
import { rootOrZero } from './root.op.ts';

/** The distance d out of q = sinh²(√c·d/2): 2/√c·arsinh √q. Its gradient at q = 0 is 0. */
export const gapDistance = (q: Tensor, c: Curvature): Tensor =>
  mul(mul(rootOrZero(q), asinhcRoot(q)), mul2(inverseOf(rootOf(c))));

/** d² out of q: 4/c·arsinh² √q, smooth at q = 0. */
export const gapSquaredDistance = (q: Tensor, c: Curvature): Tensor =>
  mul(mul(q, square(asinhcRoot(q))), mul2(mul2(inverseOf(c))));

/** arsinh √q/√(q·(1 + q)): √c·d/sinh(√c·d), which turns the chord of a logarithm into the tangent; 1 at q = 0. */
export const gapChord = (q: Tensor): Tensor => div(asinhcRoot(q), sqrt(add(q, 1)));

const mul2 = (c: Curvature): Curvature => (typeof c === 'number' ? 2 * c : mul(c, 2));
