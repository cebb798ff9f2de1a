/** The numerics of a space: gradients, float32, ranges from the origin to the margin, and what becomes of it as c → 0. */
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cast,
  grad,
  gradcheck,
  gradgradcheck,
  mul,
  norm,
  Rng,
  sub,
  sum,
  type Tensor,
  tensor,
  zeros,
} from '../../src/index.ts';
import { probes } from './arbitraries.ts';
import {
  apartTangents,
  assertAlike,
  type Coordinates,
  coordinates,
  functions,
  type ManifoldClaim,
  names,
  runsOf,
  settingOf,
  tangentsOf,
} from './manifoldCases.ts';
import { returns, staysFinite } from './manifoldRange.ts';

const smooth = names.filter((name) => !['norm', 'distance', 'pairwiseDistance'].includes(name));

/** Register the laws. */
export function numericLaws(claim: ManifoldClaim): void {
  gradientLaws(claim);
  agreesInFloat32(claim);
  staysFinite(claim);
  returns(claim);
  flattens(claim);
}

/** Points and a tangent out of tangents at the origin, differentiable in all and in c. */
function throughTangents(claim: ManifoldClaim, name: string): (...xs: Tensor[]) => Tensor {
  return (a, b, v, c) => {
    const g = claim.make(c);
    const [x, y] = [g.expOrigin(a), g.expOrigin(b)];
    return functions[name](g, x, y, g.log(x, g.expOrigin(v)));
  };
}

function gradientLaws(claim: ManifoldClaim): void {
  const leaves = (drawn: Coordinates): Tensor[] =>
    [...tangentsOf(drawn), tensor(drawn.c, { dtype: 'float64' })].map((t) =>
      Object.assign(t.detach(), { requiresGrad: true }),
    );
  const cases = apartTangents(claim);
  test('gradients are the central differences, of points, tangents and c', () =>
    fc.assert(
      fc.property(cases, fc.constantFrom(...names), probes, (drawn, name, probe) => {
        const fn = throughTangents(claim, name);
        // What does not depend on c has no gradient there: adding nothing of it keeps the check simple.
        const whole = (...xs: Tensor[]): Tensor => xs.reduce((y, x) => y.add(sum(x).mul(0)), fn(...xs));
        try {
          gradcheck(whole, leaves(drawn), { fast: true, rng: new Rng(probe), eps: 1e-5, atol: 1e-4, rtol: 1e-4 });
        } catch (error) {
          throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
        }
      }),
      runsOf(claim),
    ));

  test('at the origin, at x = y and along no tangent, what is smooth has the gradients of its limits', () =>
    fc.assert(
      fc.property(cases, fc.constantFrom(...smooth), fc.constantFrom(0, 1, 2), probes, (drawn, name, at, probe) => {
        const values = drawn.values.map((list, i) =>
          i === at || i === 2 ? list.map(() => 0) : (drawn.values[0] ?? list),
        );
        const fn = throughTangents(claim, name);
        const whole = (...xs: Tensor[]): Tensor => xs.reduce((y, x) => y.add(sum(x).mul(0)), fn(...xs));
        gradcheck(whole, leaves({ ...drawn, values }), { fast: true, rng: new Rng(probe), atol: 1e-4, rtol: 1e-4 });
      }),
      runsOf(claim, 2),
    ));

  test('second derivatives are the central differences of the first', () =>
    fc.assert(
      fc.property(
        cases,
        fc.constantFrom('distance', 'squaredDistance', 'exp', 'log', 'transport', 'midpoint'),
        probes,
        (drawn, name, probe) => {
          const fn = throughTangents(claim, name);
          const whole = (...xs: Tensor[]): Tensor => xs.reduce((y, x) => y.add(sum(x.square()).mul(0)), fn(...xs));
          gradgradcheck(whole, leaves(drawn), { fast: true, rng: new Rng(probe), eps: 1e-5, atol: 1e-3, rtol: 1e-3 });
        },
      ),
      runsOf(claim, 4),
    ));

  test('at x = y the distance has the gradient 0, and the squared distance the gradient 0 and curvature', () =>
    fc.assert(
      fc.property(coordinates(claim, 1), (drawn) => {
        const g = claim.make(drawn.c);
        const x = g.expOrigin(tangentsOf(drawn)[0]).detach();
        const [a, b] = [x, x].map((t) => Object.assign(t.detach(), { requiresGrad: true }));
        for (const d of [g.distance(a, b), g.squaredDistance(a, b)])
          for (const slope of grad(sum(d), [a, b]))
            assertAlike(slope, zeros(x.shape, { dtype: 'float64' }), 0, 'gradient');
      }),
      runsOf(claim),
    ));
}

function agreesInFloat32(claim: ManifoldClaim): void {
  test('float32 agrees with float64 within 2e-4 of the largest value, near the origin within 2e-5', () =>
    fc.assert(
      fc.property(coordinates(claim, 5), fc.constantFrom(...names), fc.boolean(), (drawn, name, near) => {
        const values = drawn.values.map((list) => list.map((v) => (near ? v / 4 : v / 2)));
        const { geometry, x, y, u } = settingOf(claim, { ...drawn, values }, 'float32');
        const [single, double] = [
          functions[name](geometry, x, y, u),
          functions[name](
            geometry,
            geometry.project(cast(x, 'float64')),
            geometry.project(cast(y, 'float64')),
            cast(u, 'float64'),
          ),
        ];
        const unit = Math.max(1, 1 / Math.sqrt(drawn.c));
        assertAlike(cast(single, 'float64'), double, (near ? 2e-5 : 2e-4) * unit, name);
      }),
      runsOf(claim),
    ));
}

function flattens(claim: ManifoldClaim): void {
  const { scale = 1 } = claim;
  test(`as c → 0, distances tend to ${scale} times those of ordinary space, and so do exp and transport`, () =>
    fc.assert(
      fc.property(coordinates(claim, 2), (drawn) => {
        const [a, b] = tangentsOf({ ...drawn, c: 1 });
        const flat = mul(norm(sub(a, b), { axis: -1 }), scale);
        for (const [c, tolerance] of [
          [1e-4, 1e-2],
          [1e-8, 1e-6],
          [1e-12, 1e-10],
        ]) {
          const g = claim.make(c);
          assertAlike(g.distance(g.expOrigin(a), g.expOrigin(b)), flat, tolerance, `distance at c = ${c}`);
        }
      }),
      runsOf(claim),
    ));
}
