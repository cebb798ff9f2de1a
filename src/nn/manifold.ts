import { add, square } from '../autograd/ops/arithmetic.ts';
import type { Tensor } from '../tensor/tensor.ts';

/**
 * What an optimizer needs to know of the set that a parameter lives in. The last axis of `x` holds one point's
 * coordinates where points matter; every method returns a tensor of the shape of `x`, except as said.
 */
export interface Manifold {
  readonly name: string;
  /** Whether shrinking x towards 0 stays meaningful, so that weight decay applies. */
  readonly decays: boolean;
  /** Whether steps are those of ordinary space, x + u with nothing to project or carry, so that one kernel may take them. Default false. */
  readonly flat?: boolean;
  /** The Riemannian gradient at x, from the Euclidean gradient g. */
  toRiemannian(x: Tensor, g: Tensor): Tensor;
  /** The second moment's share of g: elementwise g², or one squared norm per point, broadcastable against x. */
  componentInner(x: Tensor, g: Tensor): Tensor;
  /** A point near x in the direction of the tangent u, to first order x + u. */
  retract(x: Tensor, u: Tensor): Tensor;
  /** The tangent v at x, carried along to y. */
  transport(x: Tensor, y: Tensor, v: Tensor): Tensor;
  /** The point at or near x, where rounding leads points astray: what `stabilize` of an optimizer calls. */
  project?(x: Tensor): Tensor;
  /** The part of u that is tangent at x, called likewise. */
  projectTangent?(x: Tensor, u: Tensor): Tensor;
}

/** Ordinary space: x + u, and nothing to project or carry. */
export const euclidean: Manifold = {
  name: 'euclidean',
  decays: true,
  flat: true,
  toRiemannian: (_x, g) => g,
  componentInner: (_x, g) => square(g),
  retract: (x, u) => add(x, u),
  transport: (_x, _y, v) => v,
};
