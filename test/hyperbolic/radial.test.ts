/** Functions of the squared length: each is an op whose derivatives are ops of the same family, exact at the origin and held at the guard. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { edge, farthest } from '../../src/hyperbolic/guards.ts';
import {
  artanhcRoot,
  asinhcRoot,
  ballClip,
  conformal,
  coshRoot,
  type RadialOrder,
  sinhcRoot,
  spaceClip,
  tanhcRoot,
} from '../../src/hyperbolic/radial.ts';
import { inverseOrZero, rootOrZero } from '../../src/hyperbolic/root.op.ts';
import { grad, type Op, sum, type Tensor, tensor } from '../../src/index.ts';
import { awayFromZero, type Values } from '../harness/arbitraries.ts';
import { checkOp } from '../harness/op.ts';
import { assertNear } from '../harness/optimizer.ts';

/** From the step of a difference above 0 to 0.96: within every domain, on both sides of where a series ends. */
const below1: Values = (size) =>
  fc.array(
    fc.integer({ min: 1, max: 48 }).map((k) => k / 50),
    { minLength: size, maxLength: size },
  );
/** From near 0 to 80, on both sides of where a series ends. */
const wide: Values = (size) =>
  fc.array(fc.constantFrom(0.01, 0.2, 0.3, 0.7, 1.5, 3, 5, 20, 80), { minLength: size, maxLength: size });
const orders = [{}, { order: 2 }];

for (const op of [coshRoot, sinhcRoot]) checkOp(op, { attrs: orders, values: wide, tolerance: 1e-5 });
for (const op of [tanhcRoot, asinhcRoot, ballClip, spaceClip]) checkOp(op, { attrs: orders, values: below1 });
for (const op of [artanhcRoot, conformal])
  checkOp(op, { attrs: orders, values: below1, tolerance: 2e-5, difference: { eps: 1e-6, atol: 1e-4, rtol: 1e-4 } });
checkOp(rootOrZero);
checkOp(inverseOrZero, { values: awayFromZero(1 / 4) });

const float64 = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'float64' });

describe('radial functions', () => {
  const plain: readonly (readonly [Op<1, RadialOrder>, (r: number) => number])[] = [
    [coshRoot, Math.cosh],
    [sinhcRoot, (r) => Math.sinh(r) / r],
    [tanhcRoot, (r) => Math.tanh(r) / r],
    [asinhcRoot, (r) => Math.asinh(r) / r],
    [artanhcRoot, (r) => Math.atanh(r) / r],
    [conformal, (r) => 1 / (1 - r * r)],
  ];

  test('values are those of the function of the length, to 1e-14 relative', () => {
    for (const [op, f] of plain)
      for (let r = 1 / 64; r < 0.999; r += 1 / 64) {
        const [y, expected] = [op(float64([r * r])).data[0], f(Math.sqrt(r * r))];
        assert.ok(Math.abs(y - expected) <= 1e-14 * expected, `${op.record.name}(${r}²) is ${y}, expected ${expected}`);
      }
  });

  test('at 0 the value is 1 and the k-th derivative k! times its coefficient', () => {
    const at0 = [
      [coshRoot, 1 / 2, 2 / 24],
      [sinhcRoot, 1 / 6, 2 / 120],
      [tanhcRoot, -1 / 3, 4 / 15],
      [asinhcRoot, -1 / 6, 2 * (3 / 40)],
      [artanhcRoot, 1 / 3, 2 / 5],
      [conformal, 1, 2],
    ] as const;
    for (const [op, first, second] of at0)
      assertNear(
        [0, 1, 2].map((order) => op(float64([0]), { order }).data[0]),
        [1, first, second],
        1e-15,
        op.record.name,
      );
  });

  test('the two ways of computing a derivative meet where one ends and the other begins', () => {
    for (const [op, until] of [
      [sinhcRoot, 4],
      [asinhcRoot, 0.25],
      [artanhcRoot, 0.25],
      [tanhcRoot, 0.5],
    ] as const)
      for (let order = 0; order <= 4; order++) {
        const at = [2 ** -10, until / 4][order] ?? until;
        const [under, over] = [at * (1 - 1e-13), at].map((s) => op(float64([s]), { order }).data[0]);
        const exact = order > 1 ? 1e-9 : 2e-12;
        assert.ok(
          Math.abs(under - over) <= exact * Math.abs(over),
          `${op.record.name}, order ${order}: ${under}, ${over}`,
        );
      }
  });

  test('beyond the guard a length is held there and a gradient is finite, to infinity', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const [R, ball] = [farthest(dtype), edge(dtype)];
      const held = [
        [sinhcRoot, R, Math.sinh(R)],
        [tanhcRoot, R / 2, ball],
        [artanhcRoot, ball, R / 2],
        [ballClip, ball, ball],
        [spaceClip, Math.sinh(R), Math.sinh(R)],
      ] as const;
      const exact = dtype === 'float64' ? 1e-4 : 1e-2;
      for (const [op, limit, most] of held)
        for (const r of [1, 1.5, 1e6].map((k) => limit * k)) {
          const s = tensor([r * r], { dtype, requiresGrad: true });
          const y = op(s);
          assertNear([(y.data[0] * Math.sqrt(s.data[0])) / most], [1], exact, `${op.record.name} ${dtype} at ${r}`);
          const [ds] = grad(sum(y), [s]);
          assert.ok(Number.isFinite(ds.data[0]), `the gradient of ${op.record.name} at ${r} is ${ds}`);
        }
      assertNear(coshRoot(tensor([1e30], { dtype })).data, [Math.cosh(R)], 1e-6);
      assertNear(
        conformal(tensor([1, 2], { dtype })).data,
        [1, 1].map(() => 1 / (1 - ball * ball)),
        1e-6,
      );
    }
  });

  test('rootOrZero and inverseOrZero have the gradient 0 at 0, to second order', () => {
    const x = tensor([0, 4], { dtype: 'float64', requiresGrad: true });
    const [dx] = grad(sum(rootOrZero(x)), [x], { createGraph: true });
    assertNear(dx.data, [0, 0.25], 0);
    const [ddx] = grad(sum(dx), [x]);
    assertNear(ddx.data, [0, -1 / 32], 1e-16);
    assertNear(inverseOrZero(tensor([0, -2])).data, [0, -0.5], 0);
  });
});
