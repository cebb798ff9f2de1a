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
import { leaf } from './cases.ts';
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
  secondOrder(claim);
  kinks(claim);
  agreesInFloat32(claim);
  staysFinite(claim);
  returns(claim);
  flattens(claim);
}

/**
 * A function of points and a tangent as one of tangents at the origin and of c. It depends on all of them, if only by nothing times a
 * square: what a geometry does not use has no gradient otherwise.
 */
function throughTangents(claim: ManifoldClaim, name: string): (...xs: Tensor[]) => Tensor {
  return (...xs) => {
    const [a, b, v, c] = xs;
    const g = claim.make(c);
    const [x, y] = [g.expOrigin(a), g.expOrigin(b)];
    const made = functions[name](g, x, y, g.log(x, g.expOrigin(v)));
    return xs.reduce((total, t) => total.add(sum(t.square()).mul(0)), made);
  };
}

/** The operands of that. */
const leavesOf = (drawn: Coordinates): Tensor[] =>
  [...tangentsOf(drawn), tensor(drawn.c, { dtype: 'float64' })].map(leaf);

function gradientLaws(claim: ManifoldClaim): void {
  const check = (drawn: Coordinates, name: string, probe: number): void => {
    try {
      const options = { fast: true, rng: new Rng(probe), eps: 1e-5, atol: 1e-4, rtol: 1e-4 };
      gradcheck(throughTangents(claim, name), leavesOf(drawn), options);
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  };
  const cases = apartTangents(claim);
  test('gradients are the central differences, of points, tangents and c', () =>
    fc.assert(fc.property(cases, fc.constantFrom(...names), probes, check), runsOf(claim)));

  const limits = fc.property(cases, fc.constantFrom(...smooth), fc.nat(2), probes, (drawn, name, at, probe) => {
    // No tangent, y where x is, and, for some, both at the origin.
    const [first] = drawn.values;
    const values = drawn.values.map((list, i) => (i === at || i === 2 ? list.map(() => 0) : first));
    check({ ...drawn, values }, name, probe);
  });
  test('at the origin, at x = y and along no tangent, what is smooth has the gradients of its limits', () =>
    fc.assert(limits, runsOf(claim, 2)));
}

function secondOrder(claim: ManifoldClaim): void {
  const some = fc.constantFrom('distance', 'squaredDistance', 'exp', 'log', 'transport', 'midpoint');
  const law = fc.property(apartTangents(claim), some, probes, (drawn, name, probe) => {
    const options = { fast: true, rng: new Rng(probe), eps: 1e-5, atol: 1e-3, rtol: 1e-3 };
    gradgradcheck(throughTangents(claim, name), leavesOf(drawn), options);
  });
  test('second derivatives are the central differences of the first', () => fc.assert(law, runsOf(claim, 4)));
}

function kinks(claim: ManifoldClaim): void {
  const law = fc.property(coordinates(claim, 1), (drawn) => {
    const g = claim.make(drawn.c);
    const x = g.expOrigin(tangentsOf(drawn)[0]);
    const [a, b] = [x, x].map(leaf);
    for (const d of [g.distance(a, b), g.squaredDistance(a, b)])
      for (const slope of grad(sum(d), [a, b])) assertAlike(slope, zeros(x.shape, { dtype: 'float64' }), 0, 'gradient');
  });
  test('at x = y the distance and its square have the gradient 0', () => fc.assert(law, runsOf(claim)));
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
