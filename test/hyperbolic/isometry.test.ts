/** The hyperboloid and the Poincaré ball are one space: every law and function of one is carried to the other by the isometry. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { tangentToLorentz, tangentToPoincare, toLorentz, toPoincare } from '../../src/hyperbolic/convert.ts';
import { lorentzHyperplaneLogits } from '../../src/hyperbolic/hyperplanes.ts';
import { pointLogits } from '../../src/hyperbolic/layers/poincareHyperplanes.ts';
import { lorentz } from '../../src/hyperbolic/lorentz.ts';
import { poincare } from '../../src/hyperbolic/poincare.ts';
import { wrappedNormalLogDensity } from '../../src/hyperbolic/wrappedNormal.ts';
import { grad, jvp, mul, stack, sum, type Tensor, tensor } from '../../src/index.ts';
import { assertAlike, coordinates, type ManifoldClaim, settingOf, tangentsOf } from '../harness/manifoldCases.ts';

const claim: ManifoldClaim = { name: 'lorentz', make: lorentz };
const cases = coordinates(claim, 5);
const tolerance = 1e-9;

/** The same setting in both models. */
function both(drawn: Parameters<typeof settingOf>[1]) {
  const { geometry: l, c, x, y, u, v, z } = settingOf(claim, drawn);
  const b = poincare(c);
  const [p, q, r] = [x, y, z].map((t) => toPoincare(t, c));
  const [s, w] = [u, v].map((t) => tangentToPoincare(x, t, c));
  return { c, l, b, x, y, z, u, v, p, q, r, s, w };
}

const law = (name: string, holds: (s: ReturnType<typeof both>) => void): void =>
  void test(name, () => fc.assert(fc.property(cases, (drawn) => holds(both(drawn)))));

describe('the isometry', () => {
  law('there and back gives points and tangents again, and points of either model', ({ c, l, b, x, p, u, s }) => {
    assertAlike(toLorentz(p, c), x, tolerance, 'point');
    assertAlike(toPoincare(toLorentz(p, c), c), p, tolerance, 'point of the ball');
    assertAlike(tangentToLorentz(p, s, c), u, tolerance, 'tangent');
    assert.ok(b.check(p).ok && l.check(toLorentz(p, c)).ok, 'points');
  });

  law('distances, inner products and norms are equal', ({ l, b, x, y, u, v, p, q, s, w }) => {
    assertAlike(b.distance(p, q), l.distance(x, y), tolerance, 'distance');
    assertAlike(b.squaredDistance(p, q), l.squaredDistance(x, y), tolerance, 'squaredDistance');
    assertAlike(b.pairwiseDistance(p, q), l.pairwiseDistance(x, y), tolerance, 'pairwiseDistance');
    assertAlike(b.inner(p, s, w), l.inner(x, u, v), tolerance, 'inner');
    assertAlike(b.norm(p, s), l.norm(x, u), tolerance, 'norm');
    assertAlike(b.componentInner(p, s), l.componentInner(x, u), tolerance, 'componentInner');
  });

  law('exp, log, transport, geodesics and midpoints are carried along', ({ c, l, b, x, y, z, u, p, q, r, s }) => {
    assertAlike(b.exp(p, s), toPoincare(l.exp(x, u), c), tolerance, 'exp');
    assertAlike(b.log(p, q), tangentToPoincare(x, l.log(x, y), c), tolerance, 'log');
    assertAlike(b.transport(p, q, s), tangentToPoincare(y, l.transport(x, y, u), c), tolerance, 'transport');
    assertAlike(b.geodesic(p, q, 0.3), toPoincare(l.geodesic(x, y, 0.3), c), tolerance, 'geodesic');
    const weights = tensor(
      [
        [1, 2, 3],
        [3, 1, 1],
      ],
      { dtype: 'float64' },
    );
    const centre = l.midpoint(stack([x, y, z], { axis: 1 }), weights);
    assertAlike(b.midpoint(stack([p, q, r], { axis: 1 }), weights), toPoincare(centre, c), tolerance, 'midpoint');
  });

  law('a tangent at the origin is halved', ({ c, l, b, x }) => {
    const v = l.logOrigin(x);
    assertAlike(b.expOrigin(mul(v, 0.5)), toPoincare(x, c), tolerance, 'expOrigin');
    assertAlike(mul(b.logOrigin(toPoincare(x, c)), 2), v, tolerance, 'logOrigin');
  });

  law('the map of tangents is the derivative of the map of points', ({ c, x, u, p, s }) => {
    assertAlike(jvp((t) => toPoincare(t, c), [x], [u]).tangent, s, tolerance, 'toPoincare');
    assertAlike(jvp((t) => toLorentz(t, c), [p], [s]).tangent, u, tolerance, 'toLorentz');
  });

  law('the Riemannian gradient of one function is one tangent', ({ c, l, b, x, y, p, q }) => {
    const slope = (f: (t: Tensor) => Tensor, at: Tensor): Tensor => {
      const leaf = at.detach();
      leaf.requiresGrad = true;
      return grad(sum(f(leaf)), [leaf])[0];
    };
    const onBall = b.toRiemannian(
      p,
      slope((t) => b.squaredDistance(t, q), p),
    );
    const above = l.toRiemannian(
      x,
      slope((t) => l.squaredDistance(t, y), x),
    );
    assertAlike(onBall, tangentToPoincare(x, above, c), 1e-8, 'gradient');
    assertAlike(above, mul(l.log(x, y), -2), 1e-8, 'gradient of d²');
  });

  law('densities and distances to hyperplanes are equal', ({ c, l, b, x, y, z, p, q }) => {
    const density = wrappedNormalLogDensity(lorentz(c), x, y, 0.7);
    assertAlike(wrappedNormalLogDensity(b, p, q, 0.7), density, 1e-8, 'density');
    const normals = l.logOrigin(z);
    const offsets = tensor([0.3, -0.2], { dtype: 'float64' });
    const unit = normals.div(sum(normals.square(), { axis: -1, keepDims: true }).sqrt().add(1e-300));
    // Half a tangent of the ball has the length of one on the hyperboloid, and the scores of Ganea et al. count twice.
    const through = b.expOrigin(unit.mul(offsets.reshape([2, 1])).mul(0.5));
    const scores = pointLogits(p, through, normals, c);
    assertAlike(mul(lorentzHyperplaneLogits(x, normals, offsets, c), 2), scores, 1e-8, 'scores');
  });
});

test('both models agree on where the origin is', () => {
  for (const c of [0.1, 1, 10]) {
    const origin = lorentz(c).origin(3, [2], { dtype: 'float64' });
    assertAlike(toPoincare(origin, c), poincare(c).origin(3, [2], { dtype: 'float64' }), 0, 'origin');
    assertAlike(
      tangentsOf({ c, d: 1, values: [[2, 0]] })[0],
      tensor([[1 / Math.sqrt(c)], [0]], { dtype: 'float64' }),
      1e-15,
      'unit',
    );
  }
});
