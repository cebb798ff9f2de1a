/** Points of all sizes, from the origin to the margin and beyond it, over curvatures of five orders of magnitude. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Geometry } from '../../../src/hyperbolic/geometry.ts';
import { backward, mul, Rng, randn, sum, type Tensor, tensor } from '../../../src/index.ts';

/** A case: points are exp₀ of tangents of lengths `radius`/√c. */
export interface Far {
  readonly c: number;
  readonly dtype: 'float32' | 'float64';
  readonly radii: readonly number[];
  readonly seed: number;
}

const logUniform = (low: number, high: number): fc.Arbitrary<number> =>
  fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map(Math.exp);

/** Radii 0, 1e-15..1e3; c in 1e-3..1e2; both dtypes. */
export const farCases: fc.Arbitrary<Far> = fc.record({
  c: fc.oneof(fc.constantFrom(1e-3, 1, 1e2), logUniform(1e-3, 1e2)),
  dtype: fc.constantFrom('float32', 'float64'),
  radii: fc.array(
    fc.oneof({ arbitrary: fc.constantFrom(0, 1e-15, 3, 12, 26, 1e3), weight: 2 }, logUniform(1e-15, 1e3)),
    {
      minLength: 3,
      maxLength: 3,
    },
  ),
  seed: fc.noShrink(fc.nat(1e6)),
});

/** Tangents at the origin [radii, d] of those lengths in random directions, divided by √c. */
export function farTangents({ c, dtype, radii, seed }: Far, d: number): Tensor {
  const rng = new Rng(seed);
  const rows = radii.map((radius) => {
    const u = Array.from({ length: d }, () => rng.normal());
    const length = Math.hypot(...u);
    return u.map((v) => (v / length) * (radius / Math.sqrt(c)));
  });
  return tensor(rows, { dtype });
}

/** Those points [radii, n]. */
export const farPoints = (geometry: Geometry, far: Far, d: number): Tensor =>
  geometry.expOrigin(farTangents(far, d)).detach();

/** Fails unless y and the gradients of a random combination of it by all leaves are finite. */
export function assertFinite(y: Tensor, leaves: readonly Tensor[], seed: number, what: string): void {
  const finite = (t: Tensor, name: string): void => {
    if (!t.data.every(Number.isFinite)) assert.fail(`${what}: ${name} is not finite: ${t}`);
  };
  finite(y, 'value');
  for (const leaf of leaves) leaf.grad = null;
  backward(sum(mul(y, randn(y.shape, new Rng(seed), { dtype: y.dtype }))));
  for (const [i, leaf] of leaves.entries()) if (leaf.grad !== null) finite(leaf.grad, `gradient ${i}`);
}
