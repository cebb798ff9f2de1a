import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  cos,
  cosh,
  sin,
  sinh,
  tan,
} from '../../../src/autograd/ops/trigonometric.ts';
import { grad, sum, type Tensor, tensor } from '../../../src/index.ts';
import { awayFromZero, within } from '../../harness/arbitraries.ts';
import { assertClose, assertHolds } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

for (const op of [sin, cos, atan, sinh, cosh, asinh]) checkOp(op);
for (const op of [asin, acos, acosh, atanh]) checkOp(op);
checkOp(tan, { values: within([-1.4, 1.4]) });
checkOp(atan2, { values: awayFromZero(0.25) });

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const slopeAt = (op: (x: Tensor) => Tensor, values: number[]): Tensor => {
  const x = double(values);
  return grad(sum(op(x)), [x])[0];
};

test('special values: zeros keep their sign, infinities have their limits, NaN stays', () => {
  const ends = [0, -0, Infinity, -Infinity, nan];
  const expected: readonly (readonly [(x: Tensor) => Tensor, number[]])[] = [
    [sin, [0, -0, nan, nan, nan]],
    [cos, [1, 1, nan, nan, nan]],
    [tan, [0, -0, nan, nan, nan]],
    [asin, [0, -0, nan, nan, nan]],
    [acos, [Math.PI / 2, Math.PI / 2, nan, nan, nan]],
    [atan, [0, -0, Math.PI / 2, -Math.PI / 2, nan]],
    [sinh, [0, -0, Infinity, -Infinity, nan]],
    [cosh, [1, 1, Infinity, Infinity, nan]],
    [asinh, [0, -0, Infinity, -Infinity, nan]],
    [acosh, [nan, nan, Infinity, nan, nan]],
    [atanh, [0, -0, nan, nan, nan]],
  ];
  for (const [op, values] of expected) assertHolds(op(double(ends)), values, op.name);
  assertHolds(asin(double([1, -1, 1.5])), [Math.PI / 2, -Math.PI / 2, nan]);
  assertHolds(acos(double([1, -1, -1.5])), [0, Math.PI, nan]);
  assertHolds(acosh(double([1, 0.5])), [0, nan]);
  assertHolds(atanh(double([1, -1, 2])), [Infinity, -Infinity, nan]);
});

test('gradients at the ends of the domain are infinite, and right beside them', () => {
  assertHolds(slopeAt(asin, [1, -1, 0]), [Infinity, Infinity, 1]);
  assertHolds(slopeAt(acos, [1, -1, 0]), [-Infinity, -Infinity, -1]);
  assertHolds(slopeAt(acosh, [1]), [Infinity]);
  assertHolds(slopeAt(atanh, [1, -1, 0]), [Infinity, Infinity, 1]);
  // 1 − x² = h·(2 − h) at x = 1 − h, of which a difference of squares keeps half the digits here.
  const h = 1 - (1 - 1.23e-8);
  const side = h * (2 - h);
  for (const [op, slope] of [
    [asin, 1 / Math.sqrt(side)],
    [acos, -1 / Math.sqrt(side)],
    [atanh, 1 / side],
  ] as const)
    assertClose(slopeAt(op, [1 - h]), tensor([slope], { dtype: 'float64' }), 1e-15, op.name);
});

test('atan2: quadrants, axes and signed zeros', () => {
  const y = double([1, 1, -1, -1, 0, 0, -0, 1, -1, Infinity, nan]);
  const x = double([1, -1, -1, 1, 1, -1, -1, 0, 0, Infinity, 1]);
  const quarter = Math.PI / 4;
  assertClose(atan2(y, x), double([1, 3, -3, -1, 0, 4, -4, 2, -2, 1, nan].map((k) => k * quarter)), 1e-15, 'angles');
});

test('atan2: the gradient is right where the squares would overflow or vanish', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 1000 }), fc.double({ min: -3, max: 3, noNaN: true }), (k, angle) => {
      const r = 2 ** k;
      const y = double([Math.sin(angle)]);
      const x = double([Math.cos(angle)]);
      const [dy, dx] = grad(sum(atan2(y, x)), [y, x]);
      const [far, wide] = [double([y.item() * r]), double([x.item() * r])];
      const [farDy, farDx] = grad(sum(atan2(far, wide)), [far, wide]);
      assert.ok(Math.abs(farDy.item() * r - dy.item()) <= 1e-15, `${farDy} ${dy}`);
      assert.ok(Math.abs(farDx.item() * r - dx.item()) <= 1e-15, `${farDx} ${dx}`);
    }),
  );
});

test('identities: sin² + cos² = 1, cosh² − sinh² = 1, tan = sin/cos, atan2(sin, cos) is the angle', () => {
  fc.assert(
    fc.property(fc.double({ min: -3, max: 3, noNaN: true }), (v) => {
      const x = double([v]);
      const [s, c, t] = [sin(x).item(), cos(x).item(), tan(x).item()];
      const [sh, ch] = [sinh(x).item(), cosh(x).item()];
      assert.ok(Math.abs(s * s + c * c - 1) <= 4e-16);
      assert.ok(Math.abs(ch * ch - sh * sh - 1) <= 1e-15 * ch * ch);
      assert.ok(Math.abs(t - s / c) <= 4e-16 * Math.abs(t));
      assert.ok(Math.abs(atan2(sin(x), cos(x)).item() - v) <= 1e-15);
    }),
  );
});
