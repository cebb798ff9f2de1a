/** The numerics of a space: gradients, float32, ranges from the origin to the margin, and what becomes of it as c → 0. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Geometry } from '../../src/hyperbolic/geometry.ts';
import {
  cast,
  type DType,
  grad,
  gradcheck,
  gradgradcheck,
  mul,
  norm,
  Rng,
  randn,
  stack,
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
  assertFinite,
  batch,
  type Coordinates,
  coordinates,
  type ManifoldClaim,
  settingOf,
  tangentAt,
  tangentsOf,
} from './manifoldCases.ts';

/** What a geometry computes of points x, y and a tangent u at x. */
const functions: Readonly<Record<string, (g: Geometry, x: Tensor, y: Tensor, u: Tensor) => Tensor>> = {
  project: (g, x) => g.project(x),
  projectTangent: (g, x, _y, u) => g.projectTangent(x, u),
  toRiemannian: (g, x, _y, u) => g.toRiemannian(x, u),
  inner: (g, x, _y, u) => g.inner(x, u, u),
  norm: (g, x, _y, u) => g.norm(x, u),
  componentInner: (g, x, _y, u) => g.componentInner(x, u),
  exp: (g, x, _y, u) => g.exp(x, u),
  log: (g, x, y) => g.log(x, y),
  logOrigin: (g, x) => g.logOrigin(x),
  transport: (g, x, y, u) => g.transport(x, y, u),
  distance: (g, x, y) => g.distance(x, y),
  squaredDistance: (g, x, y) => g.squaredDistance(x, y),
  pairwiseDistance: (g, x, y) => g.pairwiseDistance(x, y),
  geodesic: (g, x, y) => g.geodesic(x, y, 0.3),
  midpoint: (g, x, y) => g.midpoint(stack([x, y], { axis: 1 })),
};
const names = Object.keys(functions);

/** A share of the cases, where each is dear. */
const fewer = (by: number): number => Math.ceil((fc.readConfigureGlobal().numRuns ?? 100) / by);

/** Register the laws. */
export function numericLaws(claim: ManifoldClaim): void {
  gradientLaws(claim);
  agreesInFloat32(claim);
  isFinite(claim);
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
      { numRuns: fewer(4) },
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
    ));
}

/** Numbers of every size that a tangent at the origin may have, times 1/√c: up to R and beyond. */
const radii = fc.constantFrom(0, 1e-30, 1e-15, 1e-8, 1e-4, 0.01, 0.5, 1, 3, 8, 12, 14, 26, 30, 1000);
const lengths = fc.constantFrom(0, 1e-15, 1e-10, 1e-5, 1e-2, 1, 10, 1e3);

function isFinite(claim: ManifoldClaim): void {
  const { dims = [1, 2, 3, 4] } = claim;
  const cases = fc.record({
    d: fc.constantFrom(...dims),
    c: fc.constantFrom(1e-3, 0.1, 1, 10, 100),
    dtype: fc.constantFrom<DType>('float32', 'float64'),
    radii: fc.tuple(radii, radii),
    length: lengths,
    turn: fc.constantFrom('same', 'opposite', 'any'),
    probe: probes,
  });
  test('no point up to the margin and no tangent up to 1000 gives NaN or infinity, in values or gradients', () =>
    fc.assert(
      fc.property(cases, ({ d, c, dtype, radii: [r, q], length, turn, probe }) => {
        const curvature = tensor(c, { dtype, requiresGrad: true });
        const g = claim.make(curvature);
        const rng = new Rng(probe);
        const ray = (): Tensor => {
          const v = randn([batch, d], rng, { dtype });
          return v.div(norm(v, { axis: -1, keepDims: true }));
        };
        const first = ray();
        const second = turn === 'any' ? ray() : mul(first, turn === 'same' ? 1 : -1);
        const start = claim.make(c);
        const [x, y] = [
          [first, r],
          [second, q],
        ].map(([t, k]) => start.expOrigin(mul(t as Tensor, (k as number) / Math.sqrt(c))).detach());
        const u = mul(tangentAt(start, x, mul(ray(), 1e-2)), 100 * length).detach();
        for (const t of [x, y, u]) t.requiresGrad = true;
        for (const name of names) {
          const made = functions[name](g, x, y, u);
          assertFinite(made, name);
          const wanted = [x, y, u, curvature];
          if (!made.requiresGrad) continue;
          for (const [i, slope] of grad(sum(made), wanted, { allowUnused: true }).entries())
            if (slope !== null) assertFinite(slope, `gradient ${i} of ${name}`);
        }
        const v = mul(ray(), length).detach();
        v.requiresGrad = true;
        const reached = g.expOrigin(v);
        assertFinite(reached, 'expOrigin');
        for (const slope of grad(sum(reached), [v])) assertFinite(slope, 'gradient of expOrigin');
      }),
    ));
}

/** Below the clamp log∘exp is the identity, up to what rounding of a point so far out means for a tangent. */
function returns(claim: ManifoldClaim): void {
  test('log∘exp = id for tangents of every size below the clamp, in float32 and float64', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...(claim.dims ?? [1, 2, 3])),
        fc.constantFrom(1e-3, 0.1, 1, 10, 100),
        fc.constantFrom<DType>('float32', 'float64'),
        fc.constantFrom(1e-15, 1e-8, 1e-4, 0.1, 1, 3, 5),
        probes,
        (d, c, dtype, size, probe) => {
          const g = claim.make(c);
          const v = randn([1, d], new Rng(probe), { dtype });
          const tangent = mul(v, size / (Math.sqrt(c) * Math.hypot(...v.data)));
          const back = sub(g.logOrigin(g.expOrigin(tangent)), tangent);
          const eps = dtype === 'float64' ? 2 ** -52 : 2 ** -23;
          const error = Math.hypot(...back.data) / Math.hypot(...tangent.data);
          assert.ok(error <= 8 * eps * Math.exp(2 * size), `off by ${error} of ${size}, ${dtype}, c = ${c}`);
        },
      ),
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
    ));
}
