import type { Manifold } from '../nn/manifold.ts';
import type { TensorOptions } from '../tensor/create.ts';
import type { Shape } from '../tensor/errors.ts';
import type { Rng } from '../tensor/rng.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** c > 0 of a space of sectional curvature −c: a number, or a scalar tensor, which then gets gradients like any operand. */
export type Curvature = number | Tensor;

/** Whether points lie where they should, and if not, which law they break. */
export interface Verdict {
  readonly ok: boolean;
  readonly reason: string | null;
}

/**
 * A space of points with its distances, geodesics and tangents: what layers and models need beyond what an optimizer does. The
 * last axis of a point holds its n coordinates; leading axes broadcast where two points meet. Distances, norms and inner products
 * lose that last axis.
 */
export interface Geometry extends Manifold {
  /** Coordinates of a point of a d-dimensional space: d, or d + 1 on the hyperboloid. */
  coordinates(d: number): number;
  /** The origin of a d-dimensional space, once for each index of `leading`: […leading, n]. */
  origin(d: number, leading?: Shape, options?: TensorOptions): Tensor;
  /** The point of the space at or near x: […, n] → […, n]. */
  project(x: Tensor): Tensor;
  /** The part of u that is tangent at x. */
  projectTangent(x: Tensor, u: Tensor): Tensor;
  /** <u, v> at x, without the last axis. */
  inner(x: Tensor, u: Tensor, v: Tensor): Tensor;
  /** √<u, u> at x, without the last axis. */
  norm(x: Tensor, u: Tensor): Tensor;
  /** The point that the geodesic from x with initial velocity u reaches at time 1. */
  exp(x: Tensor, u: Tensor): Tensor;
  /** The tangent at x that `exp` takes to y. */
  log(x: Tensor, y: Tensor): Tensor;
  /** `exp` at the origin, of a tangent given by its d spatial coordinates: […, d] → […, n]. */
  expOrigin(u: Tensor): Tensor;
  /** The d spatial coordinates of `log` at the origin: […, n] → […, d]. */
  logOrigin(y: Tensor): Tensor;
  /** Length of the geodesic between x and y, without the last axis. Its gradient where x = y is 0. */
  distance(x: Tensor, y: Tensor): Tensor;
  /** distance², smooth where x = y. */
  squaredDistance(x: Tensor, y: Tensor): Tensor;
  /** Distances of all pairs: x [m, n], y [p, n] → [m, p]. */
  pairwiseDistance(x: Tensor, y: Tensor): Tensor;
  /** The point a share t of the way from x to y. */
  geodesic(x: Tensor, y: Tensor, t: Tensor | number): Tensor;
  /** Weighted midpoint along the last axis but one: x […, k, n], weights […, k] (equal when left out) → […, n]. */
  midpoint(x: Tensor, weights?: Tensor): Tensor;
  /** Points of a wrapped normal distribution around the origin: […leading, n]. */
  random(d: number, leading: Shape, options: TensorOptions & { readonly rng: Rng; readonly std?: number }): Tensor;
  /** Whether every point lies in the space, to a tolerance relative to its size. */
  check(x: Tensor): Verdict;
}
