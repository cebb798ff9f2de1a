/**
 * The laws of a space: distances, geodesics, tangents and what carries them. One call puts a family of geometries under all of them,
 * for c in {0.1, 1, 10}:
 *
 *     checkManifold({ name: 'lorentz', make: lorentz });
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Geometry } from '../../src/hyperbolic/geometry.ts';
import {
  add,
  div,
  mul,
  neg,
  Rng,
  randn,
  scope,
  sqrt,
  square,
  stack,
  sub,
  sum,
  type Tensor,
  unsqueeze,
  zeros,
} from '../../src/index.ts';
import { probes } from './arbitraries.ts';
import {
  assertAlike,
  batch,
  coordinates,
  type ManifoldClaim,
  runsOf,
  type Setting,
  settingOf,
  tangentAt,
} from './manifoldCases.ts';
import { numericLaws } from './manifoldNumbers.ts';

/** Rounding of points a few units from the origin, with the sensitivity of exp and log there. */
const tolerance = 1e-9;

/** Register the laws. */
export function checkManifold(claim: ManifoldClaim): void {
  describe(`${claim.name} is a space`, () => {
    const forEvery: ForEvery = (name, holds) => {
      const law = fc.property(coordinates(claim, 5), probes, (drawn, probe) => holds(settingOf(claim, drawn), probe));
      test(name, () => fc.assert(law, runsOf(claim)));
    };
    for (const laws of [pointLaws, distanceLaws, geodesicLaws, tangentLaws, transportLaws, midpointLaws, scopeLaws])
      laws(forEvery);
    numericLaws(claim);
  });
}

type ForEvery = (name: string, holds: (s: Setting, probe: number) => void) => void;

function assertPoints(geometry: Geometry, x: Tensor, what: string): void {
  assert.deepEqual(geometry.check(x), { ok: true, reason: null }, what);
}

function pointLaws(forEvery: ForEvery): void {
  forEvery('origin, random points, and what exp gives are points', ({ geometry, d, x, u }, probe) => {
    const options = { dtype: 'float64', rng: new Rng(probe) } as const;
    assertPoints(geometry, geometry.origin(d, [2], options), 'origin');
    assertPoints(geometry, geometry.random(d, [4], options), 'random');
    assertPoints(geometry, geometry.exp(x, u), 'exp');
    assertPoints(geometry, geometry.retract(x, u), 'retract');
    assert.deepEqual([...geometry.random(d, [3, 2], options).shape], [3, 2, geometry.coordinates(d)]);
    assert.deepEqual([...geometry.origin(d, [3, 2], options).shape], [3, 2, geometry.coordinates(d)]);
  });

  forEvery('project gives points and leaves points where they are', ({ geometry, x }, probe) => {
    const p = geometry.project(mul(randn(x.shape, new Rng(probe), { dtype: 'float64' }), 100));
    assertPoints(geometry, p, 'projected');
    assertAlike(geometry.project(p), p, 1e-12, 'projected twice');
    assertAlike(geometry.project(x), x, 1e-12, 'a point');
  });

  forEvery('exp and log at the origin are inverse, and exp and log there', ({ geometry, d, x, y }) => {
    const origin = geometry.origin(d, [batch], { dtype: 'float64' });
    assertAlike(geometry.expOrigin(geometry.logOrigin(x)), x, tolerance, 'exp∘log');
    const v = geometry.logOrigin(y);
    assertAlike(geometry.logOrigin(geometry.expOrigin(v)), v, tolerance, 'log∘exp');
    assertAlike(geometry.exp(origin, geometry.log(origin, y)), y, tolerance, 'exp');
    assertAlike(geometry.expOrigin(zeros([batch, d], { dtype: 'float64' })), origin, 0, 'exp of 0');
  });
}

