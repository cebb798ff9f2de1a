import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sign } from '../../../src/autograd/ops/arithmetic.ts';
import { ceil, floor, remainder, round } from '../../../src/autograd/ops/rounding.ts';
import { DomainError, DTypeError, grad, meta, sum, type Tensor, tensor, zeros } from '../../../src/index.ts';
import type { Values } from '../../harness/arbitraries.ts';
import { assertHolds, assertRefuses } from '../../harness/compare.ts';
import { checkOp } from '../../harness/op.ts';

/** Odd multiples of 1/8: neither whole, nor half way. */
const betweenSteps: Values = (size) =>
  fc.array(
    fc.integer({ min: -20, max: 20 }).map((k) => (2 * k + 1) / 8),
    { minLength: size, maxLength: size },
  );

for (const op of [floor, ceil, round]) checkOp(op, { values: betweenSteps });

/** Quarters from 1 on, in either direction: an odd number of eighths is no multiple of one. */
const quarters: Values = (size) =>
  fc.array(
    fc.tuple(fc.constantFrom(-1, 1), fc.integer({ min: 4, max: 20 })).map(([side, k]) => (side * k) / 4),
    { minLength: size, maxLength: size },
  );

checkOp(remainder, { values: [betweenSteps, quarters] });

const { NaN: nan } = Number;
const double = (values: number[]) => tensor(values, { dtype: 'float64', requiresGrad: true });
const whole = (values: number[]) => tensor(values, { dtype: 'int32' });

test('floor, ceil and round: by hand, halves to the even number', () => {
  const x = double([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.3, -0.3, -0, nan, Infinity, -Infinity]);
  assertHolds(floor(x), [-3, -2, -1, 0, 1, 2, 0, -1, -0, nan, Infinity, -Infinity]);
  assertHolds(ceil(x), [-2, -1, -0, 1, 2, 3, 1, -0, -0, nan, Infinity, -Infinity]);
  assertHolds(round(x), [-2, -2, -0, 0, 2, 2, 0, -0, -0, nan, Infinity, -Infinity]);
  assertHolds(round(double([0.49999999999999994, 2 ** 52 + 1, -(2 ** 53)])), [0, 2 ** 52 + 1, -(2 ** 53)]);
  assertHolds(round(whole([-3, 4])), [-3, 4]);
});

test('round is the nearest whole number, and even when two are', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.integer().map((k) => k / 2),
      ),
      (v) => {
        const y = round(double([v])).item();
        assert.ok(Number.isInteger(y) && Math.abs(y - v) <= 0.5);
        if (Math.abs(y - v) === 0.5) assert.ok(y % 2 === 0);
      },
    ),
  );
});

test('steps have the gradient 0, past NaN and infinity, and on meta', () => {
  for (const op of [floor, ceil, round, sign]) {
    const x = double([0, 0.5, 1.5, nan, Infinity]);
    assertHolds(grad(sum(op(x)), [x])[0], [0, 0, 0, 0, 0], op.name);
    const shadow = zeros([2], { device: meta, requiresGrad: true });
    assert.equal(grad(sum(op(shadow)), [shadow])[0].device, meta);
  }
});

test('remainder: the sign of the divisor, as in Python', () => {
  const [a, b] = [double([5, -5, 5, -5, 6, -6, 5.5, -0.25]), double([3, 3, -3, -3, 3, -3, 2, 1])];
  assertHolds(remainder(a, b), [2, 1, -1, -2, 0, -0, 1.5, 0.75]);
  assertHolds(remainder(double([1, -1, 1, Infinity, nan, 1, 0]), double([0, Infinity, Infinity, 2, 1, nan, -2])), [
    nan,
    Infinity,
    1,
    nan,
    nan,
    nan,
    -0,
  ]);
  assertHolds(remainder(whole([7, -7, 7, -7]), whole([4, 4, -4, -4])), [3, 1, -1, -3]);
  assertHolds(remainder(whole([-7]), 4), [1]);
});

test('remainder: gradients 1 and −⌊a/b⌋', () => {
  const [a, b] = [double([5, -5, 5, -5.5]), double([3, 3, -3, -2])];
  const [da, db] = grad(sum(remainder(a, b)), [a, b]);
  assertHolds(da, [1, 1, 1, 1]);
  assertHolds(db, [-1, 2, 2, -2]);
});

test('remainder differs from a by whole steps of b and lies between 0 and b', () => {
  const sizes = fc.integer({ min: -4096, max: 4096 });
  fc.assert(
    fc.property(sizes, sizes, (m, n) => {
      if (n === 0) return;
      const [a, b] = [m / 16, n / 64];
      const r = remainder(double([a]), b).item();
      assert.ok(Number.isInteger((a - r) / b) && (b > 0 ? r >= 0 && r < b : r <= 0 && r > b), `${a} ${b} ${r}`);
    }),
  );
});

test('remainder of int32 by 0, and of bool, is refused', () => {
  assertRefuses(() => remainder(whole([1]), whole([0])), DomainError, 'remainder', /by 0/);
  assertRefuses(() => remainder(tensor([true]), tensor([true])), DTypeError, 'remainder', /bool/);
  const shadow: Tensor = zeros([2], { dtype: 'int32', device: meta });
  assert.deepEqual(remainder(shadow, shadow).shape, [2]);
});
