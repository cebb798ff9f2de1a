/** A space from the origin to the margin: nothing is NaN or infinite, and nothing below the clamp is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Geometry } from '../../src/hyperbolic/geometry.ts';
import { type DType, grad, mul, norm, Rng, randn, sub, sum, type Tensor, tensor } from '../../src/index.ts';
import { probes } from './arbitraries.ts';
import { leaf } from './cases.ts';
import { assertFinite, batch, functions, type ManifoldClaim, runsOf, tangentAt } from './manifoldCases.ts';

/** Numbers of every size that a tangent at the origin may have, times 1/√c: up to R and beyond. */
const radii = fc.constantFrom(0, 1e-30, 1e-15, 1e-8, 1e-4, 0.01, 0.5, 1, 3, 8, 12, 14, 26, 30, 1000);
const lengths = fc.constantFrom(0, 1e-15, 1e-10, 1e-5, 1e-2, 1, 10, 1e3);

/** One draw: two points and a tangent at one of them, each of its own size. */
interface Extremes {
  readonly d: number;
  readonly c: number;
  readonly dtype: DType;
  readonly radii: readonly [number, number];
  readonly length: number;
  readonly turn: string;
  readonly probe: number;
}

/** Points x and y on rays that are the same, opposite or any, a tangent u at x, and one at the origin; all leaves. */
function extremes(start: Geometry, { d, c, dtype, radii: [r, q], length, turn, probe }: Extremes): readonly Tensor[] {
  const rng = new Rng(probe);
  const ray = (): Tensor => {
    const v = randn([batch, d], rng, { dtype });
    return v.div(norm(v, { axis: -1, keepDims: true }));
  };
  const first = ray();
  const second = turn === 'any' ? ray() : mul(first, turn === 'same' ? 1 : -1);
  const x = start.expOrigin(mul(first, r / Math.sqrt(c)));
  const y = start.expOrigin(mul(second, q / Math.sqrt(c)));
  const u = mul(tangentAt(start, x, mul(ray(), 1e-2)), 100 * length);
  return [x, y, u, mul(ray(), length)].map(leaf);
}

/** No finite input gives NaN or infinity. */
export function staysFinite(claim: ManifoldClaim): void {
  const { dims = [1, 2, 3, 4] } = claim;
  const cases: fc.Arbitrary<Extremes> = fc.record({
    d: fc.constantFrom(...dims),
    c: fc.constantFrom(1e-3, 0.1, 1, 10, 100),
    dtype: fc.constantFrom<DType>('float32', 'float64'),
    radii: fc.tuple(radii, radii),
    length: lengths,
    turn: fc.constantFrom('same', 'opposite', 'any'),
    probe: probes,
  });
  const law = fc.property(cases, (drawn) => {
    const curvature = tensor(drawn.c, { dtype: drawn.dtype, requiresGrad: true });
    const [x, y, u, v] = extremes(claim.make(drawn.c), drawn);
    const g = claim.make(curvature);
    const all: typeof functions = { ...functions, expOrigin: () => g.expOrigin(v) };
    for (const [name, f] of Object.entries(all)) {
      const made = f(g, x, y, u);
      assertFinite(made, name);
      if (!made.requiresGrad) continue;
      for (const [i, slope] of grad(sum(made), [x, y, u, v, curvature], { allowUnused: true }).entries())
        if (slope !== null) assertFinite(slope, `gradient ${i} of ${name}`);
    }
  });
  test('no point up to the margin and no tangent up to 1000 gives NaN or infinity, in values or gradients', () =>
    fc.assert(law, runsOf(claim)));
}

/** Below the clamp log∘exp is the identity, up to what rounding of a point so far out means for a tangent. */
export function returns(claim: ManifoldClaim): void {
  test('log∘exp = id for tangents of every size below the clamp, in float32 and float64', () =>
    fc.assert(
      fc.property(
        fc.constantFrom(...(claim.dims ?? [1, 2, 3])),
        fc.constantFrom(1e-3, 0.1, 1, 10, 100),
        fc.constantFrom<DType>('float32', 'float64'),
        fc.constantFrom(1e-15, 1e-8, 1e-4, 0.1, 1, 3, 5),
        fc.constantFrom(0.1, 1, 3),
        probes,
        (d, c, dtype, size, out, probe) => {
          const g = claim.make(c);
          const v = randn([1, d], new Rng(probe), { dtype });
          const tangent = mul(v, size / (Math.sqrt(c) * Math.hypot(...v.data)));
          const back = sub(g.logOrigin(g.expOrigin(tangent)), tangent);
          const eps = dtype === 'float64' ? 2 ** -52 : 2 ** -23;
          const error = Math.hypot(...back.data) / Math.hypot(...tangent.data);
          assert.ok(error <= 8 * eps * Math.exp(2 * size), `off by ${error} of ${size}, ${dtype}, c = ${c}`);
          // From a point x off the origin a coordinate is rounded beside x, not beside the tangent.
          const x = g.expOrigin(mul(randn([1, d], new Rng(probe + 1), { dtype }), out / Math.sqrt(c * d)));
          const u = tangentAt(g, x, tangent);
          const length = Math.sqrt(c) * g.norm(x, u).item();
          const off = Math.sqrt(c) * g.norm(x, g.projectTangent(x, sub(g.log(x, g.exp(x, u)), u))).item();
          const radius = Math.sqrt(c) * g.distance(x, g.origin(d, [1], { dtype })).item() + length;
          assert.ok(
            off <= 16 * eps * Math.exp(radius) * (1 + length),
            `off by ${off} at ${out}, of ${size}, ${dtype}, c = ${c}`,
          );
        },
      ),
      runsOf(claim),
    ));
}