function distanceLaws(forEvery: ForEvery): void {
  forEvery('distance is symmetric, 0 to itself, and no detour is shorter', ({ geometry, x, y, z }) => {
    const [xy, yz, xz] = [geometry.distance(x, y), geometry.distance(y, z), geometry.distance(x, z)];
    assertAlike(geometry.distance(y, x), xy, 1e-12, 'd(y, x)');
    assertAlike(geometry.distance(x, x), zeros([batch], { dtype: 'float64' }), 0, 'd(x, x)');
    for (const i of xy.data.keys())
      assert.ok(xz.data[i] <= xy.data[i] + yz.data[i] + tolerance, `d(x, z) is ${xz.data[i]}`);
    assertAlike(geometry.squaredDistance(x, y), square(xy), 1e-12, 'squaredDistance');
  });

  forEvery('distances of all pairs are those of each, and leading axes broadcast', ({ geometry, x, y }) => {
    const all = geometry.distance(unsqueeze(x, 1), unsqueeze(y, 0));
    assertAlike(geometry.pairwiseDistance(x, y), all, 1e-12, 'pairwiseDistance');
  });

  forEvery('d(x, exp u) = |u| and |log y| = d(x, y)', ({ geometry, x, y, u }) => {
    assertAlike(geometry.distance(x, geometry.exp(x, u)), geometry.norm(x, u), tolerance, 'd(x, exp u)');
    assertAlike(geometry.norm(x, geometry.log(x, y)), geometry.distance(x, y), tolerance, '|log y|');
  });
}

function geodesicLaws(forEvery: ForEvery): void {
  forEvery('exp and log are inverse', ({ geometry, x, y, u }) => {
    assertAlike(geometry.exp(x, geometry.log(x, y)), y, tolerance, 'exp(log y)');
    assertAlike(geometry.log(x, geometry.exp(x, u)), u, tolerance, 'log(exp u)');
    assertAlike(geometry.log(x, x), mul(u, 0), 0, 'log x');
  });

  forEvery('a geodesic starts at x, ends at y, and goes at one speed', ({ geometry, x, y }) => {
    assertAlike(geometry.geodesic(x, y, 0), x, 1e-12, 'start');
    assertAlike(geometry.geodesic(x, y, 1), y, tolerance, 'end');
    const d = geometry.distance(x, y);
    for (const t of [0.25, 0.5, 0.9]) {
      const at = geometry.geodesic(x, y, t);
      assertAlike(geometry.distance(x, at), mul(d, t), tolerance, `d(x, γ(${t}))`);
      assertAlike(geometry.distance(at, y), mul(d, 1 - t), tolerance, `d(γ(${t}), y)`);
    }
  });

  forEvery('a retraction agrees with the tangent to first order', ({ geometry, x, u }) => {
    const small = 1e-5;
    const back = mul(geometry.log(x, geometry.retract(x, mul(u, small))), 1 / small);
    assertAlike(back, u, 1e-4, 'log(retract εu)/ε');
  });
}

function tangentLaws(forEvery: ForEvery): void {
  forEvery('the inner product is symmetric, bilinear and positive, and gives the norm', ({ geometry, x, u, v }) => {
    const uv = geometry.inner(x, u, v);
    assertAlike(geometry.inner(x, v, u), uv, 1e-12, '<v, u>');
    assertAlike(geometry.inner(x, add(u, mul(v, 2)), v), add(uv, mul(geometry.inner(x, v, v), 2)), tolerance, 'linear');
    assertAlike(geometry.norm(x, u), sqrt(geometry.inner(x, u, u)), 1e-12, 'norm');
    const lengths = geometry.inner(x, u, u).data;
    for (const i of lengths.keys()) {
      const still = u.data.slice((i * u.size) / batch, ((i + 1) * u.size) / batch).every((w) => w === 0);
      assert.ok(still ? lengths[i] === 0 : lengths[i] > 0, `<u, u> is ${lengths[i]}`);
    }
  });

  forEvery('projectTangent is a projection onto the tangents', ({ geometry, x, u }, probe) => {
    const any = randn(x.shape, new Rng(probe), { dtype: 'float64' });
    const tangent = geometry.projectTangent(x, any);
    assertAlike(geometry.projectTangent(x, tangent), tangent, tolerance, 'projected twice');
    assertAlike(geometry.projectTangent(x, u), u, tolerance, 'a tangent');
    assertAlike(geometry.log(x, geometry.exp(x, mul(tangent, 0.01))), mul(tangent, 0.01), tolerance, 'log(exp)');
  });

  forEvery('<grad f, u> is the derivative of f along u', ({ geometry, x, y, u }, probe) => {
    const w = randn(x.shape, new Rng(probe), { dtype: 'float64' });
    const f = (p: Tensor): Tensor => sum(add(mul(p, w), mul(square(p), y)), { axis: -1 });
    const small = 1e-5;
    const [plus, minus] = [small, -small].map((t) => f(geometry.exp(x, mul(u, t))));
    const g = geometry.toRiemannian(x, add(w, mul(mul(x, y), 2)));
    assertAlike(geometry.inner(x, g, u), div(sub(plus, minus), 2 * small), 1e-5, 'derivative');
    assertAlike(geometry.projectTangent(x, g), g, tolerance, 'the gradient is tangent');
  });

  forEvery('componentInner sums to <u, u>, repeated where it is one for a point', ({ geometry, x, u }) => {
    const own = geometry.componentInner(x, u);
    assert.equal(add(own, mul(x, 0)).shape.join(), x.shape.join(), 'broadcasts against x');
    for (const value of own.data) assert.ok(value >= 0, `is ${value}`);
    if (own.shape[1] === 1) assertAlike(sum(own, { axis: -1 }), geometry.inner(x, u, u), 1e-12, 'componentInner');
  });
}

