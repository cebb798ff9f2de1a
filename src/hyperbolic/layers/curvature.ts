import { add } from '../../autograd/ops/arithmetic.ts';
import { clamp } from '../../autograd/ops/extrema.ts';
import { softplus } from '../../autograd/ops/softplus.ts';
import { noGrad } from '../../autograd/scoped.ts';
import type { Hook } from '../../nn/fit.ts';
import { euclidean, type Manifold } from '../../nn/manifold.ts';
import type { Module } from '../../nn/module.ts';
import { Parameter } from '../../nn/parameter.ts';
import { type TensorOptions, tensor } from '../../tensor/create.ts';
import { DomainError } from '../../tensor/errors.ts';
import { Tensor } from '../../tensor/tensor.ts';
import type { Curvature, Geometry } from '../geometry.ts';

/** A family of geometries, one for each c: `poincare` or `lorentz`. */
export type Space = (c: Curvature) => Geometry;

/** c of a layer: a number that stays as it is, or the parameter that `trainableCurvature` makes, of which c = softplus is read. */
export type LayerCurvature = number | Parameter;

/** The least and the largest c: within them the geometry is finite, in float32 too. */
const [least, most] = [1e-3, 1e2];

/** x whose softplus is c: ln(eᶜ − 1). */
const inverseSoftplus = (c: number): number => c + Math.log(-Math.expm1(-c));

/** Numbers whose softplus stays between the least and the largest c. Weight decay leaves them alone: 0 is no flat space. */
const rawCurvatures: Manifold = {
  ...euclidean,
  name: 'curvature',
  decays: false,
  flat: false,
  retract: (x, u) => clamp(add(x, u), { min: inverseSoftplus(least), max: inverseSoftplus(most) }),
};

/** @throws DomainError unless c is in 1e-3..1e2 */
function checkCurvature(op: string, c: number): void {
  if (!(c >= least && c <= most)) throw new DomainError(op, `c is in ${least}..${most}, got ${c}`);
}

/**
 * A curvature that is trained: one number x with c = ln(1 + eˣ), so that every step leaves c > 0. The optimizer's step ends within
 * 1e-3 <= c <= 1e2. Layers that share it have one curvature.
 * @throws DomainError unless c is in 1e-3..1e2
 */
export function trainableCurvature(c: number, options: TensorOptions = {}): Parameter {
  checkCurvature('trainableCurvature', c);
  return new Parameter(tensor(inverseSoftplus(c), { dtype: 'float32', ...options }), { manifold: rawCurvatures });
}

/**
 * c itself: the number, or the softplus of the parameter, through which gradients reach it.
 * @throws DomainError unless a fixed c is in 1e-3..1e2
 */
export function curvatureOf(curvature: LayerCurvature): Curvature {
  if (curvature instanceof Tensor) return softplus(curvature);
  checkCurvature('curvatureOf', curvature);
  return curvature;
}

/** The geometry that a layer works in at this moment. */
export const geometryAt = (space: Space, curvature: LayerCurvature): Geometry => space(curvatureOf(curvature));

/**
 * The manifold of a parameter whose curvature is trained: each call reads c anew. After a step that changed c its points lie
 * beside the space until `reprojection` brings them back; `stabilize` of an optimizer does so by the c that it finds, old or new.
 */
export function followingManifold(space: Space, curvature: LayerCurvature): Manifold {
  if (typeof curvature === 'number') return geometryAt(space, curvature);
  const now = (): Geometry => noGrad(() => geometryAt(space, curvature));
  const { name, decays } = now();
  return {
    name,
    decays,
    toRiemannian: (x, g) => now().toRiemannian(x, g),
    componentInner: (x, g) => now().componentInner(x, g),
    retract: (x, u) => now().retract(x, u),
    transport: (x, y, v) => now().transport(x, y, v),
    project: (x) => now().project(x),
    projectTangent: (x, u) => now().projectTangent(x, u),
  };
}

/** Put every parameter of a model that lives on a manifold at the point of it at or near where it is. */
export function reproject(model: Module): void {
  noGrad(() => {
    for (const p of model.parameters()) {
      const { manifold } = p;
      if (manifold.project !== undefined) p.assign_(manifold.project(p));
    }
  });
}

/**
 * A hook for `fit` that runs `reproject` after every so many steps. With a trained curvature it belongs after each: the step
 * moves c and the points at once, and the points by the old c.
 * @throws DomainError unless `every` is a whole number >= 1
 */
export function reprojection(model: Module, { every = 1 }: { readonly every?: number } = {}): Hook<never> {
  if (!Number.isSafeInteger(every) || every < 1)
    throw new DomainError('reprojection', `every is a whole number >= 1, got ${every}`);
  return {
    afterStep(step) {
      if ((step + 1) % every === 0) reproject(model);
      return [];
    },
  };
}