function transportLaws(forEvery: ForEvery): void {
  forEvery('transport keeps inner products and tangents, and is undone on the way back', ({ geometry, x, y, u, v }) => {
    const [p, q] = [u, v].map((w) => geometry.transport(x, y, w));
    assertAlike(geometry.inner(y, p, q), geometry.inner(x, u, v), tolerance, '<Pu, Pv>');
    assertAlike(geometry.projectTangent(y, p), p, tolerance, 'tangent at y');
    assertAlike(geometry.transport(y, x, p), u, tolerance, 'there and back');
    assertAlike(geometry.transport(x, x, u), u, 1e-12, 'nowhere');
  });

  forEvery('transport takes the direction of the geodesic to what it has become', ({ geometry, x, y }) => {
    const carried = geometry.transport(x, y, geometry.log(x, y));
    assertAlike(carried, neg(geometry.log(y, x)), tolerance, 'P(log y)');
  });

  forEvery('tangents at the origin come to every point', ({ geometry, d, x }, probe) => {
    const v = randn([batch, d], new Rng(probe), { dtype: 'float64' });
    const origin = geometry.origin(d, [batch], { dtype: 'float64' });
    const u = tangentAt(geometry, x, v);
    assertAlike(geometry.norm(x, u), geometry.norm(origin, tangentAt(geometry, origin, v)), tolerance, 'norm');
  });
}

function midpointLaws(forEvery: ForEvery): void {
  forEvery('the midpoint of two is half way, whatever the size of the weights', ({ geometry, x, y }) => {
    const half = geometry.geodesic(x, y, 0.5);
    const both = stack([x, y], { axis: 1 });
    assertAlike(geometry.midpoint(both), half, tolerance, 'midpoint');
    const weights = add(zeros([batch, 2], { dtype: 'float64' }), 7);
    assertAlike(geometry.midpoint(both, weights), half, tolerance, 'weighted');
  });

  forEvery(
    'the midpoint lies nowhere in particular: order does not count, and of equal points it is one',
    (s, probe) => {
      const { geometry, x, y, z } = s;
      const w = Array.from({ length: 3 }, (_, i) => add(zeros([batch], { dtype: 'float64' }), 1 + ((probe >> i) & 3)));
      const mean = (order: readonly number[]): Tensor =>
        geometry.midpoint(
          stack(
            order.map((i) => [x, y, z][i]),
            { axis: 1 },
          ),
          stack(
            order.map((i) => w[i]),
            { axis: 1 },
          ),
        );
      const first = mean([0, 1, 2]);
      assertPoints(geometry, first, 'midpoint');
      assertAlike(mean([2, 0, 1]), first, tolerance, 'in another order');
      assertAlike(geometry.midpoint(stack([x, x, x], { axis: 1 })), x, tolerance, 'of one point');
    },
  );
}

function scopeLaws(forEvery: ForEvery): void {
  forEvery('results leave a scope as they are', ({ geometry, x, y }) => {
    assertAlike(
      scope(() => geometry.distance(x, y)),
      geometry.distance(x, y),
      0,
      'distance',
    );
  });
}
